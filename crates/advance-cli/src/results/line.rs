//! One result, or one failure, as a line of JSON.

use advance_core::{Response, SignatureId, Verification};
use serde::Serialize;

use crate::problem::Problem;
use crate::view::receipt::Receipt;
use crate::view::verification::Meaning;

/// A result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line<'a> {
    signature_id: &'a SignatureId,
    #[serde(flatten)]
    verification: &'a Verification,
    #[serde(flatten)]
    meaning: Meaning,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

impl<'a> Line<'a> {
    pub(crate) fn of(signature_id: &'a SignatureId, response: &'a Response<Verification>) -> Self {
        Self::with(signature_id, response.data(), Receipt::of(response))
    }

    pub(crate) fn with(
        signature_id: &'a SignatureId,
        verification: &'a Verification,
        receipt: Receipt<'a>,
    ) -> Self {
        Self {
            signature_id,
            verification,
            meaning: Meaning::of(verification),
            receipt,
        }
    }
}

/// A failure, by which it can be asked for again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failed<'a> {
    pub(crate) signature_id: &'a SignatureId,
    pub(crate) error: &'a Problem,
}
