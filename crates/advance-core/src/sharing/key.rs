//! Who shares a token with whom.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::secret::Credentials;
use crate::url::BaseUrl;

/// By which address requests leave, as a label of the caller's. A token may be bound to the address it was asked from, so
/// clients with different labels never share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Egress(Box<str>);

const LIMIT: usize = 64;

impl Egress {
    /// A label of 1 to 64 letters, digits, dots, dashes and underscores, such as the name of a NAT gateway.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the rule.
    pub fn new(label: &str) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if (1..=LIMIT).contains(&label.len()) && label.bytes().all(plain) {
            Ok(Self(label.into()))
        } else {
            Err(Error::invalid(
                "egress label",
                "must be 1 to 64 letters, digits, dots, dashes or underscores",
            ))
        }
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names what is shared, in one line of text: the egress, digests of the account and its keys, and the server. The keys cannot
/// be found from it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey(Box<str>);

impl TokenKey {
    /// Of those that ask this server with these keys and leave by this egress.
    pub fn of(server: &BaseUrl, keys: &Credentials, egress: &Egress) -> Self {
        let [secret, access] = keys.expose();
        let account = digest("account", &[access]);
        let pair = digest("pair", &[access, secret]);
        // Of the secret half no more than 32 bits: enough to tell a key from the one before it, and too few to test a guess by.
        let (account, pair) = (hex::encode(&account[..16]), hex::encode(&pair[..4]));
        let text = format!("{} {account}.{pair} {}", egress.as_str(), server.as_str());
        Self(text.into())
    }

    /// The text, of ASCII and at most 2,200 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenKey").field(&self.0).finish()
    }
}

/// The parts are separated by a byte that no key has in it.
fn digest(purpose: &str, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"advance token sharing ");
    hash.update(purpose);
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(access: &str, secret: &str, egress: &str, server: &str) -> TokenKey {
        TokenKey::of(
            &BaseUrl::new(server).unwrap(),
            &Credentials::new(access, secret).unwrap(),
            &Egress::new(egress).unwrap(),
        )
    }

    #[test]
    fn it_differs_by_account_keys_egress_and_server_and_shows_no_key() {
        let one = key("public0part", "hidden0part", "nat-1", "https://api.advance.ai");
        assert_eq!(
            one,
            key("public0part", "hidden0part", "nat-1", "https://api.advance.ai/")
        );
        for other in [
            key("public0par", "thidden0part", "nat-1", "https://api.advance.ai"),
            key("public0part", "hidden0parT", "nat-1", "https://api.advance.ai"),
            key("public0part", "hidden0part", "nat-2", "https://api.advance.ai"),
            key("public0part", "hidden0part", "nat-1", "https://sg-api.advance.ai"),
        ] {
            assert_ne!(one, other);
        }
        let shown = format!("{one:?} {}", one.as_str());
        assert!(
            !shown.contains("public0") && !shown.contains("hidden0"),
            "{shown}"
        );
        assert!(shown.is_ascii());
    }

    #[test]
    fn a_label_is_plain() {
        for bad in ["", "a b", "a\n", "é", &"x".repeat(65)] {
            let error = Egress::new(bad).unwrap_err().to_string();
            assert!(error.contains("egress label"), "{error}");
        }
        assert_eq!(Egress::new("nat-eu.1_a").unwrap().as_str(), "nat-eu.1_a");
    }
}
