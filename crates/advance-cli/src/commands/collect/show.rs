//! `advance collect status` and `export`

use advance_core::{Charges, SignatureId};
use serde::Serialize;

use super::store::{Place, failed};
use crate::out::Out;
use crate::service::intake::shown;
use crate::stop::Stop;
use crate::text::Rows;
use crate::time;

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
    letters: Letters,
    charges: Charges,
}

/// Webhooks in the outbox.
#[derive(Serialize)]
struct Letters {
    waiting: u64,
    delivered: u64,
    dead: u64,
}

pub(super) fn status(args: &Status, out: &Out) -> Result<(), Stop> {
    let status = args.place.open_existing()?.status().map_err(failed)?;
    let letters = args.place.beside()?.map(|beside| beside.outbox.counts());
    let letters = letters.transpose().map_err(failed)?.unwrap_or_default();
    if out.is_json() {
        return out.object(&Counts {
            waiting: status.waiting,
            done: status.done,
            unsure: status.unsure,
            failed: status.failed,
            pictures: status.pictures,
            untold: status.untold,
            letters: Letters {
                waiting: letters.waiting,
                delivered: letters.delivered,
                dead: letters.dead,
            },
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
        ("webhooks to deliver", letters.waiting),
        ("dead webhooks", letters.dead),
        ("free", status.charges.free),
        ("charged", status.charges.pay),
        ("of unknown cost", status.charges.unknown),
    ];
    for (name, count) in counts {
        rows.add([name, &count.to_string()]);
    }
    if let Some(oldest) = letters.oldest {
        let age = time::span(time::now().saturating_since(oldest));
        rows.add(["oldest webhook", &age]);
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
            out.object(&shown(record))?;
        }
    }
}
