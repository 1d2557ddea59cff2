//! How a verification looks to a person, and what every reply says beside its data.

use advance_core::wire::PricingStrategy;
use advance_core::{
    Charges, Consistency, ImageLink, Ktp, Outcome, Response, TransactionId, Verdict, Verification,
};
use serde::Serialize;

use crate::attempts;
use crate::text::{Rows, clean};

/// What a call brought beside its data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt<'a> {
    transaction_id: Option<&'a TransactionId>,
    pricing_strategy: Option<&'a PricingStrategy>,
    requests: u32,
    charges: Charges,
    #[serde(skip_serializing_if = "Option::is_none")]
    polls: Option<u32>,
}

impl<'a> Receipt<'a> {
    pub(super) const fn of<T>(response: &'a Response<T>) -> Self {
        Self {
            transaction_id: response.transaction_id(),
            pricing_strategy: response.pricing_strategy(),
            requests: response.sends(),
            charges: response.charges(),
            polls: None,
        }
    }

    /// The same at the end of a wait, of which the response is the last part.
    pub(super) const fn in_all(self, polls: u32, requests: u32, charges: Charges) -> Self {
        Self {
            requests,
            charges,
            polls: Some(polls),
            ..self
        }
    }

    pub(super) fn add_to(&self, rows: &mut Rows) {
        rows.add(["transactionId", &handle(self.transaction_id)]);
        rows.add(["charge", attempts::charge(self.charges.summary())]);
        if let Some(polls) = self.polls {
            rows.add(["polls", &polls.to_string()]);
        }
    }
}

/// What a verification means.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meaning {
    verdict: Verdict,
    consistency: Option<Consistency>,
}

impl Meaning {
    pub(super) fn of(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict(),
            consistency: verification.ocr_result().map(Ktp::consistency),
        }
    }
}

pub(super) const NOT_TOLD: &str = "(none)";
const NOT_READ: &str = "(not read)";

/// The vendor's handle for a request. An empty one is of no use to anybody.
pub(super) fn handle(id: Option<&TransactionId>) -> String {
    id.filter(|id| !id.as_str().is_empty())
        .map_or_else(|| NOT_TOLD.to_owned(), ToString::to_string)
}

/// How it ended. Links to pictures open them for anybody, so they are left out unless they are asked for.
pub(super) fn outcome(verification: &Verification, links: bool) -> String {
    let verdict = verification.verdict();
    let mut text = format!("\nVerdict: {}\n", verdict.outcome);
    for reason in &verdict.reasons {
        text += &format!("  {}\n", clean(&reason.to_string()));
    }
    if verdict.outcome == Outcome::NotFinished {
        return text;
    }
    let mut rows = Rows::default();
    let idv = verification.idv_code();
    word(
        &mut rows,
        "idvCode",
        idv.map(|code| (code.to_string(), code.explanation())),
    );
    let ocr = verification.ocr_code();
    word(
        &mut rows,
        "ocrCode",
        ocr.map(|code| (code.to_string(), code.explanation())),
    );
    let image_type = verification.image_type();
    word(
        &mut rows,
        "imageType",
        image_type.map(|kind| (kind.to_string(), kind.explanation())),
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
        quality.map(|all| all.iter().map(|l| (l.to_string(), l.explanation()))),
    );
    let forgery = checks.and_then(|checks| checks.forgery_labels());
    labels(
        &mut rows,
        "forgeryLabels",
        forgery.map(|all| all.iter().map(|l| (l.to_string(), l.explanation()))),
    );
    text += &format!("\nVerification\n{}", rows.lines(2));
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

/// What the card says twice, and whether it says the same.
pub(super) fn consistency(verification: &Verification) -> String {
    let Some(card) = verification.ocr_result() else {
        return String::new();
    };
    let mut text = "\nThe fields against each other (this proves consistency, not authenticity)\n".to_owned();
    for check in card.consistency().checks() {
        text += &format!("  {check}\n");
    }
    text
}

/// A word as its `Display` shows it, escaped and cut, and what it means.
type Word = (String, Option<&'static str>);

fn word(rows: &mut Rows, name: &str, word: Option<Word>) {
    match word {
        Some((word, explanation)) => rows.add([name, &word, explanation.unwrap_or("(not documented)")]),
        None => rows.add([name, NOT_TOLD]),
    }
}

fn labels(rows: &mut Rows, name: &str, labels: Option<impl Iterator<Item = Word>>) {
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
