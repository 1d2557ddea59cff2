//! A `POST` with a JSON body.

use advance_reqwest::Endpoint;
use advance_reqwest::wire::{Auth, DecodeError, Replay};

/// How well a name fits an id number.
pub(crate) struct NameCheck {
    pub(crate) id_number: String,
    pub(crate) name: String,
}

impl Endpoint for NameCheck {
    type Output = f64;
    const PATH: &'static str = "/openapi/verification/v1/name-check";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::MayCharge;

    fn encode(&self) -> Vec<u8> {
        serde_json::json!({ "idNumber": self.id_number, "name": self.name })
            .to_string()
            .into_bytes()
    }

    fn decode(&self, data: &str) -> Result<f64, DecodeError> {
        let data: serde_json::Value =
            serde_json::from_str(data).map_err(|_| DecodeError::new("", "expected JSON"))?;
        data["similarity"]
            .as_f64()
            .ok_or_else(|| DecodeError::new("similarity", "expected a number"))
    }
}
