//! What the sender does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{Secret, Secrets};

/// The value of the header [`SIGNATURE`](crate::header::SIGNATURE) for this message: one signature for each secret.
/// `timestamp` is in seconds since 1970. An id must have no full stop in it, for that separates what is signed.
///
/// ```
/// use advance_webhook::{Secrets, sign};
///
/// let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// let signature = sign(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// # Ok::<(), advance_webhook::WrongSecret>(())
/// ```
pub fn sign(secrets: &Secrets, id: &str, timestamp: u64, body: &[u8]) -> String {
    let signatures = secrets.iter().map(|secret| {
        let code = mac(secret, id, &timestamp.to_string(), body).finalize();
        format!("v1,{}", STANDARD.encode(code.into_bytes()))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

/// The code over id, timestamp and body.
pub(crate) fn mac(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("a key of any length");
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}
