//! Tokens in the shape of the documents' samples: HS512, and a `sub` that is JSON inside a string.

use std::net::IpAddr;
use std::time::Duration;

use jwt_compact::alg::{Hs512, Hs512Key};
use jwt_compact::{AlgorithmExt, Claims, Header, UntrustedToken};
use serde::{Deserialize, Serialize};

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

/// What is read of them; `jwt_compact` reads the times.
#[derive(Deserialize)]
struct Read {
    sub: String,
}

/// What is in `sub`. The documented access token has the first three, the documented link the first two and the last
/// two. An access token of ours has all of them (a guess): only so do two of the same second differ.
#[derive(Serialize, Deserialize)]
struct Subject {
    #[serde(rename = "customerId")]
    customer_id: u64,
    #[serde(rename = "accountId")]
    account_id: u64,
    #[serde(rename = "realIp", default, skip_serializing_if = "Option::is_none")]
    real_ip: Option<IpAddr>,
    #[serde(rename = "_timestamp")]
    timestamp: u64,
    #[serde(rename = "_uuid")]
    uuid: String,
}

/// What a token that we signed says.
pub(super) struct Token {
    pub(super) customer: Customer,
    /// Whom it was given to; a link's token does not say.
    pub(super) real_ip: Option<IpAddr>,
    pub(super) uuid: String,
    pub(super) issued: UnixMs,
    pub(super) expires: UnixMs,
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

    /// A token that differs from every other one by its `uuid`; `None` if it cannot be written down.
    pub(super) fn token(
        &self,
        customer: Customer,
        (real_ip, uuid): (Option<IpAddr>, &str),
        now: UnixMs,
        life: Duration,
    ) -> Option<String> {
        let subject = Subject {
            customer_id: customer.customer_id,
            account_id: customer.account_id,
            real_ip,
            timestamp: now.as_millis(),
            uuid: uuid.to_owned(),
        };
        let claims = Sample {
            iss: "h5_liveness",
            sub: serde_json::to_string(&subject).ok()?,
            aud: "WEB",
            iat: now.as_secs(),
            exp: now.after(life).as_secs(),
        };
        Hs512
            .token(&Header::empty(), &Claims::new(claims), &self.key)
            .ok()
    }

    /// What `token` says, if this mint signed it. Whether it has expired or was revoked is for others to say.
    pub(super) fn read(&self, token: &str) -> Option<Token> {
        let untrusted = UntrustedToken::new(token).ok()?;
        let validated = Hs512.validator::<Read>(&self.key).validate(&untrusted).ok()?;
        let claims = validated.claims();
        let subject: Subject = serde_json::from_str(&claims.custom.sub).ok()?;
        let issued = UnixMs(subject.timestamp);
        // Lives are whole seconds, so that their sum with the milliseconds of the issue is exact.
        let life = claims.expiration?.timestamp() - claims.issued_at?.timestamp();
        Some(Token {
            customer: Customer {
                customer_id: subject.customer_id,
                account_id: subject.account_id,
            },
            real_ip: subject.real_ip,
            uuid: subject.uuid,
            issued,
            expires: issued.after(Duration::from_secs(u64::try_from(life).ok()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::Value;
    use sha2::Sha512;

    use super::*;

    const CUSTOMER: Customer = Customer {
        customer_id: 3_150_298,
        account_id: 3_150_299,
    };

    fn sample(real_ip: Option<IpAddr>, uuid: &str) -> String {
        Mint::new([7; 32])
            .token(
                CUSTOMER,
                (real_ip, uuid),
                UnixMs(1_708_509_899_928),
                Duration::from_secs(3600),
            )
            .unwrap()
    }

    fn subject(token: &str) -> Value {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        serde_json::from_str(claims["sub"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn a_link_has_the_claims_of_the_documented_one() {
        let token = sample(None, "1fc139a1165b4c10bce801d3dd24ac28");
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
        assert_ne!(ours[2], theirs[2], "the key is the vendor's");
    }

    #[test]
    fn an_access_token_has_the_claims_of_the_documented_one_and_two_more() {
        let documented = include_str!("../../fixtures/generate-token.success.json");
        let documented: Value = serde_json::from_str(documented).unwrap();
        let theirs = subject(documented["data"]["token"].as_str().unwrap());
        let ours = subject(&sample("45.251.107.111".parse().ok(), "a"));
        for name in theirs.as_object().unwrap().keys() {
            assert!(ours.get(name).is_some(), "{name}");
        }
        assert_eq!(ours["realIp"], theirs["realIp"]);
        assert_eq!(ours.as_object().unwrap().len(), 5);
    }

    #[test]
    fn is_signed_with_hs512() {
        let token = sample(None, "a");
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha512>::new_from_slice(&[7; 32]).unwrap();
        mac.update(message.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn reads_what_it_signed_and_nothing_else() {
        let token = sample("127.0.0.1".parse().ok(), "a");
        let read = Mint::new([7; 32]).read(&token).unwrap();
        assert_eq!((read.customer, read.uuid.as_str()), (CUSTOMER, "a"));
        assert_eq!(read.issued, UnixMs(1_708_509_899_928));
        assert_eq!(read.expires, UnixMs(1_708_513_499_928));
        assert!(Mint::new([8; 32]).read(&token).is_none());
        for index in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[index] = if wrong[index] == b'A' { b'B' } else { b'A' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(Mint::new([7; 32]).read(&wrong).is_none(), "{index}");
        }
        for wrong in ["", ".", "..", "a.b.c", &format!("{token}A"), &format!("{token}=")] {
            assert!(Mint::new([7; 32]).read(wrong).is_none(), "{wrong}");
        }
    }
}
