//! What a command says when it does not work: one paragraph for a person, or one object for a program.

use std::error::Error as StdError;
use std::io::Write as _;
use std::process::ExitCode;

use advance_core::wire::{Code, ParseError, PricingStrategy};
use advance_core::{Advice, Charge, Charges, Error, ErrorKind, TransactionId};
use serde::Serialize;

use crate::out::Out;
use crate::text::clean;

/// Why a command ends before its time.
pub(crate) enum Stop {
    /// Whoever read stdout has seen enough.
    NobodyReads,
    /// What went wrong stands in the output already; the process ends with this status.
    Told(u8),
    Problem(Box<Problem>),
}

/// What went wrong and what to do about it. It holds no key, token, signature, query of a link or field of a card.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_message: Option<String>,
    transaction_id: Option<TransactionId>,
    advice: Option<&'static str>,
    requests: u32,
    charges: Charges,
    #[serde(skip)]
    exit: u8,
}

#[derive(Serialize)]
struct Reported<'a> {
    error: &'a Problem,
}

impl Problem {
    fn new(kind: &'static str, message: impl Into<String>, exit: u8) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            base_url: None,
            code: None,
            vendor_message: None,
            transaction_id: None,
            advice: None,
            requests: 0,
            charges: Charges::NONE,
            exit,
        }
    }

    /// The command line or the environment is wrong; nothing was sent.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let mut problem = Self::new("usage", message, 2);
        problem.advice = Some(advice(Advice::FixRequest));
        problem
    }

    /// Something on this machine failed: a file, a socket, stdout.
    pub(crate) fn local(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(kind, message, 1)
    }

    /// A saved reply cannot be read into types.
    pub(crate) fn reply(error: &ParseError) -> Self {
        let mut problem = Self::new(
            "decode",
            format!("the reply does not fit the documented format: {error}"),
            1,
        );
        problem.code.clone_from(&error.code);
        problem.name(error.transaction_id.clone());
        problem.advice = Some(advice(Advice::ContactSupport));
        problem.charge(error.pricing_strategy.as_ref());
        problem
    }

    /// A saved reply says `SUCCESS` and has no data.
    pub(crate) fn missing_data(
        transaction_id: Option<TransactionId>,
        pricing: Option<&PricingStrategy>,
    ) -> Self {
        let mut problem = Self::new(
            "missing-data",
            "data is null or missing although the code is SUCCESS",
            1,
        );
        problem.code = Some(Code::Success);
        problem.name(transaction_id);
        problem.advice = Some(advice(Advice::ContactSupport));
        problem.charge(pricing);
        problem
    }

    fn name(&mut self, transaction_id: Option<TransactionId>) {
        if let Some(id) = transaction_id.as_ref().filter(|id| !id.as_str().is_empty()) {
            self.message += &format!("; transactionId {id}");
        }
        self.transaction_id = transaction_id;
    }

    fn charge(&mut self, pricing: Option<&PricingStrategy>) {
        self.charges.record(Charge::of(pricing));
    }

    /// Says what is behind it.
    pub(crate) fn caused_by(mut self, error: &(dyn StdError + 'static)) -> Self {
        self.cause = Some(chain(error));
        self
    }

    /// Says which host was asked.
    pub(crate) fn at(mut self, base_url: &str) -> Self {
        self.base_url = Some(base_url.to_owned());
        self
    }

    /// Says what was sent before it and what that cost.
    pub(crate) const fn after(mut self, requests: u32, charges: Charges) -> Self {
        self.requests = requests;
        self.charges = charges;
        self
    }

    /// The same for a person.
    pub(crate) fn paragraph(&self) -> String {
        let mut text = format!("error: {}\n", clean(&self.message));
        if let Some(cause) = &self.cause {
            text += &format!("cause: {}\n", clean(cause));
        }
        if let Some(base_url) = &self.base_url {
            text += &format!("host:  {}\n", clean(base_url));
        }
        if self.requests > 0 {
            let Charges { free, pay, unknown } = self.charges;
            text += &format!(
                "tried: {} ({free} free, {pay} charged, {unknown} of unknown cost)\n",
                counted(self.requests, "request")
            );
        }
        text
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.kind() == ErrorKind::Invalid {
            return Self::usage(rule(&error));
        }
        let mut problem = Self::new(kind(error.kind()), error.to_string(), 1);
        problem.cause = error.source().map(chain);
        problem.code = error.code().cloned();
        problem.vendor_message = error.message().map(str::to_owned);
        problem.transaction_id = error.transaction_id().cloned();
        problem.advice = Some(advice(error.advice()));
        problem.after(error.sends(), error.charges())
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

impl Stop {
    /// Tells the person or the program, and says how the process ends.
    pub(crate) fn report(self, out: &Out) -> ExitCode {
        let problem = match self {
            Self::NobodyReads => return ExitCode::SUCCESS,
            Self::Told(exit) => return ExitCode::from(exit),
            Self::Problem(problem) => problem,
        };
        let told = out.is_json() && out.object(&Reported { error: &problem }).is_ok();
        if !told {
            // If stderr is closed as well, the exit status is all that is left.
            let _ = std::io::stderr().write_all(problem.paragraph().as_bytes());
        }
        ExitCode::from(problem.exit)
    }
}

/// `1 request`, `2 requests`.
pub(crate) fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The rule that was broken. The core's advice, to mend the request, goes without saying on a command line.
pub(crate) fn rule(error: &Error) -> String {
    let text = error.to_string();
    match text
        .strip_suffix(error.hint())
        .and_then(|text| text.strip_suffix("; "))
    {
        Some(rule) => rule.to_owned(),
        None => text,
    }
}

/// What every error of the chain adds to the one before it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut link = Some(error);
    while let Some(error) = link {
        let said = error.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        link = error.source();
    }
    text
}

const fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "usage",
        ErrorKind::Transport(_) => "transport",
        ErrorKind::Protocol(_) => "protocol",
        ErrorKind::Decode => "decode",
        ErrorKind::MissingData => "missing-data",
        ErrorKind::Api(_) => "api",
        ErrorKind::DeadToken => "dead-token",
        ErrorKind::Deadline => "deadline",
        ErrorKind::LinkExpired => "link-expired",
        ErrorKind::NotFinished => "not-finished",
        ErrorKind::ChargeLimit => "charge-limit",
        _ => "other",
    }
}

/// What to do, in a word for programs.
pub(crate) const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::FixRequest => "fix-request",
        Advice::CheckSignatureId => "check-signature-id",
        Advice::CheckCredentials => "check-credentials",
        Advice::CheckAccount => "check-account",
        Advice::TopUp => "top-up",
        Advice::NewLink => "new-link",
        Advice::AskAgain => "ask-again",
        Advice::TryLater => "try-later",
        Advice::CheckNetwork => "check-network",
        Advice::ContactSupport => "contact-support",
        _ => "other",
    }
}
