//! What a token says about itself. It is read, not checked: the key is the vendor's.

use advance_core::UnixMillis;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::text::Rows;
use crate::time;

/// The claims of a JWT.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    let [_, payload, _] = token.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(claims) => Some(claims),
        _ => None,
    }
}

/// The claims that say when and for where; others may say for whom.
pub(crate) fn open(claims: &Map<String, Value>) -> Map<String, Value> {
    let known = ["iat", "nbf", "exp", "iss", "aud", "realIp"];
    // The vendor writes some of them as JSON into the text of `sub`.
    let inner = claims
        .get("sub")
        .and_then(Value::as_str)
        .and_then(|sub| serde_json::from_str(sub).ok());
    let inner: Map<String, Value> = inner.unwrap_or_default();
    let all = claims
        .iter()
        .chain(&inner)
        .filter(|(name, _)| known.contains(&name.as_str()));
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A row for each of them, times as dates.
pub(crate) fn add_to(rows: &mut Rows, claims: &Map<String, Value>, now: UnixMillis) {
    for (name, value) in open(claims) {
        let shown = match (name.as_str(), value.as_u64(), &value) {
            ("iat" | "nbf" | "exp", Some(seconds), _) => {
                time::relative(UnixMillis::new(seconds.saturating_mul(1000)), now)
            }
            (_, _, Value::String(text)) => text.clone(),
            _ => value.to_string(),
        };
        rows.add([&name, &shown]);
    }
}

/// When it ends, by itself.
pub(crate) fn expiry(token: &str) -> Option<UnixMillis> {
    let seconds = claims(token)?.get("exp")?.as_u64()?;
    Some(UnixMillis::new(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_and_others_left_out() {
        let payload = URL_SAFE_NO_PAD
            .encode(br#"{"exp":1666000000,"sub":"{\"realIp\":\"192.0.2.1\",\"x\":\"h1dden\"}"}"#);
        let token = format!("e30.{payload}.x");
        assert_eq!(expiry(&token), Some(UnixMillis::new(1_666_000_000_000)));
        let open = open(&claims(&token).unwrap());
        assert_eq!(open.keys().collect::<Vec<_>>(), ["exp", "realIp"]);
        assert_eq!(claims("abc.def.ghi"), None);
        assert_eq!(claims("no token"), None);
    }
}
