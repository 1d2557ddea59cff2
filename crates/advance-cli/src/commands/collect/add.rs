//! `advance collect add`

use advance_collector::Pending;
use advance_core::{SignatureId, UnixMillis};
use serde::Serialize;
use serde_json::Value;

use super::store::{Place, failed};
use crate::out::Out;
use crate::problem::{Problem, rule};
use crate::results::input;
use crate::stop::Stop;

/// Remember verifications; those that are known already stay as they are
#[derive(clap::Args)]
pub(super) struct Args {
    /// Which verifications: the signatureIds that came with their links
    #[arg(value_name = "SIGNATURE_ID", required_unless_present = "input")]
    signature_ids: Vec<String>,
    /// Read them from this file, or - for standard input: an id a line, or what `advance link --json` prints
    #[arg(short, long, value_name = "FILE")]
    input: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Added {
    added: u64,
    known: u64,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let mut pending = Vec::new();
    for id in &args.signature_ids {
        pending.push(Pending::of(SignatureId::new(id.as_str())?));
    }
    if let Some(file) = &args.input {
        let text = input::read(file)?;
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            pending.push(
                read(line.trim()).map_err(|what| {
                    Stop::from(Problem::usage(format!("line {number} of the input: {what}")))
                })?,
            );
        }
    }
    if pending.is_empty() {
        return Err(Problem::usage("the input holds no signatureId").into());
    }
    let added = args.place.open()?.store.add(&pending).map_err(failed)?;
    let known = pending.len() as u64 - added;
    if out.is_json() {
        return out.object(&Added { added, known });
    }
    out.text(&format!("{added} added, {known} known already\n"))
}

/// An id, or an object with one and perhaps with its link's end.
fn read(line: &str) -> Result<Pending, String> {
    if !line.starts_with('{') {
        let id = SignatureId::new(line).map_err(|error| rule(&error))?;
        return Ok(Pending::of(id));
    }
    let object: Value = serde_json::from_str(line).map_err(|_| "is no JSON".to_owned())?;
    let id = object.get("signatureId").and_then(Value::as_str);
    let id = id.ok_or("has no signatureId")?;
    let id = SignatureId::new(id).map_err(|error| rule(&error))?;
    Ok(match object.get("expiredTime").and_then(Value::as_u64) {
        Some(ends) => Pending::of(id).link_ends(UnixMillis::new(ends)),
        None => Pending::of(id),
    })
}
