//! A token that is held, given out.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

use advance_core::Client;
use http::HeaderValue;

use crate::case::Case;
use crate::network::Memory;
use crate::samples;

const FLOOR: &str = "a mutex, a clock and a `HeaderValue` cloned";

pub fn cases() -> Vec<Case> {
    let given = client_with_token();
    let token = Case::new(
        "a held token by `Client::token`",
        FLOOR,
        2.9,
        move || drop(black_box(given.token())),
        floor(),
    );
    let exported = client_with_token();
    let export = Case::new(
        "a held token by `Client::export_token`",
        FLOOR,
        2.9,
        move || drop(black_box(exported.export_token())),
        floor(),
    );
    vec![token, export]
}

pub fn client_with_token() -> Client<Memory> {
    let config = advance_core::Config::new();
    let client = Client::new(Memory::default(), config, samples::credentials(), 7);
    assert!(client.adopt_token(samples::held_from(client.transport())));
    client
}

fn floor() -> impl Fn() + 'static {
    let value = Mutex::new(HeaderValue::from_str(&samples::token_text()).unwrap());
    move || {
        black_box(Instant::now());
        let shared = value.lock().unwrap().clone();
        drop(black_box(shared));
    }
}
