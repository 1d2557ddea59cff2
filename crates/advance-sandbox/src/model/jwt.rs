//! Tokens in the shape of the documents' samples: HS512, and a `sub` that is JSON inside a string.

use std::time::Duration;

use jwt_compact::alg::{Hs512, Hs512Key};
use jwt_compact::{AlgorithmExt, Claims, Header};
use serde::Serialize;

use super::accounts::Customer;
use super::time::UnixMs;

/// The claims in the order of the samples. `exp` and `iat` are whole seconds.
#[derive(Serialize)]
struct Sample {
    iss: &'static str,
    sub: String,
    aud: &'static str,
    iat: u64,
    exp: u64,
}

/// Signs tokens with one key.
#[derive(Clone)]
pub(super) struct Mint {
    key: Hs512Key,
}

impl Mint {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key: Hs512Key::new(key),
        }
    }

    /// A token that differs from every other one by its `_uuid`; `None` if it cannot be written down.
    pub(super) fn token(
        &self,
        customer: Customer,
        uuid: &str,
        now: UnixMs,
        life: Duration,
    ) -> Option<String> {
        let claims = Sample {
            iss: "h5_liveness",
            sub: format!(
                r#"{{"customerId":{},"accountId":{},"_timestamp":{},"_uuid":"{uuid}"}}"#,
                customer.customer_id,
                customer.account_id,
                now.as_millis(),
            ),
            aud: "WEB",
            iat: now.as_secs(),
            exp: now.after(life).as_secs(),
        };
        Hs512
            .token(&Header::empty(), &Claims::new(claims), &self.key)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha512;

    use super::*;

    fn sample(uuid: &str) -> String {
        let customer = Customer {
            customer_id: 3_150_298,
            account_id: 3_150_299,
        };
        Mint::new([7; 32])
            .token(
                customer,
                uuid,
                UnixMs(1_708_509_899_928),
                Duration::from_secs(3600),
            )
            .unwrap()
    }

    #[test]
    fn has_the_claims_of_the_documented_sample() {
        let token = sample("1fc139a1165b4c10bce801d3dd24ac28");
        let documented = include_str!("../../fixtures/generate-url.success.json");
        let documented = documented
            .split("token=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        let (ours, theirs): (Vec<_>, Vec<_>) = (token.split('.').collect(), documented.split('.').collect());
        assert_eq!(ours[..2], theirs[..2]);
        assert_ne!(ours[2], theirs[2], "nobody but the vendor has the vendor's key");
    }

    #[test]
    fn is_signed_with_hs512() {
        let token = sample("a");
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha512>::new_from_slice(&[7; 32]).unwrap();
        mac.update(message.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn differs_within_a_millisecond() {
        assert_ne!(sample("a"), sample("b"));
    }
}
