//! Stubs of the vendor's other products, so that an endpoint of a user's own has something to be tested with.

use std::collections::VecDeque;

use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::journal::Price;

/// Stubs that stand at a time.
const MOST: usize = 1_000;
/// Bytes of data that they have in all.
const MOST_BYTES: usize = 8 << 20;

/// What one path of another product answers. The token, the envelope, the transactionId, the ledger and the journal
/// are as for the three documented calls; the request's body is not looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Stub {
    /// `POST` by default.
    #[serde(default = "post", with = "method")]
    pub method: Method,
    /// The path, without the configured prefix and without a query.
    pub path: String,
    /// Whether the call needs an access token; true by default.
    #[serde(default = "needed")]
    pub auth: bool,
    /// `data` of the reply, delivered byte by byte; null by default.
    #[serde(default)]
    pub data: Option<Box<RawValue>>,
    /// The code of the reply, `SUCCESS` by default.
    #[serde(default = "success")]
    pub code: String,
    /// The message of the reply; by default `OK` for `SUCCESS` and the code for others.
    #[serde(default)]
    pub message: Option<String>,
    /// The price, `FREE` by default.
    #[serde(default = "free")]
    pub price: Price,
    /// How often it answers; always by default.
    #[serde(default)]
    pub times: Option<u32>,
}

const fn post() -> Method {
    Method::POST
}

const fn needed() -> bool {
    true
}

fn success() -> String {
    "SUCCESS".to_owned()
}

const fn free() -> Price {
    Price::Free
}

mod method {
    use http::Method;
    use serde::de::{Deserialize, Deserializer, Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
        let text = String::deserialize(deserializer)?;
        Method::from_bytes(text.as_bytes()).map_err(D::Error::custom)
    }
}

impl Stub {
    /// A POST to `path` that needs a token and answers `SUCCESS` with `data` null.
    pub fn post(path: impl Into<String>) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            auth: true,
            data: None,
            code: success(),
            message: None,
            price: Price::Free,
            times: None,
        }
    }

    /// With another method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// With this `data`, delivered byte by byte.
    #[must_use]
    pub fn data(self, data: Box<RawValue>) -> Self {
        Self {
            data: Some(data),
            ..self
        }
    }

    /// With this code and message.
    #[must_use]
    pub fn code(self, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: Some(message.into()),
            ..self
        }
    }

    /// With this price.
    #[must_use]
    pub fn price(self, price: Price) -> Self {
        Self { price, ..self }
    }

    /// Only so often.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// Without a token.
    #[must_use]
    pub fn open(self) -> Self {
        Self { auth: false, ..self }
    }

    pub(super) fn said(&self) -> &str {
        match &self.message {
            Some(message) => message,
            None if self.code == "SUCCESS" => "OK",
            None => &self.code,
        }
    }

    fn size(&self) -> usize {
        let data = self.data.as_ref().map_or(0, |data| data.get().len());
        self.path.len() + self.code.len() + self.message.as_ref().map_or(0, String::len) + data
    }
}

/// The stubs, the newest first: a later one hides an earlier one until it has answered as often as it should.
#[derive(Clone, Debug, Default)]
pub(super) struct Stubs(VecDeque<Stub>);

impl Stubs {
    /// False if there are too many, or too large ones.
    pub(super) fn add(&mut self, stub: Stub) -> bool {
        let held: usize = self.0.iter().map(Stub::size).sum();
        let room = self.0.len() < MOST && held + stub.size() <= MOST_BYTES;
        if room && stub.times != Some(0) {
            self.0.push_front(stub);
        }
        room
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<usize> {
        self.0
            .iter()
            .position(|stub| stub.path == path && stub.method == *method)
    }

    /// Whether there is one of this path, for any method.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.0.iter().any(|stub| stub.path == path)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Stub> {
        self.0.get(index)
    }

    /// What it answers this time.
    pub(super) fn take(&mut self, index: usize) -> Option<Stub> {
        let stub = self.0.get_mut(index)?;
        match &mut stub.times {
            Some(1) => self.0.remove(index),
            Some(times) => {
                *times -= 1;
                Some(stub.clone())
            }
            None => Some(stub.clone()),
        }
    }
}

/// Whether a request has a token at all, for the hint.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    headers.contains_key("x-access-token")
}
