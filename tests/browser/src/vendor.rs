//! A client of the sandbox, for beginning verifications and hearing what came of them.

use std::time::{SystemTime, UNIX_EPOCH};

use advance_sandbox::{Sandbox, UnixMs};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Result;

pub(crate) struct Vendor {
    pub(crate) sandbox: Sandbox,
    token: String,
}

/// A verification that was begun.
pub(crate) struct Begun {
    pub(crate) id: String,
    pub(crate) url: String,
}

impl Vendor {
    pub(crate) async fn start() -> Result<Self> {
        let sandbox = Sandbox::start().await?;
        let mut vendor = Self {
            sandbox,
            token: String::new(),
        };
        let now = now().0;
        let signature = hex::encode(Sha256::digest(format!("sampleaccesskeysamplesecretkey{now}")));
        let body = json!({"accessKey": "sampleaccesskey", "timestamp": now, "signature": signature, "periodSecond": 86_400});
        let data = vendor.ask("/openapi/auth/ticket/v1/generate-token", &body)?;
        vendor.token = text(&data["token"]);
        Ok(vendor)
    }

    pub(crate) fn begin(&self, shop: &str, user_id: Option<&str>) -> Result<Begun> {
        let body = json!({
            "returnUrl": format!("{shop}/done?order=7"),
            "failReturnUrl": format!("{shop}/failed"),
            "region": "IDN",
            "userId": user_id,
        });
        let data = self.ask("/intl/openapi/face-identity/h5-idv/v1/generate-url", &body)?;
        Ok(Begun {
            id: text(&data["signatureId"]),
            url: text(&data["url"]),
        })
    }

    /// `data` of get-result.
    pub(crate) fn result(&self, id: &str) -> Result<Value> {
        self.ask(
            "/intl/openapi/face-identity/h5-idv/v1/get-result",
            &json!({"signatureId": id}),
        )
    }

    /// The picture behind a link of get-result.
    pub(crate) fn picture(&self, link: &str) -> Result<Vec<u8>> {
        let request = http::Request::get(link).body(Vec::new())?;
        let reply = self.sandbox.with_vendor(|vendor| vendor.handle(&request, now()));
        if reply.status() == 200 {
            Ok(reply.into_body())
        } else {
            Err(format!("a picture: HTTP {}", reply.status()).into())
        }
    }

    /// What the sandbox's clock says now, in milliseconds.
    pub(crate) fn clock(&self) -> u64 {
        self.sandbox.with_vendor(|vendor| vendor.clock().at(now()).0)
    }

    fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .header("x-access-token", &self.token)
            .body(body.to_string().into_bytes())?;
        let reply = self.sandbox.with_vendor(|vendor| vendor.handle(&request, now()));
        let reply: Value = serde_json::from_slice(reply.body())?;
        if reply["code"] == "SUCCESS" {
            Ok(reply["data"].clone())
        } else {
            Err(format!("{path}: {reply}").into())
        }
    }
}

pub(crate) fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
