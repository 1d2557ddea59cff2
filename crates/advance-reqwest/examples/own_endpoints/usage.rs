//! A `GET` with a query, whose `SUCCESS` without data means something.

use std::borrow::Cow;

use advance_reqwest::Endpoint;
use advance_reqwest::reqwest::Method;
use advance_reqwest::wire::{Auth, DecodeError, Replay};

/// How often a product was used in a month. `SUCCESS` without data means never.
pub(crate) struct Usage {
    pub(crate) product: &'static str,
    pub(crate) month: &'static str,
}

impl Endpoint for Usage {
    type Output = u64;
    const PATH: &'static str = "/openapi/account/v1/usage";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::Free;

    fn method(&self) -> Method {
        Method::GET
    }

    fn query(&self) -> Vec<(&str, Cow<'_, str>)> {
        vec![("product", self.product.into()), ("month", self.month.into())]
    }

    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    fn decode(&self, data: &str) -> Result<u64, DecodeError> {
        let data: serde_json::Value =
            serde_json::from_str(data).map_err(|_| DecodeError::new("", "expected JSON"))?;
        data["used"]
            .as_u64()
            .ok_or_else(|| DecodeError::new("used", "expected a whole number"))
    }

    fn without_data(&self) -> Option<u64> {
        Some(0)
    }
}
