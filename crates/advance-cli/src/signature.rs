//! Whether a signature is right, and if not, which mistake it comes from: the usual ones are tried.

use std::fmt::Write as _;

use advance_core::wire::{Timestamp, sign};
use advance_core::{Credentials, UnixMillis};
use sha2::{Digest as _, Sha256};

/// Judges a signature over these digits.
pub(crate) fn judge(credentials: &Credentials, digits: &str, given: &str) -> Result<(), String> {
    let (access, secret) = (
        credentials.access_key().expose(),
        credentials.secret_key().expose(),
    );
    let right = match digits.parse().map(UnixMillis::new).map(Timestamp::new) {
        Ok(Ok(timestamp)) => sign(credentials, timestamp).expose().to_owned(),
        _ => hash(&[access, secret, digits]),
    };
    if given == right {
        return well_formed(digits);
    }
    let trimmed = given.trim();
    if trimmed == right {
        return Err("the signature is right but for blanks or a line break around it".to_owned());
    }
    if trimmed.eq_ignore_ascii_case(&right) {
        return Err("the signature is in capital letters; the vendor wants lowercase hex".to_owned());
    }
    let given = trimmed.to_ascii_lowercase();
    for (parts, mistake) in orders(access, secret, digits) {
        if hash(&parts) == given {
            return Err(mistake.to_owned());
        }
    }
    if let Some(mistake) = other_times(access, secret, digits, &given) {
        return Err(mistake);
    }
    Err(form(&given))
}

fn well_formed(digits: &str) -> Result<(), String> {
    match digits.len() {
        13 => Ok(()),
        10 => Err(
            "the signature fits, but the timestamp is in seconds; it must be 13 digits, milliseconds"
                .to_owned(),
        ),
        length => Err(format!(
            "the signature fits, but the timestamp has {length} digits; it must have 13, milliseconds"
        )),
    }
}

type Parts<'a> = Vec<&'a str>;

fn orders<'a>(access: &'a str, secret: &'a str, digits: &'a str) -> Vec<(Parts<'a>, &'static str)> {
    vec![
        (
            vec![secret, access, digits],
            "the keys are in the wrong order: it must be accessKey, secretKey, timestamp",
        ),
        (
            vec![access, digits, secret],
            "secretKey and timestamp are in the wrong order: it must be accessKey, secretKey, timestamp",
        ),
        (
            vec![digits, access, secret],
            "the timestamp comes first: it must be accessKey, secretKey, timestamp",
        ),
        (
            vec![secret, digits, access],
            "the order is wrong: it must be accessKey, secretKey, timestamp",
        ),
        (
            vec![digits, secret, access],
            "the order is wrong: it must be accessKey, secretKey, timestamp",
        ),
        (
            vec![access, secret],
            "the timestamp is missing from what was signed",
        ),
        (vec![access, digits], "secretKey is missing from what was signed"),
        (vec![secret, digits], "accessKey is missing from what was signed"),
        (
            vec![access, secret, "\n", digits],
            "secretKey was signed with a line break at its end",
        ),
        (
            vec![access, "\n", secret, digits],
            "accessKey was signed with a line break at its end",
        ),
        (
            vec![access, "\n", secret, "\n", digits],
            "both keys were signed with a line break at their ends",
        ),
        (
            vec![access, secret, "\r\n", digits],
            "secretKey was signed with a line break at its end",
        ),
        (
            vec![access, secret, " ", digits],
            "secretKey was signed with a blank at its end",
        ),
        (
            vec![access, secret, digits, "\n"],
            "a line break was signed after the timestamp (use `printf`, not `echo`)",
        ),
        (
            vec![access, "+", secret, "+", digits],
            "plus signs were signed between the parts; they only mean \"then\"",
        ),
        (
            vec![access, ",", secret, ",", digits],
            "commas were signed between the parts",
        ),
        (
            vec!["\"", access, "\"", "\"", secret, "\"", digits],
            "the keys were signed with quotes around them",
        ),
        (
            vec!["\u{feff}", access, secret, digits],
            "accessKey was signed with a byte order mark before it",
        ),
    ]
}

/// Digits that differ from the body's.
fn other_times(access: &str, secret: &str, digits: &str, given: &str) -> Option<String> {
    let seconds = digits.len().checked_sub(3).and_then(|end| digits.get(..end))?;
    let signed = |digits: &str| hash(&[access, secret, digits]) == given;
    if signed(seconds) {
        return Some("the signature was made over seconds, and the body has milliseconds: sign the very digits that are sent".to_owned());
    }
    if signed(&format!("{digits}000")) {
        return Some("the signature was made over milliseconds, and the body has seconds: send the very digits that are signed, 13 of them".to_owned());
    }
    let time: u64 = digits.parse().ok()?;
    for off in (1..=5000_u64)
        .flat_map(|off| [time.checked_add(off), time.checked_sub(off)])
        .flatten()
    {
        if signed(&off.to_string()) {
            let by = off.abs_diff(time);
            return Some(format!(
                "the signature was made over a timestamp that differs from the body's by {by} ms: take the time once"
            ));
        }
    }
    None
}

fn form(given: &str) -> String {
    let hex = given.bytes().all(|byte| byte.is_ascii_hexdigit());
    match given.len() {
        64 if hex => {
            "the signature is of the right form, and was made with other keys or another timestamp than these"
                .to_owned()
        }
        32 | 40 | 128 if hex => format!(
            "the signature has {} characters, so it is no SHA-256, which has 64",
            given.len()
        ),
        44 => "the signature looks like base64; the vendor wants lowercase hex".to_owned(),
        length => format!("the signature has {length} characters; lowercase hex SHA-256 has 64"),
    }
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "1665993522952";

    fn judged(given: &str) -> Result<(), String> {
        let keys = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
        judge(&keys, DIGITS, given)
    }

    #[test]
    fn the_documented_signature_is_right_and_mistakes_are_named() {
        const RIGHT: &str = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5";
        assert_eq!(judged(RIGHT), Ok(()));
        let (a, s) = ("sampleaccesskey", "samplesecretkey");
        for (given, named) in [
            (RIGHT.to_uppercase(), "capital letters"),
            (format!("{RIGHT}\n"), "line break around"),
            (hash(&[s, a, DIGITS]), "keys are in the wrong order"),
            (hash(&[a, s, "1665993522"]), "over seconds"),
            (hash(&[a, s, "1665993522957"]), "by 5 ms"),
            (
                hash(&[a, s, "\n", DIGITS]),
                "secretKey was signed with a line break",
            ),
            (hash(&[a, s, DIGITS, "\n"]), "`printf`"),
            (hash(&["other", s, DIGITS]), "other keys"),
            ("abc".to_owned(), "3 characters"),
            ("0".repeat(40), "no SHA-256"),
        ] {
            let said = judged(&given).unwrap_err();
            assert!(said.contains(named), "{said}");
        }
        let keys = Credentials::new(a, s).unwrap();
        let seconds = hash(&[a, s, "1665993522"]);
        assert!(
            judge(&keys, "1665993522", &seconds)
                .unwrap_err()
                .contains("in seconds")
        );
        let millis = hash(&[a, s, "1665993522000"]);
        assert!(
            judge(&keys, "1665993522", &millis)
                .unwrap_err()
                .contains("body has seconds")
        );
    }
}
