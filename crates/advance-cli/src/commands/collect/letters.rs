//! `advance collect letters` and `resend`

use advance_collector::outbox::{Letter, LetterState};
use serde_json::json;

use super::store::{Place, failed};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;
use crate::text::Rows;
use crate::time;

/// Show webhooks: by default those that were given up
#[derive(clap::Args)]
pub(super) struct Letters {
    /// Those that stand there
    #[arg(long, value_enum, default_value_t = Which::Dead)]
    state: Which,
    /// How many at the most, the oldest first
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Which {
    Waiting,
    Delivered,
    Dead,
}

/// Send webhooks again, from the beginning of their schedule; `collect run` delivers them
#[derive(clap::Args)]
pub(super) struct Resend {
    /// Which ones, by the id that `letters` shows, in any state
    #[arg(value_name = "ID", required_unless_present = "dead")]
    ids: Vec<String>,
    /// Every one that was given up
    #[arg(long, conflicts_with = "ids")]
    dead: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn letters(args: &Letters, out: &Out) -> Result<(), Stop> {
    args.place.file()?;
    args.place.open_existing()?;
    let state = match args.state {
        Which::Waiting => LetterState::Waiting,
        Which::Delivered => LetterState::Delivered,
        Which::Dead => LetterState::Dead,
    };
    let letters = args.place.outbox()?.list(state, args.limit).map_err(failed)?;
    if out.is_json() {
        return letters.iter().try_for_each(|letter| out.object(&line(letter)));
    }
    let mut rows = Rows::default();
    for letter in &letters {
        let failures = letter.failures.to_string();
        let trouble = letter.trouble.as_deref().unwrap_or_default();
        let written = time::shown(letter.written);
        rows.add([
            &letter.id,
            letter.signature_id.as_str(),
            &written,
            &failures,
            trouble,
        ]);
    }
    out.text(&out.lines(&rows, 0))
}

pub(super) fn resend(args: &Resend, out: &Out) -> Result<(), Stop> {
    args.place.file()?;
    args.place.open_existing()?;
    let outbox = args.place.outbox()?;
    let mut resent = 0;
    if args.dead {
        resent = outbox.resend_dead().map_err(failed)?;
    }
    for id in &args.ids {
        if !outbox.resend(id).map_err(failed)? {
            let hint = "`advance collect letters` shows those that there are";
            return Err(Problem::usage("the outbox knows no webhook of this id")
                .hint(hint)
                .into());
        }
        resent += 1;
    }
    if out.is_json() {
        return out.object(&json!({ "resent": resent }));
    }
    out.text(&format!("{resent} to be delivered again\n"))
}

fn line(letter: &Letter) -> serde_json::Value {
    json!({
        "webhookId": letter.id,
        "signatureId": letter.signature_id.as_str(),
        "revision": letter.revision,
        "state": letter.state.as_str(),
        "failures": letter.failures,
        "written": letter.written,
        "due": letter.due,
        "trouble": letter.trouble,
    })
}
