//! How a verification ended.

use advance_core::domain::{Consistency, IdvResult};
use advance_core::{Ktp, Outcome, Verdict, Verification};
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
    let reasons: Vec<String> = verdict
        .reasons
        .iter()
        .map(|reason| clean(&reason.to_string()))
        .collect();
    for reason in &reasons {
        text += &format!("  {}\n", out.sentence(reason, 4));
    }
    if verdict.outcome == Outcome::NotFinished {
        return text;
    }
    text += &format!(
        "\n{}\n{}",
        styled(BOLD, "Verification"),
        out.lines(&findings(verification, &reasons), 2)
    );
    text + &pictures(verification, reveal, out)
}

/// The codes and labels. What the reasons have explained is not explained again.
fn findings(verification: &Verification, reasons: &[String]) -> Rows {
    let mut rows = Rows::default();
    let explained = |meaning: Option<&'static str>| match meaning {
        None => "(not documented)",
        Some(meaning) if reasons.iter().any(|reason| reason.contains(meaning)) => "",
        Some(meaning) => meaning,
    };
    let idv = verification.idv_code();
    word(
        &mut rows,
        "idvCode",
        idv.map(|code| (code.to_string(), explained(code.explanation()))),
    );
    let ocr = verification.ocr_code();
    word(
        &mut rows,
        "ocrCode",
        ocr.map(|code| (code.to_string(), explained(code.explanation()))),
    );
    let kind = verification.image_type();
    word(
        &mut rows,
        "imageType",
        kind.map(|kind| (kind.to_string(), explained(kind.explanation()))),
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
        quality.map(|all| all.iter().map(|l| (l.to_string(), explained(l.explanation())))),
    );
    let forgery = checks.and_then(|checks| checks.forgery_labels());
    labels(
        &mut rows,
        "forgeryLabels",
        forgery.map(|all| all.iter().map(|l| (l.to_string(), explained(l.explanation())))),
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
            rows.add([name, link.expose_url()]);
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

/// A word as its `Display` shows it, escaped and cut, and what it means.
type Word = (String, &'static str);

fn word(rows: &mut Rows, name: &str, word: Option<Word>) {
    match word {
        Some((word, "")) => rows.add([name, &word]),
        Some((word, explanation)) => rows.add([name, &word, explanation]),
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
