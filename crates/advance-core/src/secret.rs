//! Credentials that redact themselves, are wiped when dropped and never reach an error text.
//!
//! What is wiped is the text these types own. Copies that an HTTP client makes on its way to the socket are its own.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;

use crate::error::Error;
use crate::scan;
use crate::wipe::Wiped;

/// Longer than any key the vendor is known to issue, short enough to refuse a file pasted by mistake.
const KEY_LIMIT: usize = 512;
/// The documented sample token has 314 characters; this leaves room for ones fifty times as long.
const TOKEN_LIMIT: usize = 16 * 1024;

/// Why a credential cannot be sent, in words that name the rule and never the value.
fn flaw(text: &str, limit: usize) -> Option<&'static str> {
    if text.is_empty() {
        return Some("must not be empty");
    }
    if text.len() > limit {
        return Some("is far longer than any the vendor issues");
    }
    // One that can be sent has no other flaw.
    if scan::all(text.as_bytes(), |b| b.is_ascii_graphic()) {
        return None;
    }
    if text.ends_with('\n') || text.ends_with('\r') {
        return Some(
            "ends with a line break; remove the trailing newline (often added by an editor or `echo`)",
        );
    }
    if text.starts_with('\u{feff}') {
        return Some("starts with a byte order mark; save the file without one");
    }
    if text.bytes().any(|b| b == b' ' || b == b'\t') {
        return Some("contains a space or tab; copy it again without surrounding blanks");
    }
    Some("contains a control or non-ASCII character")
}

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident, $field:literal, $limit:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(HeaderValue);

        impl $name {
            /// Takes the text if it can be sent: 1 or more visible ASCII characters.
            ///
            /// # Errors
            /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the field and the rule, never the value.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = Wiped::new(text.into());
                match flaw(&text, $limit) {
                    Some(rule) => Err(Error::invalid($field, rule)),
                    None => shared(text, $field).map(Self),
                }
            }

            /// The text itself. The caller keeps it secret.
            pub fn expose(&self) -> &str {
                // Visible ASCII by construction; the fallback is never taken.
                std::str::from_utf8(self.0.as_bytes()).unwrap_or_default()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                Self::new(text)
            }
        }
    };
}

secret!(
    /// The account's public half (`accessKey`). It names the account, so it is treated as a secret too.
    AccessKey,
    "accessKey",
    KEY_LIMIT
);
secret!(
    /// The account's secret half (`secretKey`). It signs token requests and is itself never sent.
    SecretKey,
    "secretKey",
    KEY_LIMIT
);
secret!(
    /// A short-lived access token, sent as `X-ACCESS-TOKEN`.
    ///
    /// Clones share one text, which is wiped when the last of them is dropped: a request that is sent holds one too.
    AccessToken,
    "token",
    TOKEN_LIMIT
);

/// One text for all clones, wiped with the last of them. Each of these secrets could be a header's value.
fn shared(text: Wiped<String>, field: &'static str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text))
        .map_err(|_| Error::invalid(field, "contains a control or non-ASCII character"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl AccessToken {
    /// The token as a header value that HTTP stacks must not log or put into compression tables.
    pub(crate) fn header_value(&self) -> HeaderValue {
        self.0.clone()
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for AccessToken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

/// An account: the pair of keys from the vendor's Websaas Platform → Account → Account Management.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    access_key: AccessKey,
    secret_key: SecretKey,
}

impl Credentials {
    /// Checks and keeps both keys.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the key and the rule, never the value.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Result<Self, Error> {
        Ok(Self {
            access_key: AccessKey::new(access_key)?,
            secret_key: SecretKey::new(secret_key)?,
        })
    }

    /// As variables say it, under the names that the command-line tool has: `ADVANCE_ACCESS_KEY` and `ADVANCE_SECRET_KEY`.
    /// `var` brings the value of a name; an empty one counts as none.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the variable or the key and the rule, never the value; and
    /// what `var` says.
    pub fn from_vars(var: impl Fn(&str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        let key = |name: &'static str| {
            let value = var(name)?.filter(|value| !value.is_empty());
            value.ok_or_else(|| Error::invalid(name, "is not set"))
        };
        Self::new(key("ADVANCE_ACCESS_KEY")?, key("ADVANCE_SECRET_KEY")?)
    }

    /// The public half.
    pub const fn access_key(&self) -> &AccessKey {
        &self.access_key
    }

    /// The secret half.
    pub const fn secret_key(&self) -> &SecretKey {
        &self.secret_key
    }

    /// Whether this is the pair of the documented sample, which opens nothing but a sandbox.
    pub(crate) fn are_the_sample(&self) -> bool {
        self.expose() == ["samplesecretkey", "sampleaccesskey"]
    }

    /// What is signed of them, in this order.
    pub(crate) fn signed(&self) -> [&[u8]; 2] {
        [self.access_key.0.as_bytes(), self.secret_key.0.as_bytes()]
    }

    /// Both, the secret one first.
    pub(crate) fn expose(&self) -> [&str; 2] {
        [self.secret_key.expose(), self.access_key.expose()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn debug_shows_nothing() {
        let credentials = Credentials::new("publicpart", "hiddenpart").unwrap();
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(
            !shown.contains("publicpart") && !shown.contains("hiddenpart"),
            "{shown}"
        );
    }

    #[test]
    fn keys_that_cannot_be_sent_are_refused_without_an_echo() {
        let long = "k".repeat(1 << 20);
        for bad in [
            "",
            "k3y with space",
            "k3y\r\n",
            "k3y\0",
            "\u{feff}k3y",
            "k3yé",
            "k3y\n",
            "\tk3y",
            &long,
        ] {
            for error in [AccessKey::new(bad).unwrap_err(), SecretKey::new(bad).unwrap_err()] {
                assert_eq!(error.kind(), ErrorKind::Invalid);
                let text = format!("{error} {error:?}");
                assert!(!text.contains("k3y") && !text.contains("kkkk"), "{text}");
            }
        }
    }

    #[test]
    fn a_trailing_newline_is_named() {
        let text = SecretKey::new("hidden\n").unwrap_err().to_string();
        assert!(
            text.contains("secretKey") && text.contains("trailing newline"),
            "{text}"
        );
    }

    #[test]
    fn the_header_value_is_sensitive() {
        assert!(AccessToken::new("abc.def").unwrap().header_value().is_sensitive());
    }
}
