//! A request, ready to send.

use std::hint::black_box;

use advance_core::wire::build_request;
use advance_core::{BaseUrl, GenerateToken, GetResult, UnixMillis};

use crate::case::Case;
use crate::{naive, samples};

const BY_HAND: &str = "`http::Request::builder()` from strings";

pub fn cases() -> Vec<Case> {
    let (base, token, text) = (BaseUrl::default(), samples::token(), samples::token_text());
    let generate_url = samples::generate_url();
    let url = Case::new(
        "build generate-url",
        BY_HAND,
        0.5,
        move || {
            drop(black_box(build_request(
                black_box(&generate_url),
                &base,
                Some(&token),
            )))
        },
        move || drop(black_box(naive::generate_url(black_box(&text)))),
    );
    let (base, token, text) = (BaseUrl::default(), samples::token(), samples::token_text());
    let get_result = GetResult::new(samples::signature_id());
    let result = Case::new(
        "build get-result",
        BY_HAND,
        0.42,
        move || {
            drop(black_box(build_request(
                black_box(&get_result),
                &base,
                Some(&token),
            )))
        },
        move || drop(black_box(naive::get_result(black_box(&text)))),
    );
    let (base, credentials) = (BaseUrl::default(), samples::credentials());
    let sign_and_build = Case::new(
        "sign and build generate-token",
        "the same by hand",
        1.4,
        move || {
            let request = GenerateToken::sign(&credentials, UnixMillis::new(samples::MILLIS)).unwrap();
            drop(black_box(build_request(&request, &base, None)));
        },
        || drop(black_box(naive::generate_token())),
    );
    vec![url.allocations(4), result.allocations(4), sign_and_build]
}
