//! What goes out.

use advance_core::Now;
use http::{Method, Request};
use sha2::{Digest as _, Sha256};

use super::facts::Facts;
use super::seen::Seen;
use crate::simulation::{ACCESS_KEY, SECRET_KEY};

/// A request is what the vendor's document asks for, and the token travels nowhere else.
pub(super) fn are_as_documented(_: &Facts, _: Now, seen: &Seen<'_>) -> Result<(), String> {
    let Seen::Sent(id, request, _) = seen else {
        return Ok(());
    };
    let path = request.uri().path();
    let flaw = if path.ends_with("/generate-token") {
        common(request, false).or_else(|| signature(request.body()))
    } else if path.starts_with("/intl/openapi/face-identity/h5-idv/v1/") {
        common(request, true)
    } else {
        picture(request)
    };
    match flaw {
        Some(flaw) => Err(format!("call {id} asks {path}: {flaw}")),
        None => Ok(()),
    }
}

fn common(request: &Request<Vec<u8>>, token: bool) -> Option<&'static str> {
    let header = |name| request.headers().get(name);
    if request.method() != Method::POST {
        Some("not by POST")
    } else if header("content-type").is_none_or(|kind| kind != "application/json") {
        Some("not as application/json")
    } else if header("x-access-token").is_some() != token {
        Some("with a token where none belongs, or without one")
    } else {
        None
    }
}

/// The signature is over the very digits that are sent.
fn signature(body: &[u8]) -> Option<&'static str> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let stamp = body["timestamp"].as_u64().unwrap_or_default();
    let digest = Sha256::digest(format!("{ACCESS_KEY}{SECRET_KEY}{stamp}"));
    let fits = body["accessKey"] == ACCESS_KEY && body["signature"] == hex::encode(digest).as_str();
    let digits = (1_000_000_000_000..10_000_000_000_000).contains(&stamp);
    (!fits || !digits).then_some("with a wrong signature")
}

fn picture(request: &Request<Vec<u8>>) -> Option<&'static str> {
    let bare = ["x-access-token", "authorization", "cookie", "referer"]
        .iter()
        .all(|name| !request.headers().contains_key(*name));
    let plain = request.method() == Method::GET && request.body().is_empty();
    (!bare || !plain).then_some("with more than the address")
}
