//! Forged, changed, replayed and old messages are refused; the specification's own library agrees.

#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use advance_webhook::{Refused, Secret, Secrets, Verifier, header, sign};
use http::HeaderMap;

const FIRST: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECOND: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "evt_1";
const BODY: &[u8] = br#"{"type":"verification.ended"}"#;
const NOW: u64 = 1_790_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn headers(secrets: &Secrets, timestamp: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ID, ID.parse().unwrap());
    headers.insert(header::TIMESTAMP, timestamp.into());
    let signature = sign(secrets, ID, timestamp, BODY);
    headers.insert(header::SIGNATURE, signature.parse().unwrap());
    headers
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

#[test]
fn what_was_signed_passes_and_what_was_changed_does_not() {
    let secrets = Secrets::one(secret(FIRST));
    let verifier = Verifier::new(secrets.clone());
    let good = headers(&secrets, NOW);
    let passed = verifier.verify(&good, BODY, at(NOW)).unwrap();
    assert_eq!((passed.id, passed.timestamp), (ID, NOW));
    let mut bodies: Vec<Vec<u8>> = (0..BODY.len())
        .map(|at| {
            let mut changed = BODY.to_vec();
            changed[at] ^= 1;
            changed
        })
        .collect();
    bodies.extend([Vec::new(), [BODY, b"\n"].concat()]);
    for body in bodies {
        assert_eq!(verifier.verify(&good, &body, at(NOW)), Err(Refused::Signature));
    }
    for (name, value, refused) in [
        (header::ID, "evt_2", Refused::Signature),
        (header::TIMESTAMP, "1790000001", Refused::Signature),
        (header::TIMESTAMP, "+1790000000", Refused::Timestamp),
        (header::TIMESTAMP, "1790000000.0", Refused::Timestamp),
        (header::TIMESTAMP, "99999999999999999999999", Refused::Timestamp),
        (header::SIGNATURE, "v1,", Refused::Signature),
        (header::SIGNATURE, "v1,AAAA", Refused::Signature),
        (header::SIGNATURE, "v1a,AAAA v2,AAAA", Refused::Signature),
        (header::SIGNATURE, "garbage", Refused::Signature),
    ] {
        let mut changed = good.clone();
        changed.insert(name, value.parse().unwrap());
        assert_eq!(
            verifier.verify(&changed, BODY, at(NOW)),
            Err(refused),
            "{name}: {value}"
        );
    }
    for name in [header::ID, header::TIMESTAMP, header::SIGNATURE] {
        let mut missing = good.clone();
        missing.remove(name);
        assert_eq!(
            verifier.verify(&missing, BODY, at(NOW)),
            Err(Refused::Header(name))
        );
    }
    let forged = headers(&Secrets::one(secret(SECOND)), NOW);
    assert_eq!(verifier.verify(&forged, BODY, at(NOW)), Err(Refused::Signature));
}

#[test]
fn an_old_message_is_refused_and_one_of_tomorrow() {
    let secrets = Secrets::one(secret(FIRST));
    let verifier = Verifier::new(secrets.clone());
    let message = headers(&secrets, NOW);
    for (now, expected) in [
        (NOW + 300, None),
        (NOW + 301, Some(Refused::TooOld)),
        (NOW - 300, None),
        (NOW - 301, Some(Refused::TooNew)),
    ] {
        assert_eq!(verifier.verify(&message, BODY, at(now)).err(), expected, "{now}");
    }
    let patient = verifier.tolerance(Duration::from_secs(3_600));
    assert!(patient.verify(&message, BODY, at(NOW + 3_600)).is_ok());
}

#[test]
fn while_a_secret_is_changed_either_side_may_be_first() {
    let both = Secrets::changing(secret(SECOND), secret(FIRST));
    let message = headers(&both, NOW);
    let signatures = message[header::SIGNATURE].to_str().unwrap();
    assert_eq!(signatures.split(' ').count(), 2);
    for known in [FIRST, SECOND] {
        let receiver = Verifier::new(Secrets::one(secret(known)));
        assert!(receiver.verify(&message, BODY, at(NOW)).is_ok(), "{known}");
        let sender = headers(&Secrets::one(secret(known)), NOW);
        assert!(Verifier::new(both.clone()).verify(&sender, BODY, at(NOW)).is_ok());
    }
}

#[test]
fn many_signatures_cost_no_more_than_one() {
    let verifier = Verifier::new(Secrets::changing(secret(FIRST), secret(SECOND)));
    let body = vec![b' '; 1 << 18];
    let forged = sign(&Secrets::one(secret(FIRST)), ID, NOW, b"another body");
    // The shortest of some, for the machine may do something else meanwhile.
    let cost = |signatures: usize| {
        let signatures = vec![forged.as_str(); signatures].join(" ");
        let attempt = || {
            let begun = Instant::now();
            let refused = verifier.verify_parts(ID, &NOW.to_string(), &signatures, &body, at(NOW));
            assert_eq!(refused, Err(Refused::Signature));
            begun.elapsed()
        };
        (0..3).map(|_| attempt()).min().unwrap()
    };
    let (one, many) = (cost(1), cost(200));
    assert!(many < one * 50, "one took {one:?}, two hundred {many:?}");
}

#[test]
fn the_specifications_own_library_agrees() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let theirs = standardwebhooks::Webhook::new(FIRST).unwrap();
    let signed = i64::try_from(now).unwrap();
    let ours = Secrets::one(secret(FIRST));
    for body in [BODY, b"", "\u{fc}\n\0".as_bytes()] {
        let signature = sign(&ours, ID, now, body);
        assert_eq!(signature, theirs.sign(ID, signed, body).unwrap());
    }
    let both = Secrets::changing(secret(SECOND), secret(FIRST));
    theirs.verify(BODY, &headers(&both, now)).unwrap();
    assert!(theirs.verify(BODY, &headers(&both, now - 301)).is_err());
}
