//! What a receiver's answer means.

use std::fmt;
use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::session::RetryAfter;
use advance_core::transport::{Failure, FailureKind};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};

/// The longest that a receiver may ask to be left alone.
const LONGEST: Duration = Duration::from_secs(3_600);

/// How an attempt to deliver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status from 200 to 299: it is delivered.
    Taken,
    /// Another status. A redirect is not followed.
    Status(StatusCode, Option<Duration>),
    /// No answer came.
    None(FailureKind),
    /// It was not sent: what is to be put into it could not be had.
    NotSent,
}

impl Answer {
    pub(super) fn of(outcome: &Result<Response<Vec<u8>>, Failure>, now: UnixMillis) -> Self {
        let (status, after) = match outcome {
            Ok(response) => (response.status(), retry_after(response.headers(), now)),
            Err(failure) => match failure.status() {
                // The status says all: what is in the body, and whether it came whole, is of no interest.
                Some(status) => (status, None),
                None => return Self::None(failure.kind()),
            },
        };
        if status.is_success() {
            Self::Taken
        } else {
            Self::Status(status, after)
        }
    }

    /// How long the receiver is to be left alone, if it is in trouble itself. Without trouble of its own, it is the letter
    /// that it refuses.
    pub(super) fn trouble(self) -> Option<Duration> {
        match self {
            Self::Taken | Self::NotSent => None,
            Self::None(_) => Some(Duration::ZERO),
            // The receiver says that it is there no longer; a person has to see to that.
            Self::Status(StatusCode::GONE, _) => Some(LONGEST),
            Self::Status(status, after) => {
                let its_own = status.is_server_error()
                    || status.is_redirection()
                    || matches!(
                        status,
                        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    );
                its_own.then(|| after.unwrap_or_default())
            }
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("delivered"),
            Self::Status(status, _) if status.is_redirection() => {
                write!(f, "status {}: redirects are not followed", status.as_u16())
            }
            Self::Status(status, _) => write!(f, "status {}", status.as_u16()),
            Self::None(kind) => f.write_str(kind.explanation()),
            Self::NotSent => f.write_str("not sent: the result that belongs into it cannot be read"),
        }
    }
}

/// A date counts from the receiver's own clock, if it tells the time.
fn retry_after(headers: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    let read = |name| RetryAfter::parse(headers.get(name)?.to_str().ok()?);
    let its_now = match read(DATE) {
        Some(RetryAfter::At(date)) => date,
        _ => now,
    };
    Some(read(RETRY_AFTER)?.wait(its_now).min(LONGEST))
}
