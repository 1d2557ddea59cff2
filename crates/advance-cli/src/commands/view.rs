//! How a verification looks to a person, and what every reply says beside its data.

use advance_core::wire::PricingStrategy;
use advance_core::{Charges, ImageLink, Response, TransactionId, Verification};
use serde::Serialize;

use crate::attempts;
use crate::text::Rows;

/// What a call brought beside its data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt<'a> {
    transaction_id: Option<&'a TransactionId>,
    pricing_strategy: Option<&'a PricingStrategy>,
    requests: u32,
    charges: Charges,
}

impl<'a> Receipt<'a> {
    pub(super) const fn of<T>(response: &'a Response<T>) -> Self {
        Self {
            transaction_id: response.transaction_id(),
            pricing_strategy: response.pricing_strategy(),
            requests: response.sends(),
            charges: response.charges(),
        }
    }

    pub(super) fn add_to(&self, rows: &mut Rows) {
        let id = self
            .transaction_id
            .map_or_else(|| NOT_TOLD.to_owned(), ToString::to_string);
        rows.add(["transactionId", &id]);
        rows.add(["charge", attempts::charge(self.charges.summary())]);
    }
}

const NOT_TOLD: &str = "(none)";
const NOT_READ: &str = "(not read)";

/// How it ended. Links to pictures open them for anybody, so they are left out unless they are asked for.
pub(super) fn outcome(verification: &Verification, links: bool) -> String {
    let Some(idv) = verification.idv_code() else {
        return "\nNot finished: there is no idvCode yet. Ask again later.\n".to_owned();
    };
    let mut rows = Rows::default();
    word(&mut rows, "idvCode", Some((idv.as_str(), idv.explanation())));
    let ocr = verification.ocr_code();
    word(
        &mut rows,
        "ocrCode",
        ocr.map(|code| (code.as_str(), code.explanation())),
    );
    let image_type = verification.image_type();
    word(
        &mut rows,
        "imageType",
        image_type.map(|kind| (kind.as_str(), kind.explanation())),
    );
    let checks = verification.idv_result();
    let low = match checks.and_then(advance_core::IdvResult::is_low_quality) {
        Some(true) => "yes",
        Some(false) => "no",
        None => NOT_TOLD,
    };
    rows.add(["isLowQuality", low]);
    let quality = checks.and_then(|checks| checks.quality_labels());
    labels(
        &mut rows,
        "qualityLabels",
        quality.map(|all| all.iter().map(|l| (l.as_str(), l.explanation()))),
    );
    let forgery = checks.and_then(|checks| checks.forgery_labels());
    labels(
        &mut rows,
        "forgeryLabels",
        forgery.map(|all| all.iter().map(|l| (l.as_str(), l.explanation()))),
    );
    let mut text = format!("\nVerification\n{}", rows.lines(2));
    if links {
        let mut rows = Rows::default();
        for (name, link) in [
            ("image", verification.image()),
            ("croppedImage", verification.cropped_image()),
        ] {
            rows.add([name, link.map_or(NOT_TOLD, ImageLink::expose_url)]);
        }
        text += &format!(
            "\nPictures (the links open them for anybody, for a day)\n{}",
            rows.lines(2)
        );
    }
    text
}

/// The eighteen fields, as printed on the card.
pub(super) fn card(verification: &Verification) -> String {
    let Some(card) = verification.ocr_result() else {
        return String::new();
    };
    let mut rows = Rows::default();
    for (name, field) in card.fields() {
        rows.add([name, field.text().unwrap_or(NOT_READ)]);
    }
    format!("\nRead off the card\n{}", rows.lines(2))
}

type Word<'a> = (&'a str, Option<&'static str>);

fn word(rows: &mut Rows, name: &str, word: Option<Word<'_>>) {
    match word {
        Some((word, explanation)) => rows.add([name, word, explanation.unwrap_or("(not documented)")]),
        None => rows.add([name, NOT_TOLD]),
    }
}

fn labels<'a>(rows: &mut Rows, name: &str, labels: Option<impl Iterator<Item = Word<'a>>>) {
    let Some(labels) = labels else {
        return rows.add([name, NOT_TOLD]);
    };
    let mut name = Some(name);
    for label in labels {
        word(rows, name.take().unwrap_or_default(), Some(label));
    }
    if let Some(name) = name {
        rows.add([name, "none"]);
    }
}
