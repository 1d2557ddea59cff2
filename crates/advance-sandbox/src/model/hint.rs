//! What probably went wrong, for the person whose call was refused: the vendor's messages do not say.

use sha2::{Digest, Sha256};

use super::endpoint::Endpoint;

/// Why a signature may be wrong. `None` if nothing that people get wrong explains it.
pub(super) fn signature(given: &str, access_key: &str, secret_key: &str, timestamp: &str) -> &'static str {
    let sign = |parts: &[&str]| hex::encode(Sha256::digest(parts.concat()));
    let is = |parts: &[&str]| given.eq_ignore_ascii_case(&sign(parts));
    let seconds = timestamp.get(..10).unwrap_or(timestamp);
    if is(&[access_key, secret_key, timestamp]) {
        return "the signature is right, but in upper-case hex; the document's is in lower case";
    }
    if is(&[access_key, secret_key, seconds]) {
        return "the signature was made over seconds, but the timestamp was sent in milliseconds; sign the very digits that are sent";
    }
    for order in [
        [secret_key, access_key, timestamp],
        [access_key, timestamp, secret_key],
        [secret_key, timestamp, access_key],
        [timestamp, access_key, secret_key],
        [timestamp, secret_key, access_key],
    ] {
        if is(&order) {
            return "the parts were signed in another order; it is accessKey, secretKey, timestamp";
        }
    }
    for newline in ["\n", "\r\n"] {
        let (key, secret) = (format!("{access_key}{newline}"), format!("{secret_key}{newline}"));
        let whole = format!("{timestamp}{newline}");
        if is(&[access_key, &secret, timestamp])
            || is(&[&key, secret_key, timestamp])
            || is(&[&key, &secret, timestamp])
        {
            return "a key was signed with a newline at its end; trim it where it is read";
        }
        if is(&[access_key, secret_key, &whole]) {
            return "the signed text ends in a newline, as `echo` writes one; use printf";
        }
    }
    for separator in ["&", ",", ":", "-", "|", " "] {
        if is(&[access_key, separator, secret_key, separator, timestamp]) {
            return "the parts were signed with a separator between them; there is none";
        }
    }
    if is(&[secret_key, timestamp]) || is(&[access_key, timestamp]) || is(&[access_key, secret_key]) {
        return "a part is missing from what was signed; it is accessKey, secretKey, timestamp";
    }
    match given.len() {
        64 if given.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            "it is a SHA-256, but not of accessKey, secretKey and timestamp as this account has them; is it the secret key of this account?"
        }
        44 if given.ends_with('=') => "it looks like base64; the signature is the SHA-256 in lower-case hex",
        32 => "it looks like an MD5; the signature is the SHA-256 in lower-case hex",
        40 => {
            "it looks like a SHA-1, as older products of the vendor sign by HMAC; here it is a plain SHA-256 in lower-case hex"
        }
        128 => "it looks like a SHA-512; the signature is the SHA-256 in lower-case hex",
        _ => {
            "the signature is the SHA-256 of accessKey, secretKey and timestamp, 64 digits in lower-case hex"
        }
    }
}

/// Why a timestamp may be wrong.
pub(super) fn timestamp(digits: &str, now: u64) -> String {
    match (digits.len(), digits.parse::<u64>()) {
        (10, Ok(_)) => "the timestamp looks like seconds; milliseconds have thirteen digits".to_owned(),
        (16, Ok(_)) => "the timestamp looks like microseconds; milliseconds have thirteen digits".to_owned(),
        (19, Ok(_)) => "the timestamp looks like nanoseconds; milliseconds have thirteen digits".to_owned(),
        (13, Ok(stamp)) => {
            let off = stamp.abs_diff(now) / 1000;
            let side = if stamp < now { "behind" } else { "ahead of" };
            format!("the timestamp is {off} s {side} the sandbox's clock, and 300 s are allowed")
        }
        _ => "the timestamp is thirteen digits, milliseconds since 1970".to_owned(),
    }
}

/// What there is instead of a path that there is not.
pub(super) fn path(path: &str, prefix: &str) -> String {
    let near = Endpoint::ALL.iter().find(|endpoint| {
        let documented = endpoint.path();
        path.trim_end_matches('/').ends_with(endpoint.name())
            || path.eq_ignore_ascii_case(documented)
            || documented
                .split_once("/openapi")
                .is_some_and(|(_, rest)| path.ends_with(rest))
    });
    let mut text = match near {
        Some(endpoint) => format!("did you mean {prefix}{}? ", endpoint.path()),
        None => String::new(),
    };
    if !prefix.is_empty() && Endpoint::at(path).is_some() {
        text = format!("this sandbox has the path prefix {prefix}. ");
    }
    text.push_str("The calls are POST");
    for endpoint in Endpoint::ALL {
        text.push(' ');
        text.push_str(prefix);
        text.push_str(endpoint.path());
    }
    if path.contains("/openapi/") && near.is_some() {
        text.push_str(
            "; for a gateway whose prefix replaces a part of them, start the sandbox with --path-prefix",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_is_recognised() {
        let sign = |text: &str| hex::encode(Sha256::digest(text));
        let told = |given: &str| signature(given, "key", "secret", "1665993522952");
        for (given, word) in [
            (sign("keysecret1665993522952").to_uppercase(), "upper-case"),
            (sign("keysecret1665993522"), "seconds"),
            (sign("secretkey1665993522952"), "order"),
            (sign("keysecret\n1665993522952"), "newline"),
            (sign("keysecret1665993522952\n"), "printf"),
            (sign("key&secret&1665993522952"), "separator"),
            (sign("key1665993522952"), "missing"),
            (sign("keyother1665993522952"), "secret key of this account"),
            ("0".repeat(40), "HMAC"),
            ("0".repeat(32), "MD5"),
            ("x".to_owned(), "64 digits"),
        ] {
            assert!(told(&given).contains(word), "{word}: {}", told(&given));
        }
        for (digits, word) in [
            ("1665993522", "seconds"),
            ("1665993522952000", "microseconds"),
            ("1665993522952", "400 s behind"),
            ("x", "thirteen"),
        ] {
            assert!(timestamp(digits, 1_665_993_922_952).contains(word), "{digits}");
        }
    }

    #[test]
    fn a_path_is_told_from_its_neighbours() {
        assert!(path("/gateway/generate-token", "").starts_with("did you mean /openapi/auth"));
        assert!(path("/auth/ticket/v1/generate-token/", "/gw").starts_with("did you mean /gw/openapi/auth"));
        assert!(
            path("/openapi/auth/ticket/v1/generate-token", "/gw")
                .starts_with("this sandbox has the path prefix /gw")
        );
        let other = path("/", "");
        assert!(other.starts_with("The calls are POST /openapi/auth") && other.contains("get-result"));
    }
}
