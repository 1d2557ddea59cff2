//! What the receiver does.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use http::HeaderMap;

use crate::sign::mac;
use crate::{Secrets, header};

/// How old a message may be, and how far in the future: what the specification's libraries allow.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Checks that a message comes from the sender, and that it was signed just now.
///
/// ```
/// use std::time::SystemTime;
/// use advance_webhook::{Secrets, Verifier};
///
/// fn receive(headers: &http::HeaderMap, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
///     let verifier = Verifier::new(Secrets::parse(&std::env::var("ADVANCE_WEBHOOK_SECRET")?)?);
///     let verified = verifier.verify(headers, body, SystemTime::now())?;
///     // Book what the message says together with `verified.id`, in one transaction, unless that id is booked already:
///     // a message comes at least once, and somebody who has copied one can send it again for five minutes.
///     # let _ = verified;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    secrets: Secrets,
    tolerance: Duration,
}

/// A message that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified<'a> {
    /// Names the message, the same each time that it is sent.
    pub id: &'a str,
    /// When this attempt was signed, in seconds since 1970.
    pub timestamp: u64,
}

/// Why a message must not be believed. Answer with status 400 or 401, and do nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// This header is missing, or is no text.
    Header(&'static str),
    /// The timestamp is no number of seconds.
    Timestamp,
    /// It was signed too long ago: delayed, or sent again by somebody who has copied it.
    TooOld,
    /// It was signed in the future: one of the two clocks is wrong.
    TooNew,
    /// No signature fits any of the secrets: forged, changed on the way, or signed with another secret.
    Signature,
}

impl Verifier {
    /// Takes messages that were signed with one of these, five minutes ago at the most.
    pub const fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            tolerance: TOLERANCE,
        }
    }

    /// How long ago a message may have been signed, and how far in the future.
    #[must_use]
    pub const fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Checks a message: its headers and its body, byte by byte as it came. Parse the body only afterwards.
    ///
    /// # Errors
    /// [`Refused`]. It says nothing of the secret, and comparing takes the same time wherever the difference is.
    pub fn verify<'a>(
        &self,
        headers: &'a HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified<'a>, Refused> {
        let text = |name: &'static str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value
                .filter(|value| !value.is_empty())
                .ok_or(Refused::Header(name))
        };
        self.verify_parts(
            text(header::ID)?,
            text(header::TIMESTAMP)?,
            text(header::SIGNATURE)?,
            body,
            now,
        )
    }

    /// The same where the headers are no [`HeaderMap`]: the values of `webhook-id`, `webhook-timestamp` and
    /// `webhook-signature`.
    ///
    /// # Errors
    /// As for [`verify`](Self::verify).
    pub fn verify_parts<'a>(
        &self,
        id: &'a str,
        timestamp: &str,
        signature: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified<'a>, Refused> {
        let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let signed = timestamp.parse::<u64>().ok().filter(|_| digits);
        let signed = signed.ok_or(Refused::Timestamp)?;
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if signed < now.saturating_sub(self.tolerance.as_secs()) {
            return Err(Refused::TooOld);
        }
        if signed > now.saturating_add(self.tolerance.as_secs()) {
            return Err(Refused::TooNew);
        }
        // Each code over the body is computed once, however many signatures a stranger sends.
        let codes: Vec<_> = self
            .secrets
            .iter()
            .map(|secret| mac(secret, id, timestamp, body))
            .collect();
        let fits = signature
            .split(' ')
            .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .any(|given| codes.iter().any(|code| code.clone().verify_slice(&given).is_ok()));
        if fits {
            Ok(Verified {
                id,
                timestamp: signed,
            })
        } else {
            Err(Refused::Signature)
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header {name} is missing"),
            Self::Timestamp => f.write_str("the webhook's timestamp is no number of seconds"),
            Self::TooOld => f.write_str("the webhook was signed too long ago"),
            Self::TooNew => {
                f.write_str("the webhook was signed in the future; one of the two clocks is wrong")
            }
            Self::Signature => f.write_str("no signature of the webhook fits the secret"),
        }
    }
}

impl std::error::Error for Refused {}
