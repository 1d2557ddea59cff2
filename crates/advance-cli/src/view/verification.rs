//! How a verification ended.

use advance_core::domain::{Consistency, IdvResult};
use advance_core::{ImageLink, Ktp, Outcome, Verdict, Verification};
use serde::Serialize;

use super::NOT_TOLD;
use crate::out::Out;
use crate::style::{self, BOLD, styled};
use crate::text::{Rows, clean};

/// What a verification means.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meaning {
    verdict: Verdict,
    consistency: Option<Consistency>,
}

impl Meaning {
    pub(crate) fn of(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict(),
            consistency: verification.ocr_result().map(Ktp::consistency),
        }
    }
}

/// The verdict, its reasons, and what they come from.
pub(crate) fn outcome(verification: &Verification, reveal: bool, out: &Out) -> String {
    let verdict = verification.verdict();
    let outcome = styled(style::outcome(verdict.outcome), &verdict.outcome.to_string());
    let mut text = format!("\nVerdict: {outcome}\n");
    for reason in &verdict.reasons {
        text += &format!("  {}\n", clean(&reason.to_string()));
    }
    if verdict.outcome == Outcome::NotFinished {
        return text;
    }
    text += &format!(
        "\n{}\n{}",
        styled(BOLD, "Verification"),
        out.lines(&findings(verification), 2)
    );
    text + &pictures(verification, reveal, out)
}

fn findings(verification: &Verification) -> Rows {
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
    let kind = verification.image_type();
    word(
        &mut rows,
        "imageType",
        kind.map(|kind| (kind.to_string(), kind.explanation())),
    );
    let checks = verification.idv_result();
    let low = match checks.and_then(IdvResult::is_low_quality) {
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
    rows
}

/// A link opens the picture for anybody.
fn pictures(verification: &Verification, reveal: bool, out: &Out) -> String {
    let mut rows = Rows::default();
    for (name, link) in [
        ("image", verification.image()),
        ("croppedImage", verification.cropped_image()),
    ] {
        let Some(link) = link else { continue };
        if reveal {
            rows.add([name, &shown(link, out)]);
        } else {
            rows.add([name, "there is one; `advance image ID` fetches it"]);
        }
    }
    let rows = out.lines(&rows, 2);
    if rows.is_empty() {
        return rows;
    }
    format!("\n{} (for a day)\n{rows}", styled(BOLD, "Pictures"))
}

/// On a screen, the query of a link fills lines and tells nothing; JSON and pipes have it whole.
fn shown(link: &ImageLink, out: &Out) -> String {
    let url = link.expose_url();
    match url.split_once('?') {
        Some((front, _)) if out.is_terminal() => format!("{front}?…"),
        _ => url.to_owned(),
    }
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
