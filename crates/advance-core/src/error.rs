//! One error type, classified by what the caller should do about it.

mod hint;
mod kind;
mod parts;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

pub use kind::{ErrorKind, ProtocolFault};
pub use parts::ErrorParts;

use crate::charge::{Charge, Charges};
use crate::domain::TransactionId;
use crate::transport::Failure;
use crate::wipe::Wiped;
use crate::wire::{Code, CodeClass, DecodeError, RawJson};

/// Why a call did not bring what was asked for.
///
/// The text says what happened, what the vendor said, and what to do; [`parts`](Self::parts) has these one by one. It never
/// holds a key, a token, a signature, a link's query, a field of a result or what the caller sent.
///
/// **`==` compares kinds.** Two errors are equal if their [`kind`](Self::kind)s are, with any codes, messages, ids and
/// costs: so a test says which failure it expects, and a program that needs more compares what it needs.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    what: Cow<'static, str>,
    code: Option<Code>,
    message: Option<String>,
    transaction_id: Option<TransactionId>,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    charge: Charge,
    charges: Charges,
    sends: u32,
    hint: Option<&'static str>,
    reply: Option<Arc<Reply>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What came, for a caller who asks for it.
struct Reply {
    raw: Wiped<Vec<u8>>,
    extra: Option<RawJson>,
}

impl Error {
    fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            code: None,
            message: None,
            transaction_id: None,
            status: None,
            retry_after: None,
            charge: Charge::Unknown,
            charges: Charges::NONE,
            sends: 0,
            hint: None,
            reply: None,
            source: None,
        }))
    }

    /// A value that was refused before any I/O. `field` names it and `rule` says what it must be; neither may
    /// repeat the value.
    pub fn invalid(field: &'static str, rule: impl fmt::Display) -> Self {
        let mut error = Self::new(ErrorKind::Invalid, format!("{field} {rule}"));
        error.0.charge = Charge::Free;
        error
    }

    /// An error of this kind that no call ended with and that cost nothing: for tests of code that handles errors. One that a
    /// transport brought comes [from its failure](Self::from).
    ///
    /// ```
    /// use advance_core::{Advice, Charges, Code, Error, ErrorKind};
    ///
    /// assert_eq!(Error::of_kind(ErrorKind::ImageExpired).advice(), Advice::AskAgain);
    /// let busy = Error::of_code(Code::ServiceBusy).with_charges(Charges { free: 3, ..Charges::NONE });
    /// assert_eq!(busy.advice(), Advice::TryLater);
    /// ```
    pub fn of_kind(kind: ErrorKind) -> Self {
        let mut error = Self::new(kind, "made for a test");
        error.0.charge = Charge::Free;
        error
    }

    /// The error of a reply with this code, that no call ended with and that cost nothing: for tests of code that handles
    /// errors.
    pub fn of_code(code: Code) -> Self {
        let mut error = Self::api(code, None);
        error.0.charge = Charge::Free;
        error
    }

    /// The same error of a call that cost this, one request each: for tests.
    #[must_use]
    pub fn with_charges(self, charges: Charges) -> Self {
        let sends = charges
            .free
            .saturating_add(charges.pay)
            .saturating_add(charges.unknown);
        self.with_totals(charges, u32::try_from(sends).unwrap_or(u32::MAX))
    }

    pub(crate) fn transport(failure: Failure) -> Self {
        let mut error = Self::new(ErrorKind::Transport(failure.kind()), failure.what());
        error.0.charge = failure.sent().charge();
        error.0.hint = failure.advice();
        error.0.source = failure.into_source();
        error
    }

    pub(crate) fn protocol(
        fault: ProtocolFault,
        status: StatusCode,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut error = Self::new(ErrorKind::Protocol(fault), what);
        error.0.status = Some(status);
        error
    }

    pub(crate) fn decode(problem: DecodeError, status: StatusCode) -> Self {
        let what = format!("the reply does not fit the documented format ({problem})");
        let mut error = Self::new(ErrorKind::Decode, what);
        error.0.status = Some(status);
        error.0.source = Some(Arc::new(problem));
        error
    }

    pub(crate) fn missing_data() -> Self {
        Self::new(ErrorKind::MissingData, "the vendor answered SUCCESS without data")
    }

    pub(crate) fn api(code: Code, message: Option<String>) -> Self {
        let class = code.class();
        let what = code.explanation().unwrap_or("a code that is not documented");
        let mut error = Self::new(ErrorKind::Api(class), what);
        error.0.code = Some(code);
        error.0.message = message;
        error
    }

    /// The vendor refused another client a token, by this code if it is known.
    pub(crate) fn refused_elsewhere(code: Option<Code>, pause: Duration) -> Self {
        let mut error = match code {
            Some(code) => Self::api(code, None),
            None => Self::new(
                ErrorKind::Api(CodeClass::Throttle),
                "the vendor has no token for another client of the same account, and is left alone for a while",
            ),
        };
        // As where this client had asked for the token itself.
        if let ErrorKind::Api(CodeClass::Request | CodeClass::Auth) = error.kind()
            && error.code() != Some(&Code::ClientError)
        {
            error = error.with_class(CodeClass::Credentials);
        }
        error.with_retry_after(Some(pause))
    }

    pub(crate) fn dead_token() -> Self {
        Self::new(
            ErrorKind::DeadToken,
            "the server issues tokens that are already expired by its own Date header, twice in a row",
        )
    }

    pub(crate) fn deadline(what: &'static str) -> Self {
        let mut error = Self::new(ErrorKind::Deadline, what);
        error.0.charge = Charge::Free;
        error
    }

    /// About a picture: nothing was asked of the vendor, so nothing was charged.
    pub(crate) fn picture(kind: ErrorKind, what: &'static str) -> Self {
        let mut error = Self::new(kind, what);
        error.0.charge = Charge::Free;
        error
    }

    pub(crate) fn caused_by(mut self, failure: Failure) -> Self {
        self.0.source = failure.into_source();
        self
    }

    pub(crate) fn unfinished(kind: ErrorKind, what: &'static str) -> Self {
        Self::new(kind, what)
    }

    pub(crate) fn with_envelope(
        mut self,
        transaction_id: Option<TransactionId>,
        charge: Charge,
        status: StatusCode,
    ) -> Self {
        self.0.transaction_id = transaction_id;
        self.0.charge = charge;
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_reply(mut self, raw: Wiped<Vec<u8>>, extra: Option<RawJson>) -> Self {
        self.0.reply = Some(Arc::new(Reply { raw, extra }));
        self
    }

    pub(crate) fn with_code(mut self, code: Option<Code>) -> Self {
        self.0.code = code;
        self
    }

    /// The same code means something else where a token is asked for: who asks, not what for.
    pub(crate) fn with_class(mut self, class: CodeClass) -> Self {
        self.0.kind = ErrorKind::Api(class);
        self
    }

    /// What was wrong has been mended, and nothing but time is needed.
    pub(crate) fn mended(self, hint: &'static str) -> Self {
        self.with_class(CodeClass::Throttle).with_hint(hint)
    }

    /// The same error for calls that did not send the request: what came is none of theirs, neither its words nor its id.
    pub(crate) fn to_share(&self) -> Self {
        let mut error = self.clone();
        let inner = &mut *error.0;
        (inner.reply, inner.message, inner.transaction_id, inner.source) = (None, None, None, None);
        if let ErrorKind::Protocol(_) = inner.kind {
            // What it said of the reply may repeat some of it.
            inner.what = Cow::Borrowed("the server answered a token request with no envelope");
        }
        error
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Says what the whole call sent and what it cost, which for a shared verdict is what *this* call did.
    pub(crate) fn with_totals(mut self, charges: Charges, sends: u32) -> Self {
        self.0.charges = charges;
        self.0.charge = charges.summary();
        self.0.sends = sends;
        self
    }

    /// What kind of failure it was.
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The vendor's code, if a reply had one.
    pub const fn code(&self) -> Option<&Code> {
        self.0.code.as_ref()
    }

    /// The vendor's message, without any secret of this call that it repeats. It is for people and changes without
    /// notice; show it escaped.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The vendor's handle for this request, if a reply had one: the only one their support takes.
    pub const fn transaction_id(&self) -> Option<&TransactionId> {
        self.0.transaction_id.as_ref()
    }

    /// "Extra response info (Exception Message)" of a reply with a failure code, of no documented type. The server
    /// writes it and may repeat what it was sent, so the error's own text leaves it out.
    pub fn extra(&self) -> Option<&RawJson> {
        self.0.reply.as_ref()?.extra.as_ref()
    }

    /// The body of the reply as it came, if it was one in the vendor's format, however damaged: it may hold personal data
    /// and secrets. Empty of anything else (a page, a redirect, a picture's host), where no reply came, and where it came
    /// to another call.
    pub fn raw(&self) -> &[u8] {
        self.0.reply.as_ref().map_or(&[], |reply| &reply.raw)
    }

    /// The HTTP status, if a reply came. For this vendor failures come with 200.
    pub const fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// How long the server asked to wait, if it did.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the call cost in all, in one word.
    pub const fn charge(&self) -> Charge {
        self.0.charge
    }

    /// What each request of the call cost, retries and token requests included.
    pub const fn charges(&self) -> Charges {
        self.0.charges
    }

    /// How many requests the call sent, retries and token requests included.
    pub const fn sends(&self) -> u32 {
        self.0.sends
    }
}

impl From<Failure> for Error {
    /// Of a transport that could not be set up, for one.
    fn from(failure: Failure) -> Self {
        Self::transport(failure)
    }
}

impl PartialEq for Error {
    /// Errors are equal when their kinds are.
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("what", &inner.what)
            .field("code", &inner.code)
            .field("message", &self.parts().vendor_says)
            .field("transaction_id", &inner.transaction_id)
            .field("status", &inner.status)
            .field("retry_after", &inner.retry_after)
            .field("charges", &inner.charges)
            .field("sends", &inner.sends)
            .field("hint", &self.hint())
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::Advice;

    #[test]
    fn errors_are_equal_by_kind_and_cheap_to_clone() {
        let a = Error::api(
            Code::from("IAM_FAILED"),
            Some("Token not found or expired".into()),
        );
        let b = Error::api(Code::from("IAM_FAILED"), None);
        assert_eq!(a.clone(), b);
        assert_ne!(a, Error::missing_data());
        assert_eq!(std::mem::size_of::<Error>(), std::mem::size_of::<usize>());
    }

    #[test]
    fn vendor_text_is_escaped_and_cut() {
        let message = format!("a\r\nb\u{1b}[0m{}", "x".repeat(500));
        let error = Error::api(Code::from("NEW\nCODE"), Some(message));
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(['\n', '\r', '\u{1b}']), "{text}");
            assert!(text.len() < 900, "{} is long", text.len());
        }
    }

    #[test]
    fn the_text_says_what_to_do() {
        let error = Error::api(Code::from("INSUFFICIENT_BALANCE"), None);
        assert_eq!(error.advice(), Advice::TopUp);
        // `main` and `unwrap` show the second.
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.contains("top up"), "{text}");
        }
    }
}
