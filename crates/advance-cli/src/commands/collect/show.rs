//! `advance collect status` and `export`

use advance_collector::{Record, Store as _};
use advance_core::{Charges, SignatureId};
use serde::Serialize;
use serde_json::json;

use super::store::{Place, failed};
use crate::out::Out;
use crate::stop::Stop;
use crate::text::Rows;

/// How many are read at a time.
const PAGE: usize = 500;

/// How many verifications stand where, and what they cost
#[derive(clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    place: Place,
}

/// Print every verification as a line of JSON
#[derive(clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Counts {
    waiting: u64,
    done: u64,
    unsure: u64,
    failed: u64,
    pictures: u64,
    untold: u64,
    charges: Charges,
}

pub(super) fn status(args: &Status, out: &Out) -> Result<(), Stop> {
    let status = args.place.open_existing()?.status().map_err(failed)?;
    if out.is_json() {
        return out.object(&Counts {
            waiting: status.waiting,
            done: status.done,
            unsure: status.unsure,
            failed: status.failed,
            pictures: status.pictures,
            untold: status.untold,
            charges: status.charges,
        });
    }
    let mut rows = Rows::default();
    let counts = [
        ("waiting", status.waiting),
        ("done", status.done),
        ("unsure", status.unsure),
        ("failed", status.failed),
        ("pictures to fetch", status.pictures),
        ("outcomes to tell", status.untold),
        ("free", status.charges.free),
        ("charged", status.charges.pay),
        ("of unknown cost", status.charges.unknown),
    ];
    for (name, count) in counts {
        rows.add([name, &count.to_string()]);
    }
    out.text(&out.lines(&rows, 0))
}

pub(super) fn export(args: &Export, out: &Out) -> Result<(), Stop> {
    let store = args.place.open_existing()?;
    let mut last: Option<SignatureId> = None;
    loop {
        let page = store.list(last.as_ref(), PAGE).map_err(failed)?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(end.signature_id.clone());
        for record in &page {
            out.object(&line(record))?;
        }
    }
}

/// One verification as an object.
fn line(record: &Record) -> serde_json::Value {
    let conclusion = record.conclusion.as_ref();
    let pictures = record.pictures.iter().map(|picture| {
        json!({
            "kind": picture.kind.as_str(), "state": picture.state.as_str(), "sha256": picture.sha256,
            "bytes": picture.bytes, "lost": picture.lost,
        })
    });
    json!({
        "signatureId": record.signature_id.as_str(),
        "state": record.state.as_str(),
        "ending": conclusion.map(|end| end.ending.as_str()),
        "outcome": conclusion.and_then(|end| Some(end.verdict?.as_str())),
        "reasons": conclusion.map(|end| &end.reasons),
        "code": conclusion.and_then(|end| end.code.as_ref()),
        "transactionId": conclusion.and_then(|end| end.transaction_id.as_ref()),
        "replyKept": conclusion.map(|end| end.kept),
        "charges": record.charges,
        "polls": record.polls,
        "doubts": record.doubts,
        "added": record.added,
        "linkEnds": record.link_ends,
        "ended": record.ended,
        "told": record.told >= record.revision && record.revision > 0,
        "pictures": pictures.collect::<Vec<_>>(),
    })
}
