//! The signature of a token request.

use std::hint::black_box;

use advance_core::UnixMillis;
use advance_core::wire::{Timestamp, sign};
use sha2::{Digest as _, Sha256};

use crate::case::Case;
use crate::samples;

pub fn cases() -> Vec<Case> {
    let credentials = samples::credentials();
    let timestamp = Timestamp::new(UnixMillis::new(samples::MILLIS)).unwrap();
    let bytes = format!(
        "{}{}{}",
        samples::ACCESS_KEY,
        samples::SECRET_KEY,
        samples::MILLIS
    );
    vec![
        Case::new(
            "sign",
            "`Sha256::digest` of the same bytes",
            1.7,
            move || drop(black_box(sign(black_box(&credentials), timestamp))),
            move || {
                black_box(Sha256::digest(black_box(&bytes)));
            },
        )
        .allocations(1),
    ]
}
