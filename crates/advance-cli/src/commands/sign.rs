//! `advance sign`

use advance_core::UnixMillis;
use advance_core::wire::{Timestamp, sign};
use serde::Serialize;

use crate::account;
use crate::args;
use crate::out::Out;
use crate::problem::Stop;
use crate::time;

#[derive(Serialize)]
struct Printed<'a> {
    signature: &'a str,
    timestamp: u64,
}

pub(super) fn run(args: &args::Sign, out: &Out) -> Result<(), Stop> {
    let timestamp = Timestamp::new(args.timestamp.map_or_else(time::now, UnixMillis::new))?;
    let signature = sign(&account::credentials()?, timestamp);
    let signature = signature.expose();
    if out.is_json() {
        return out.object(&Printed {
            signature,
            timestamp: timestamp.get(),
        });
    }
    // Who gave the timestamp knows it, and gets nothing but the signature.
    match args.timestamp {
        Some(_) => out.text(&format!("{signature}\n")),
        None => out.text(&format!("{signature}\n{timestamp}\n")),
    }
}
