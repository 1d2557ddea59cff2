//! What both sides share.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// How a secret begins when it is written down.
const PREFIX: &str = "whsec_";

/// How many signatures a message carries at the most: that of the new secret and that of the one before it.
const AT_ONCE: usize = 2;

/// A secret that signs: `whsec_` and 24 to 64 random bytes in base64. It is wiped when dropped and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why a text is no secret. It names the rule and never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongSecret(&'static str);

impl Secret {
    /// Reads a secret as it is written down: `whsec_` and standard base64 with its padding, which is what the
    /// specification's libraries take.
    ///
    /// # Errors
    /// [`WrongSecret`], naming the rule.
    pub fn new(text: &str) -> Result<Self, WrongSecret> {
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            return Err(WrongSecret("must begin with whsec_"));
        };
        let Ok(bytes) = STANDARD.decode(encoded) else {
            return Err(WrongSecret("must be whsec_ and standard base64 with its padding"));
        };
        let bytes = Zeroizing::new(bytes);
        if !(24..=64).contains(&bytes.len()) {
            return Err(WrongSecret(
                "must be 24 to 64 random bytes in base64: echo \"whsec_$(openssl rand -base64 32)\" makes one",
            ));
        }
        Ok(Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = WrongSecret;

    fn from_str(text: &str) -> Result<Self, WrongSecret> {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// The secret in use and, while it is being changed, the one before it. A message is signed with each of them, so that a
/// receiver which knows either takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// One secret.
    pub fn one(secret: Secret) -> Self {
        Self(vec![secret])
    }

    /// While a secret is being changed: the new one and the one before it.
    pub fn changing(new: Secret, before: Secret) -> Self {
        Self(vec![new, before])
    }

    /// Reads one secret, or two with a blank, a comma or a line break between them, the new one first.
    ///
    /// # Errors
    /// [`WrongSecret`], naming the rule.
    pub fn parse(text: &str) -> Result<Self, WrongSecret> {
        let words = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty());
        let secrets = words.map(Secret::new).collect::<Result<Vec<_>, _>>()?;
        match secrets.len() {
            0 => Err(WrongSecret("must not be empty")),
            1..=AT_ONCE => Ok(Self(secrets)),
            _ => Err(WrongSecret(
                "must be one secret, or two while it is being changed",
            )),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }
}

impl fmt::Display for WrongSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the webhook secret {}", self.0)
    }
}

impl std::error::Error for WrongSecret {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_secret_is_refused_by_its_rule_and_not_shown() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for (bad, rule) in [
            ("", "begin with whsec_"),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begin with whsec_"),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "padding"),
            ("whsec_????", "base64"),
            ("whsec_", "24 to 64"),
            (&short, "24 to 64"),
            (&long, "24 to 64"),
        ] {
            let text = Secret::new(bad).unwrap_err().to_string();
            assert!(text.contains(rule) && !text.contains("MfKQ"), "{bad}: {text}");
        }
        assert_eq!(
            format!(
                "{:?}",
                Secret::new(&format!("whsec_{}", STANDARD.encode([7; 24]))).unwrap()
            ),
            "Secret(redacted)"
        );
    }

    #[test]
    fn two_secrets_may_be_given_while_one_is_changed() {
        let secret = |byte: u8| format!("whsec_{}", STANDARD.encode([byte; 32]));
        let two = Secrets::parse(&format!("{}\n{}\n", secret(1), secret(2))).unwrap();
        let new = Secret::new(&secret(1)).unwrap();
        let before = Secret::new(&secret(2)).unwrap();
        assert_eq!(two, Secrets::changing(new.clone(), before));
        assert_eq!(Secrets::parse(&secret(1)).unwrap(), Secrets::one(new));
        assert!(Secrets::parse(" \n").is_err());
        assert!(Secrets::parse(&[secret(1), secret(2), secret(3)].join(",")).is_err());
    }
}
