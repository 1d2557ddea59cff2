//! Whether what is secret is gone from memory when it is given back: the allocator looks at each piece that this thread frees.

use advance_core::secret::AccessToken;
use advance_core::{Client, Config, SignatureId, VerificationLink};

use crate::alloc;
use crate::network::Memory;
use crate::samples;

/// Of the vendor's samples: a piece of the token, of a link to a picture, of the card, and of the link to the page.
const SECRET: &[&[u8]] = &[
    b"CI6XCI0NS4yNTEuMTA3LjExMVwifSIsImF1ZCI6",
    b"Signature=ioMc4tH%2Bp8lZuuqlLcPKBbaBaAg",
    b"JL. G**G J**I T**R R**A",
    b"VKpPl8fDtdhD2y6Y2VwUYOdlnJKusRrDtmfw4FY6lq2",
];

/// A line if anything was left behind. The transport in memory makes copies of what it sends, as an HTTP client does, and of
/// nothing else.
pub fn faults() -> Option<String> {
    assert!(all_are_in_the_samples(), "the samples have other secrets by now");
    let id = samples::signature_id();
    let left = alloc::left_behind(SECRET, || a_life(&id));
    let known = alloc::left_behind(SECRET, || drop(samples::RESULT_REPLY.to_owned()));
    match (left, known) {
        (0, 1..) => None,
        (0, 0) => Some("a secret that was left in memory was not found there".to_owned()),
        (left, _) => Some(format!(
            "{left} pieces of memory were given back with a secret in them"
        )),
    }
}

/// A cold client asks for a token, a link and a result.
fn a_life(id: &SignatureId) {
    let client = Client::new(Memory::default(), Config::new(), samples::credentials(), 7);
    let link = client.generate_url(samples::generate_url()).expect("a link");
    let copy: VerificationLink = link.data().clone();
    let result = client.get_result(id).expect("a result");
    let token: Option<AccessToken> = client.export_token().map(|held| held.token);
    drop((link, copy, result, token));
}

fn all_are_in_the_samples() -> bool {
    let samples = [samples::TOKEN_REPLY, samples::URL_REPLY, samples::RESULT_REPLY].concat();
    SECRET.iter().all(|secret| {
        samples
            .as_bytes()
            .windows(secret.len())
            .any(|piece| piece == *secret)
    })
}
