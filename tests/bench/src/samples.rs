//! What is sent and answered in every case: the vendor's own samples.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;
use advance_core::{
    Credentials, GenerateUrl, Now, Region, ReturnUrl, SignatureId, Transport, UnixMillis, UserId,
};

use crate::network::in_an_hour;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../crates/advance-core/fixtures/", $name, ".json"))
    };
}

pub const TOKEN_REPLY: &str = sample!("generate-token.success");
pub const URL_REPLY: &str = sample!("generate-url.success");
pub const RESULT_REPLY: &str = sample!("get-result.success");
pub const ERROR_REPLY: &str = sample!("generate-url.region-wrong");

pub const BASE: &str = "https://api.advance.ai";
pub const TOKEN_PATH: &str = "/openapi/auth/ticket/v1/generate-token";
pub const URL_PATH: &str = "/intl/openapi/face-identity/h5-idv/v1/generate-url";
pub const RESULT_PATH: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

pub const ACCESS_KEY: &str = "sampleaccesskey";
pub const SECRET_KEY: &str = "samplesecretkey";
pub const MILLIS: u64 = 1_700_000_000_000;

pub const RETURN_URL: &str = "https://shop.example/verified?order=8021";
pub const FAIL_URL: &str = "https://shop.example/not-verified?order=8021";
pub const USER_ID: &str = "8e44f0089b076e18a718eb9ca3d94674";
pub const SIGNATURE_ID: &str = "f302f5d2454a85c2";

/// A time that stands still.
pub const NOW: Now = Now {
    wall: UnixMillis::new(MILLIS),
    mono: Duration::from_secs(1),
};

pub fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY).unwrap()
}

/// As long as the document's own.
pub fn token_text() -> String {
    let reply: serde_json::Value = serde_json::from_str(TOKEN_REPLY).unwrap();
    reply["data"]["token"].as_str().unwrap().to_owned()
}

pub fn token() -> AccessToken {
    AccessToken::new(token_text()).unwrap()
}

/// One that lives for an hour from [`NOW`].
pub fn held() -> ExportedToken {
    ExportedToken::new(token(), in_an_hour(NOW))
}

pub fn generate_url() -> GenerateUrl {
    GenerateUrl::new(
        ReturnUrl::new(RETURN_URL).unwrap(),
        ReturnUrl::new(FAIL_URL).unwrap(),
        Region::IDN,
    )
    .user_id(UserId::new(USER_ID).unwrap())
}

pub fn signature_id() -> SignatureId {
    SignatureId::new(SIGNATURE_ID).unwrap()
}

/// One that lives for an hour by this transport's clock.
pub fn held_from(transport: &impl Transport) -> ExportedToken {
    ExportedToken::new(token(), in_an_hour(transport.now()))
}
