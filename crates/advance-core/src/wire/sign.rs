//! The signature of a token request (document: Token Authentication API, "Request Parameters").

use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::secret::Credentials;
use crate::time::UnixMillis;
use crate::wipe::Wiped;

/// A time that can be signed: milliseconds since 1970 in exactly 13 digits (2001-09-09 to 2286-11-20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(UnixMillis);

impl Timestamp {
    /// Takes a time of 13 digits.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the number has more or fewer digits.
    pub fn new(time: UnixMillis) -> Result<Self, Error> {
        if (1_000_000_000_000..=9_999_999_999_999).contains(&time.get()) {
            Ok(Self(time))
        } else {
            let error = Error::invalid("timestamp", "must have 13 digits (milliseconds since 1970)");
            Err(error.with_hint(
                "this machine's clock is before September 2001 or after 2286: set it right, or wait until it is set (after \
                 a start, often by NTP)",
            ))
        }
    }

    /// Milliseconds since 1970.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The digits that are signed and sent.
    fn digits(self) -> [u8; 13] {
        let mut rest = self.get();
        let mut digits = [b'0'; 13];
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }

    /// The same as a time.
    pub(crate) const fn time(self) -> UnixMillis {
        self.0
    }
}

impl fmt::Display for Timestamp {
    /// The very digits that are signed and sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

/// A signature: 64 lowercase hex digits. Within its five minutes it is as good as the key, so it is kept secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(Wiped<String>);

impl Signature {
    /// The hex digits.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(redacted)")
    }
}

/// Signs a token request: lowercase hex SHA-256 of access key, secret key and timestamp, one after the other.
///
/// ```
/// use advance_core::wire::{Timestamp, sign};
/// use advance_core::{Credentials, UnixMillis};
///
/// // The document's own example.
/// let credentials = Credentials::new("sampleaccesskey", "samplesecretkey")?;
/// let timestamp = Timestamp::new(UnixMillis::new(1_665_993_522_952))?;
/// assert_eq!(
///     sign(&credentials, timestamp).expose(),
///     "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5",
/// );
/// # Ok::<(), advance_core::Error>(())
/// ```
pub fn sign(credentials: &Credentials, timestamp: Timestamp) -> Signature {
    let mut hash = Sha256::new();
    for key in credentials.signed() {
        hash.update(key);
    }
    hash.update(timestamp.digits());
    let mut digits = vec![0; 64];
    // Both lengths are fixed and fit, so neither step can fail.
    let _fits = hex::encode_to_slice(hash.finalize(), &mut digits);
    Signature(Wiped::new(String::from_utf8(digits).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_thirteen_digits_can_be_signed() {
        for (millis, good) in [
            (0, false),
            (999_999_999_999, false),
            (1_000_000_000_000, true),
            (9_999_999_999_999, true),
            (10_000_000_000_000, false),
            (u64::MAX, false),
        ] {
            assert_eq!(Timestamp::new(UnixMillis::new(millis)).is_ok(), good, "{millis}");
        }
    }

    #[test]
    fn the_digits_that_are_signed_are_the_digits_that_are_sent() {
        let timestamp = Timestamp::new(UnixMillis::new(1_665_993_522_952)).unwrap();
        assert_eq!(timestamp.to_string(), "1665993522952");
        assert_eq!(timestamp.digits(), *b"1665993522952");
        assert_eq!(
            sign(
                &Credentials::new("sampleaccesskey", "samplesecretkey").unwrap(),
                timestamp
            )
            .expose(),
            "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5",
        );
    }

    #[test]
    fn debug_of_a_signature_shows_nothing() {
        let credentials = Credentials::new("a", "b").unwrap();
        let signature = sign(
            &credentials,
            Timestamp::new(UnixMillis::new(1_665_993_522_952)).unwrap(),
        );
        assert_eq!(format!("{signature:?}"), "Signature(redacted)");
    }
}
