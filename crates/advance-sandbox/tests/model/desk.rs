//! A client of the model that signs by itself and moves the clock.

use advance_sandbox::{UnixMs, Vendor, VendorConfig};
use http::{Method, Request, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const TOKEN: &str = "/openapi/auth/ticket/v1/generate-token";
pub(crate) const URL: &str = "/intl/openapi/face-identity/h5-idv/v1/generate-url";
pub(crate) const RESULT: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

/// The time of the documented signature.
pub(crate) const NOW: u64 = 1_665_993_522_952;

pub(crate) struct Desk {
    pub(crate) vendor: Vendor,
    pub(crate) now: u64,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(VendorConfig::default())
    }

    pub(crate) fn with(config: VendorConfig) -> Self {
        Self {
            vendor: Vendor::new(config),
            now: NOW,
        }
    }

    pub(crate) fn handle(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.vendor.handle(request, UnixMs(self.now))
    }

    pub(crate) fn get(&mut self, uri: &str) -> Response<Vec<u8>> {
        self.handle(&Request::get(uri).body(Vec::new()).unwrap())
    }

    pub(crate) fn post(&mut self, uri: &str, token: Option<&str>, body: &str) -> Response<Vec<u8>> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("X-ACCESS-TOKEN", token);
        }
        self.handle(&request.body(body.as_bytes().to_vec()).unwrap())
    }

    pub(crate) fn call(&mut self, uri: &str, token: &str, body: &Value) -> Value {
        parse(&self.post(uri, Some(token), &body.to_string()))
    }

    /// A request for a token, signed now.
    pub(crate) fn signed(&self, access_key: &str, secret_key: &str) -> Value {
        json!({
            "accessKey": access_key,
            "timestamp": self.now,
            "signature": sign(access_key, secret_key, &self.now.to_string()),
        })
    }

    pub(crate) fn ask_token(&mut self, body: &Value) -> Value {
        parse(&self.post(TOKEN, None, &body.to_string()))
    }

    pub(crate) fn token(&mut self) -> String {
        let body = self.signed("sampleaccesskey", "samplesecretkey");
        text(&self.ask_token(&body)["data"]["token"])
    }

    /// A token, or nothing at times that have no thirteen digits.
    pub(crate) fn token_or_none(&mut self) -> String {
        let body = self.signed("sampleaccesskey", "samplesecretkey");
        self.ask_token(&body)["data"]["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// `data` of a new verification.
    pub(crate) fn begin(&mut self, token: &str, user_id: &str) -> Value {
        let mut body = url_body();
        body["userId"] = user_id.into();
        let reply = self.call(URL, token, &body);
        assert_eq!(reply["code"], "SUCCESS", "{reply}");
        reply["data"].clone()
    }

    pub(crate) fn poll(&mut self, token: &str, signature_id: &str) -> Value {
        self.call(RESULT, token, &json!({"signatureId": signature_id}))
    }
}

/// The documented request, without its `userId`.
pub(crate) fn url_body() -> Value {
    json!({
        "returnUrl": "https://www.example.com",
        "failReturnUrl": "https://www.example.com/fail",
        "region": "IDN",
    })
}

pub(crate) fn sign(access_key: &str, secret_key: &str, timestamp: &str) -> String {
    hex::encode(Sha256::digest(format!("{access_key}{secret_key}{timestamp}")))
}

pub(crate) fn parse(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

pub(crate) fn body(response: &Response<Vec<u8>>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn verdict(reply: &Value) -> (&str, &str) {
    (
        reply["code"].as_str().unwrap(),
        reply["message"].as_str().unwrap(),
    )
}
