//! A reply, read.

use std::hint::black_box;

use advance_core::wire::parse;
use advance_core::{GenerateToken, GetResult, UnixMillis};

use crate::case::Case;
use crate::{naive, samples};

const DERIVED: &str = "serde's derive into owned strings";
const TOKEN_DERIVED: &str = "serde's derive of the token's reply";

pub fn cases() -> Vec<Case> {
    let get_result = GetResult::new(samples::signature_id());
    let by_hand = || {
        drop(black_box(naive::parse::<naive::Verification>(bytes(
            samples::RESULT_REPLY,
        ))))
    };
    let result = Case::new(
        "parse get-result",
        DERIVED,
        0.8,
        move || drop(black_box(parse(&get_result, bytes(samples::RESULT_REPLY)))),
        by_hand,
    );
    let generate_token =
        GenerateToken::sign(&samples::credentials(), UnixMillis::new(samples::MILLIS)).unwrap();
    let token_by_hand = || {
        drop(black_box(naive::parse::<naive::Token>(bytes(
            samples::TOKEN_REPLY,
        ))))
    };
    let token = Case::new(
        "parse generate-token",
        TOKEN_DERIVED,
        0.85,
        move || drop(black_box(parse(&generate_token, bytes(samples::TOKEN_REPLY)))),
        token_by_hand,
    );
    let generate_url = samples::generate_url();
    let url = Case::new(
        "parse generate-url",
        TOKEN_DERIVED,
        1.2,
        move || drop(black_box(parse(&generate_url, bytes(samples::URL_REPLY)))),
        token_by_hand,
    );
    let generate_url = samples::generate_url();
    let error = Case::new(
        "parse an error's envelope",
        TOKEN_DERIVED,
        0.65,
        move || drop(black_box(parse(&generate_url, bytes(samples::ERROR_REPLY)))),
        token_by_hand,
    );
    vec![result, token, url, error]
}

fn bytes(text: &'static str) -> &'static [u8] {
    black_box(text.as_bytes())
}
