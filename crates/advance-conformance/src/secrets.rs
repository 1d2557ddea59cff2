//! The secrets that every case plants, and the hunt for them in everything a transport says.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The secrets of one run of one case, unlike those of any other.
pub(crate) struct Planted {
    pub(crate) token: String,
    pub(crate) access_key: String,
    pub(crate) signature: String,
    pub(crate) query: String,
    pub(crate) proxy_password: String,
}

impl Planted {
    pub(crate) fn new() -> Self {
        Self {
            token: format!("{}.{}", unique(), unique()),
            access_key: unique(),
            signature: [unique(), unique(), unique(), unique()].concat(),
            query: unique(),
            proxy_password: unique(),
        }
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new()
            .and("the access token", &self.token)
            .and("the access key", &self.access_key)
            .and("the signature", &self.signature)
            .and("the URL's query", &self.query)
            .and("the proxy's password", &self.proxy_password)
    }
}

/// Sixteen hexadecimal digits; std seeds every `RandomState` differently.
fn unique() -> String {
    format!("{:016x}", RandomState::new().hash_one(0))
}

/// Looks for secrets in a text, in each form in which they may come.
#[derive(Clone, Default)]
pub struct Secrets {
    forms: Vec<(String, &'static str, String)>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    /// Looks for nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for this value too: as it is, its first eight characters, in hex, in base64, percent-encoded, and as a
    /// list of bytes.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, value: &str) -> Self {
        let name = name.into();
        let bytes = value.as_bytes();
        let start: String = value.chars().take(8).collect();
        let encoded = bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
            text
        });
        let list = format!("{bytes:?}");
        for (form, text) in [
            ("as it is", value.to_owned()),
            ("by its first 8 characters", start),
            ("in hex", hex::encode(bytes)),
            ("in hex", hex::encode_upper(bytes)),
            // The last character depends on what follows, so it is left out.
            ("in base64", trimmed(STANDARD_NO_PAD.encode(bytes))),
            ("in base64", trimmed(URL_SAFE_NO_PAD.encode(bytes))),
            ("percent-encoded", encoded),
            ("as a list of bytes", list.trim_matches(['[', ']']).to_owned()),
        ] {
            if !text.is_empty() {
                self.forms.push((name.clone(), form, text));
            }
        }
        self
    }

    /// What is in `text`, if anything: the name of the secret and its form, never its value.
    pub fn find_in(&self, text: &str) -> Option<String> {
        self.forms
            .iter()
            .find(|(_, _, form)| text.contains(form.as_str()))
            .map(|(name, form, _)| format!("{name}, {form}"))
    }
}

fn trimmed(mut text: String) -> String {
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn every_form_is_found() {
        let planted = Planted::new();
        let secrets = planted.secrets();
        let value = planted.token.as_str();
        for text in [
            format!("a {value} b"),
            format!("a {}… b", &value[..8]),
            hex::encode(value.as_bytes()),
            hex::encode_upper(value),
            STANDARD.encode(value),
            format!("Some({:?})", value.as_bytes()),
        ] {
            let found = secrets.find_in(&text).unwrap_or_default();
            assert!(found.starts_with("the access token"), "{text}: {found}");
            assert!(!found.contains(&value[..8]), "{found}");
        }
    }

    #[test]
    fn what_holds_no_secret_is_clean() {
        assert_eq!(
            Planted::new()
                .secrets()
                .find_in("connection refused (os error 111)"),
            None
        );
    }
}
