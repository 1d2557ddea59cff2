//! An error in parts, for a page, a terminal or a log with fields to lay out.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::Error;
use crate::domain::TransactionId;
use crate::escape::Shown;
use crate::wire::Code;

/// How much of a server's text an error repeats.
const SHOWN: usize = 200;

/// What an error says, part by part. Its `Display` is the error's own: the parts that there are, in this order.
///
/// ```
/// use advance_core::{ErrorKind, SignatureId};
///
/// let error = SignatureId::new("").unwrap_err();
/// let parts = error.parts();
/// assert_eq!(parts.what, "signatureId must not be empty");
/// assert_eq!(parts.advice, "correct the value and call again; nothing was sent");
/// assert!(parts.vendor_says.is_none() && parts.transaction_id.is_none());
/// assert_eq!(error.to_string(), format!("{}; {}", parts.what, parts.advice));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorParts<'a> {
    /// The vendor's code, if a reply had one.
    pub code: Option<&'a Code>,
    /// What happened.
    pub what: &'a str,
    /// The vendor's message, if a reply had one: escaped, cut at 200 characters, without any secret of this call.
    pub vendor_says: Option<String>,
    /// The HTTP status, if it is not 200.
    pub status: Option<StatusCode>,
    /// How long the server asked to wait, if it did.
    pub retry_after: Option<Duration>,
    /// What to do.
    pub advice: &'static str,
    /// What the vendor's support asks for, if a reply had it.
    pub transaction_id: Option<&'a TransactionId>,
}

impl Error {
    /// What it says, part by part.
    pub fn parts(&self) -> ErrorParts<'_> {
        let inner = &*self.0;
        ErrorParts {
            code: inner.code.as_ref(),
            what: &inner.what,
            vendor_says: inner
                .message
                .as_deref()
                .filter(|message| !message.is_empty())
                .map(|message| Shown::new(message, SHOWN).to_string()),
            status: inner.status.filter(|status| *status != StatusCode::OK),
            retry_after: inner.retry_after,
            advice: self.hint(),
            transaction_id: inner.transaction_id.as_ref(),
        }
    }
}

impl fmt::Display for ErrorParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(self.what)?;
        if let Some(message) = &self.vendor_says {
            write!(f, " (the vendor says: {message})")?;
        }
        if let Some(status) = self.status {
            write!(f, "; HTTP status {}", status.as_u16())?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "; the server asks to wait {} s", wait.as_secs())?;
        }
        write!(f, "; {}", self.advice)?;
        if let Some(id) = self.transaction_id {
            write!(f, "; transactionId {id}")?;
        }
        Ok(())
    }
}
