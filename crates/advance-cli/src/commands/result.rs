//! `advance result`

use advance_core::{Error, SignatureId, Verification};
use serde::Serialize;

use super::view::{self, Meaning, Receipt};
use super::{batch, wait};
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::{Problem, Stop};
use crate::text::Rows;

/// As long as the document says a link lives.
const LINK_LIFE: u64 = 3600;

pub(super) fn run(args: &args::Fetch, out: &Out) -> Result<(), Stop> {
    let ids = args.signature_ids.iter().map(|id| SignatureId::new(id.as_str()));
    let ids: Vec<_> = ids.collect::<Result<_, Error>>()?;
    if args.wait && ids.len() > 1 {
        return Err(Problem::usage("--wait takes one signatureId; for more, run several commands").into());
    }
    let api = Api::connect(&args.connection, out)?;
    match &ids[..] {
        [id] if args.wait => {
            let seconds = args.timeout.unwrap_or(LINK_LIFE);
            wait::one(&api, id, seconds, args.unknown_is_unfinished, out)
        }
        [id] => {
            let response = api.get_result(id)?;
            print(id, response.data(), Receipt::of(&response), out)
        }
        _ => batch::run(&api, ids, args, out),
    }
}

/// One result as an object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Printed<'a> {
    pub(super) signature_id: &'a SignatureId,
    #[serde(flatten)]
    pub(super) verification: &'a Verification,
    #[serde(flatten)]
    pub(super) meaning: Meaning,
    #[serde(flatten)]
    pub(super) receipt: Receipt<'a>,
}

pub(super) fn print(
    signature_id: &SignatureId,
    verification: &Verification,
    receipt: Receipt<'_>,
    out: &Out,
) -> Result<(), Stop> {
    if out.is_json() {
        return out.object(&Printed {
            signature_id,
            verification,
            meaning: Meaning::of(verification),
            receipt,
        });
    }
    out.text(&text(signature_id, verification, &receipt))
}

/// One result for a person.
pub(super) fn text(signature_id: &SignatureId, verification: &Verification, receipt: &Receipt<'_>) -> String {
    let mut rows = Rows::default();
    rows.add(["signatureId", signature_id.as_str()]);
    receipt.add_to(&mut rows);
    [
        rows.lines(0),
        view::outcome(verification, true),
        view::card(verification),
        view::consistency(verification),
    ]
    .concat()
}
