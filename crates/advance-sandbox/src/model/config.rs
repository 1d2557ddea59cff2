//! What a vendor starts with, and the habits that tests change while it runs.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One customer of the vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Names the account in generate-token.
    pub access_key: String,
    /// Signs generate-token; never sent.
    pub secret_key: String,
}

impl Account {
    /// An account with these keys.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self {
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        }
    }

    /// The pair of the vendor's documented signature, `sampleaccesskey` and `samplesecretkey`.
    #[must_use]
    pub fn sample() -> Self {
        Self::new("sampleaccesskey", "samplesecretkey")
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

/// What a [`Vendor`](crate::Vendor) is made from. Start from `default()` and change what matters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VendorConfig {
    /// Decides every identifier and key. All zeros by default: a model with the same seed and the same requests at
    /// the same times gives the same replies, byte for byte. The [server](crate::server) draws a seed of its own.
    pub seed: [u8; 32],
    /// The accounts; one by default, [`Account::sample`].
    pub accounts: Vec<Account>,
    /// Scheme, host and port that links to the page and to images begin with, without a slash at the end.
    pub public_base: String,
    /// A path before the vendor's three paths, such as `/gateway`, for clients that go through a proxy; empty by
    /// default. The page, the images and the control calls have no prefix.
    pub path_prefix: String,
    /// Up to how many bytes of requests and replies are held, for a person to look at; none by default. The
    /// [server](crate::server) holds 4 MiB.
    pub held_bytes: usize,
    /// The habits it starts with, and returns to on [`Vendor::reset`](crate::Vendor::reset).
    pub behaviour: Behaviour,
}

impl Default for VendorConfig {
    fn default() -> Self {
        Self {
            seed: [0; 32],
            accounts: vec![Account::sample()],
            public_base: "http://127.0.0.1".to_owned(),
            path_prefix: String::new(),
            held_bytes: 0,
            behaviour: Behaviour::default(),
        }
    }
}

impl VendorConfig {
    /// The default with a seed, for simulations that count seeds.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut config = Self::default();
        config.seed[..8].copy_from_slice(&seed.to_be_bytes());
        config
    }
}

/// Habits that the documents leave open, and lies that a client must survive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behaviour {
    /// What get-result says of its price.
    pub charging: Charging,
    /// How a region other than `IDN` is refused.
    pub region_refusal: RegionRefusal,
    /// What get-result says of a verification that has not ended.
    pub unfinished: Unfinished,
    /// How long the page's link is good for. 3,600 s is documented.
    pub link_life: Duration,
    /// How long an image's link is good for. 24 h is documented.
    pub image_life: Duration,
    /// Added to the `expiredTime` that generate-token states, in milliseconds. The token itself ends when it would
    /// have ended anyway.
    pub expired_time_offset_ms: i64,
    /// Added to the `Date` header of every reply, in milliseconds. The vendor itself goes by the time it is given.
    pub date_offset_ms: i64,
    /// How long the [server](crate::server) keeps back a reply of a call that the model has given already, as a slow vendor
    /// would; the page, pictures and control calls are not slowed. The model never waits; a client that hangs up meanwhile was answered, and charged, all the same.
    pub delay: Duration,
    /// Whether it refuses what the document does not allow, and says why in the message.
    pub strict: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            charging: Charging::Documented,
            region_refusal: RegionRefusal::RegionWrong,
            unfinished: Unfinished::NullFields,
            link_life: Duration::from_secs(3600),
            image_life: Duration::from_secs(24 * 3600),
            expired_time_offset_ms: 0,
            date_offset_ms: 0,
            delay: Duration::ZERO,
            strict: false,
        }
    }
}

/// What get-result says of its price when its code is `SUCCESS`. The documents only have an example, which is
/// `FREE`; the rest are guesses at what a contract may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Charging {
    /// `FREE`, as in the documented example.
    Documented,
    /// (Guess) `PAY` the first time that a finished result is delivered, `FREE` before and after.
    PayPerResult,
    /// (Guess) `PAY` every time, finished or not.
    PayPerPoll,
    /// (Guess) No `pricingStrategy` at all, as some sibling products answer.
    Omit,
}

/// How a region other than `IDN` is refused: the documents contradict themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RegionRefusal {
    /// Code `REGION_WRONG`, as in the documented example.
    RegionWrong,
    /// Code `PARAMETER_ERROR`, as in the documented table. The message is the same.
    ParameterError,
}

/// What get-result says of a verification that has not ended. None of it is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unfinished {
    /// (Guess) `SUCCESS` with every member of `data` null.
    NullFields,
    /// (Guess) `SUCCESS` with `data` null.
    NullData,
    /// (Guess) `SIGNATURE_NOT_EXIST`.
    SignatureNotExist,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_keys() {
        let text = format!("{:?}", VendorConfig::default());
        assert!(text.contains("Account"), "{text}");
        assert!(
            !text.contains("sampleaccesskey") && !text.contains("samplesecretkey"),
            "{text}"
        );
    }
}
