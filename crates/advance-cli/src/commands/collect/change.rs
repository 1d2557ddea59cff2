//! `advance collect nudge`, `ask-again`, `erase` and `prune`

use std::time::Duration;

use advance_collector::outbox::Outbox;
use advance_collector::{Nudged, StoreError};
use advance_core::SignatureId;
use serde_json::json;

use super::store::{Beside, Place, failed};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

/// How many are pruned in one transaction.
const AT_ONCE: usize = 1_000;

/// The person is back: ask about this verification now
#[derive(clap::Args)]
pub(super) struct Nudge {
    /// Which verification
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    #[command(flatten)]
    place: Place,
}

/// Ask again about a verification that ended as unsure; it may be charged a second time
#[derive(clap::Args)]
pub(super) struct AskAgain {
    /// Which verification
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    #[command(flatten)]
    place: Place,
}

/// Forget a verification in any state; its cost stays in the sum
#[derive(clap::Args)]
pub(super) struct Erase {
    /// Which verification
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    #[command(flatten)]
    place: Place,
}

/// Forget verifications that ended so long ago and were told
#[derive(clap::Args)]
pub(super) struct Prune {
    /// How many days ago
    #[arg(long, value_name = "DAYS")]
    older_than: u64,
    #[command(flatten)]
    place: Place,
}

pub(super) fn nudge(args: &Nudge, out: &Out) -> Result<(), Stop> {
    let id = SignatureId::new(args.signature_id.as_str())?;
    let nudged = args.place.open_existing()?.nudge(&id).map_err(failed)?;
    let (word, text) = match nudged {
        Nudged::Due => ("due", "it is due now"),
        Nudged::UnderWay => ("under_way", "it is being asked about already"),
        Nudged::Ended => ("ended", "it has ended already"),
        Nudged::Unknown => return Err(unknown()),
    };
    said(out, "nudged", word, text)
}

pub(super) fn ask_again(args: &AskAgain, out: &Out) -> Result<(), Stop> {
    let id = SignatureId::new(args.signature_id.as_str())?;
    if !args.place.open_existing()?.ask_again(&id).map_err(failed)? {
        return Err(Problem::usage("the store knows no verification of this id that ended as unsure").into());
    }
    said(out, "askAgain", "due", "it is due now")
}

pub(super) fn erase(args: &Erase, out: &Out) -> Result<(), Stop> {
    let id = SignatureId::new(args.signature_id.as_str())?;
    let ids = [id];
    let store = args.place.open_existing()?;
    // Before it, so that a crash between the two leaves something to erase again; and after it, for a process that told its
    // outcome at the same moment.
    beside(&args.place, &ids, |outbox, id| outbox.forget(id))?;
    let erased = store.erase(&ids).map_err(failed)?;
    beside(&args.place, &ids, |outbox, id| outbox.forget(id))?;
    if erased == 0 {
        return Err(unknown());
    }
    said(
        out,
        "erased",
        ids[0].as_str(),
        "it is forgotten; a folder of results is yours to clear",
    )
}

pub(super) fn prune(args: &Prune, out: &Out) -> Result<(), Stop> {
    let store = args.place.open_existing()?;
    let age = Duration::from_secs(args.older_than.saturating_mul(24 * 3_600));
    let mut pruned = 0;
    loop {
        let old = store.old(age, AT_ONCE).map_err(failed)?;
        // What waits is still to be sent, and what was given up may be sent again.
        beside(&args.place, &old, |outbox, id| outbox.forget_delivered(id))?;
        pruned += store.erase(&old).map_err(failed)?;
        if old.len() < AT_ONCE {
            break;
        }
    }
    if out.is_json() {
        return out.object(&json!({ "pruned": pruned }));
    }
    out.text(&format!("{pruned} forgotten\n"))
}

/// Forgets what is kept beside the store: webhooks and links.
fn beside(
    place: &Place,
    ids: &[SignatureId],
    webhooks: impl Fn(&dyn Outbox, &SignatureId) -> Result<(), StoreError>,
) -> Result<(), Stop> {
    let Some(Beside { outbox, ledger }) = place.beside()? else {
        return Ok(());
    };
    for id in ids {
        webhooks(&*outbox, id).map_err(failed)?;
        ledger.forget(id.as_str()).map_err(failed)?;
    }
    Ok(())
}

fn said(out: &Out, name: &str, word: &str, text: &str) -> Result<(), Stop> {
    if out.is_json() {
        return out.object(&json!({ name: word }));
    }
    out.text(&format!("{text}\n"))
}

fn unknown() -> Stop {
    Problem::usage("the store knows no verification of this id").into()
}
