//! `advance result`

use advance_core::{SignatureId, Verification};
use serde::Serialize;

use super::view::{self, Meaning, Receipt};
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::Stop;
use crate::text::Rows;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    signature_id: &'a SignatureId,
    #[serde(flatten)]
    verification: &'a Verification,
    #[serde(flatten)]
    meaning: Meaning,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

pub(super) fn run(args: &args::Fetch, out: &Out) -> Result<(), Stop> {
    let signature_id = SignatureId::new(args.signature_id.as_str())?;
    let api = Api::connect(&args.connection)?;
    let response = api.get_result(&signature_id)?;
    let (verification, receipt) = (response.data(), Receipt::of(&response));
    if out.is_json() {
        return out.object(&Printed {
            signature_id: &signature_id,
            verification,
            meaning: Meaning::of(verification),
            receipt,
        });
    }
    let mut rows = Rows::default();
    rows.add(["signatureId", signature_id.as_str()]);
    receipt.add_to(&mut rows);
    out.text(&rows.lines(0))?;
    out.text(&view::outcome(verification, true))?;
    out.text(&view::card(verification))?;
    out.text(&view::consistency(verification))
}
