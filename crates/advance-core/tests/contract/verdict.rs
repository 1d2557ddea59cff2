//! The verdict, over every combination of what a result can say.

use std::sync::{Arc, LazyLock};

use advance_core::domain::{
    DocumentedPolicy, ForgeryLabel, IdvCode, MissingCheck, QualityLabel, Reason, VerdictPolicy,
};
use advance_core::{Outcome, Verdict, Verification};
use serde_json::{Value, json};

use crate::support::{Call, verification};

#[test]
fn fault_52_the_documented_success_needs_review_for_exactly_three_reasons() {
    let verdict = verification(Call::GetResult.success()).verdict();
    assert_eq!(verdict.outcome, Outcome::NeedsReview);
    assert_eq!(
        verdict.reasons,
        [
            Reason::LowQuality {
                labels: vec![QualityLabel::Blur, QualityLabel::Dim]
            },
            Reason::ForgeryLabel {
                label: ForgeryLabel::Screenshot
            },
            Reason::ForgeryLabel {
                label: ForgeryLabel::Scan
            },
        ]
    );
}

const IDV: [Option<&str>; 12] = [
    None,
    Some("SUCCESS"),
    Some("LOW_QUALITY_IMAGE"),
    Some("FORGERY_DETECTED"),
    Some("CARD_NOT_FOUND"),
    Some("TOO_MANY_CARDS"),
    Some("NO_SUPPORTED_CARD"),
    Some("INCOMPLETED_CARD"),
    Some("TOO_SMALL_CARD"),
    Some("ERROR"),
    Some("NEW_WORD"),
    Some("success"),
];
const OCR: [Option<&str>; 6] = [
    None,
    Some("SUCCESS"),
    Some("OCR_NO_RESULT"),
    Some("ERROR"),
    Some("NEW_WORD"),
    Some(""),
];

fn labels() -> [Value; 5] {
    [
        Value::Null,
        json!([]),
        json!(["retake"]),
        json!(["newLabel"]),
        json!(["retake", "newLabel"]),
    ]
}

/// The table of `Verdict`'s documentation, written apart from the code: by outcomes alone, on the JSON.
fn by_the_table(data: &Value) -> Outcome {
    let checks = &data["idvResult"];
    let count = |name: &str| checks[name].as_array().map_or(0, Vec::len);
    let labelled = count("forgeryLabels") + count("qualityLabels") > 0 || checks["isLowQuality"] == true;
    let odd_picture = !matches!(data["imageType"].as_str(), None | Some("SCAN" | "MANUAL"));
    let was_read = data["ocrResult"].as_object().is_some_and(|fields| {
        fields.values().any(|field| {
            !matches!(
                field.as_str(),
                None | Some("" | "null" | "null,, null" | "-" | " , ")
            )
        })
    });
    match data["idvCode"].as_str() {
        None if labelled || odd_picture || !data["ocrCode"].is_null() => Outcome::NeedsReview,
        None => Outcome::NotFinished,
        Some("SUCCESS") => {
            let checked = checks["isLowQuality"].is_boolean() && checks["forgeryLabels"].is_array();
            let read = data["ocrCode"] == "SUCCESS" && was_read;
            if checked && read && !labelled && !odd_picture {
                Outcome::Passed
            } else {
                Outcome::NeedsReview
            }
        }
        Some("NEW_WORD" | "success") => Outcome::NeedsReview,
        Some(_) => Outcome::Failed,
    }
}

/// What came, how it was read, and how it was judged.
type Case = (Value, Verification, Verdict);

/// Every combination of what a result can say. Read once: it is nearly thirty thousand replies.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for idv in IDV {
        for ocr in OCR {
            for low in [Value::Null, json!(false), json!(true)] {
                for forged in labels() {
                    for quality in &labels()[1..4] {
                        for (name, image_type) in READ_AND_PICTURE {
                            let data = json!({
                                "idvCode": idv,
                                "idvResult": {
                                    "isLowQuality": low, "forgeryLabels": forged, "qualityLabels": quality,
                                },
                                "ocrCode": ocr,
                                "ocrResult": name.map(|name| json!({ "name": name })),
                                "imageType": image_type,
                            });
                            let result = verification(json!({ "code": "SUCCESS", "data": data }).to_string());
                            let verdict = result.verdict();
                            cases.push((data, result, verdict));
                        }
                    }
                }
            }
        }
    }
    cases
});

/// A field of the card, and the imageType beside it.
const READ_AND_PICTURE: [(Option<&str>, &str); 10] = [
    (None, "SCAN"),
    (None, "NEW_WORD"),
    (Some("null"), "SCAN"),
    (Some("null"), "NEW_WORD"),
    (Some("null,, null"), "SCAN"),
    (Some("-"), "SCAN"),
    (Some("-"), "NEW_WORD"),
    (Some(" , "), "SCAN"),
    (Some("R**A"), "SCAN"),
    (Some("R**A"), "NEW_WORD"),
];

#[test]
fn every_combination_is_judged_by_the_table() {
    let mut outcomes = std::collections::BTreeMap::new();
    for (data, result, verdict) in &*CASES {
        assert_eq!(verdict.outcome, by_the_table(data), "{data}");
        assert_eq!(
            verdict.outcome == Outcome::Passed,
            verdict.reasons.is_empty(),
            "{data}"
        );
        // An undocumented word never passes, wherever it stands.
        if data.to_string().to_lowercase().contains("new") {
            assert_ne!(verdict.outcome, Outcome::Passed, "{data}");
        }
        // The reason of the code comes first, and the outcome is a function of the reasons.
        match result.idv_code() {
            None => assert_eq!(verdict.reasons[0], Reason::NotFinished),
            Some(IdvCode::Success) => {}
            Some(code) => assert_eq!(
                verdict.reasons[0],
                Reason::IdvCode {
                    idv_code: code.clone()
                }
            ),
        }
        assert_eq!(
            DocumentedPolicy.outcome(result, &verdict.reasons),
            verdict.outcome
        );
        *outcomes.entry(verdict.outcome.as_str()).or_insert(0) += 1;
    }
    assert_eq!(CASES.len(), 12 * 6 * 3 * 5 * 3 * 10);
    assert_eq!(outcomes["passed"], 1);
    assert_eq!(outcomes.len(), 4);
}

#[test]
fn fault_53_an_ocr_code_against_the_rule_is_a_reason() {
    let mut contradictions = 0;
    for (data, _, verdict) in &*CASES {
        let by_rule = matches!(data["idvCode"].as_str(), Some("SUCCESS" | "FORGERY_DETECTED"));
        let expected = match data["ocrCode"].as_str() {
            Some(_) => !by_rule,
            None => data["idvCode"] == "SUCCESS",
        };
        let found = verdict
            .reasons
            .iter()
            .filter(|reason| matches!(reason, Reason::OcrContradiction { .. }))
            .count();
        assert_eq!(found, usize::from(expected), "{data}");
        contradictions += found;
    }
    assert!(contradictions > 0);
}

#[test]
fn q31_nothing_of_the_redirect_enters_the_verdict() {
    // A forged card that could be read goes to returnUrl, not to failReturnUrl, by the document's words.
    let result = verification(Call::GetResult.with("/data/idvCode", "FORGERY_DETECTED"));
    assert_eq!(result.verdict().outcome, Outcome::Failed);
}

fn clean() -> Value {
    let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
    reply["data"]["idvResult"] = json!({ "isLowQuality": false, "forgeryLabels": [], "qualityLabels": [] });
    reply
}

#[test]
fn a_clean_success_passes_and_one_missing_check_is_enough_not_to() {
    assert_eq!(
        verification(clean().to_string()).verdict().outcome,
        Outcome::Passed
    );
    for (name, check) in [
        ("isLowQuality", MissingCheck::IsLowQuality),
        ("forgeryLabels", MissingCheck::ForgeryLabels),
    ] {
        let mut reply = clean();
        reply["data"]["idvResult"].as_object_mut().unwrap().remove(name);
        let verdict = verification(reply.to_string()).verdict();
        assert_eq!(verdict.outcome, Outcome::NeedsReview);
        assert_eq!(verdict.reasons, [Reason::CheckMissing { check }]);
        assert_eq!(check.as_str(), name);
    }
    let mut reply = clean();
    reply["data"]["idvResult"] = Value::Null;
    assert_eq!(verification(reply.to_string()).verdict().reasons.len(), 2);
    // The document names qualityLabels in a note only: their absence means nothing.
    let mut reply = clean();
    reply["data"]["idvResult"]
        .as_object_mut()
        .unwrap()
        .remove("qualityLabels");
    assert_eq!(verification(reply.to_string()).verdict().outcome, Outcome::Passed);
}

#[test]
fn a_card_of_which_every_part_is_null_was_not_read() {
    for (name, value, read) in [
        ("birthPlaceBirthday", "null,, null", false),
        ("name", "null,", false),
        ("rtrw", "null/null", false),
        ("birthPlaceBirthday", "null,, 01-06-1989", true),
        ("rtrw", "null/002", true),
    ] {
        let mut reply = clean();
        reply["data"]["ocrResult"] = json!({ name: value });
        let verdict = verification(reply.to_string()).verdict();
        let expected: &[Reason] = if read { &[] } else { &[Reason::NothingRead] };
        assert_eq!(verdict.reasons, expected, "{name}: {value}");
    }
}

#[test]
fn before_its_end_a_verification_is_not_finished() {
    for data in [
        json!({}),
        json!({ "idvCode": null, "image": null, "imageType": "SCAN" }),
    ] {
        let verdict = verification(json!({ "code": "SUCCESS", "data": data }).to_string()).verdict();
        assert_eq!(verdict.outcome, Outcome::NotFinished);
        assert_eq!(verdict.reasons, [Reason::NotFinished]);
    }
}

#[test]
fn a_policy_of_the_callers_judges_the_same_reasons() {
    let result = verification(Call::GetResult.success());
    let lenient = |_: &Verification, reasons: &[Reason]| {
        let coded = reasons
            .iter()
            .any(|reason| matches!(reason, Reason::IdvCode { .. }));
        if coded { Outcome::Failed } else { Outcome::Passed }
    };
    let verdict = result.verdict_by(&lenient);
    assert_eq!(verdict.outcome, Outcome::Passed);
    assert_eq!(verdict.reasons, result.verdict().reasons);
}

#[test]
fn a_policy_sees_the_result_it_judges() {
    let with_a_name = |result: &Verification, reasons: &[Reason]| {
        let named = result
            .ocr_result()
            .is_some_and(|card| card.name().text().is_some());
        match DocumentedPolicy.outcome(result, reasons) {
            Outcome::Passed if !named => Outcome::NeedsReview,
            other => other,
        }
    };
    let whole = verification(clean().to_string());
    assert_eq!(whole.verdict_by(&with_a_name).outcome, Outcome::Passed);
    let mut reply = clean();
    reply["data"]["ocrResult"]["name"] = Value::Null;
    let nameless = verification(reply.to_string());
    assert_eq!(nameless.verdict().outcome, Outcome::Passed);
    let verdict = nameless.verdict_by(&with_a_name);
    assert_eq!(
        (verdict.outcome, &verdict.reasons[..]),
        (Outcome::NeedsReview, &[][..])
    );
}

/// Fails each result, unlike the documented rule, and is no function.
struct Refuses;

impl VerdictPolicy for Refuses {
    fn outcome(&self, _: &Verification, _: &[Reason]) -> Outcome {
        Outcome::Failed
    }
}

#[test]
fn a_policy_may_be_chosen_at_run_time() {
    let result = verification(clean().to_string());
    let boxed: Box<dyn VerdictPolicy> = Box::new(Refuses);
    let shared: Arc<dyn VerdictPolicy + Send + Sync> = Arc::new(Refuses);
    assert_eq!(result.verdict_by(&*boxed).outcome, Outcome::Failed);
    assert_eq!(result.verdict_by(&*shared).outcome, Outcome::Failed);
}

#[test]
fn outcomes_have_the_four_words() {
    let words = [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::NeedsReview,
        Outcome::NotFinished,
    ]
    .map(|outcome| outcome.to_string());
    assert_eq!(words, ["passed", "failed", "needs_review", "not_finished"]);
}

#[test]
fn reasons_explain_themselves_without_the_persons_data() {
    let shown: Vec<_> = verification(Call::GetResult.success())
        .verdict()
        .reasons
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shown,
        [
            "the picture is low in quality: blur, dim",
            "forgery label screenshot: A screenshot.",
            "forgery label scan: A scan.",
        ]
    );
    for (data, _, verdict) in &*CASES {
        for reason in &verdict.reasons {
            let text = format!("{reason} {reason:?}");
            assert!(!text.contains("R**A") && !text.contains('\n'), "{data}: {text}");
        }
    }
}

#[cfg(feature = "serialize")]
#[test]
fn a_verdict_serialises_as_outcome_and_reasons() {
    let verdict = verification(Call::GetResult.success()).verdict();
    assert_eq!(
        serde_json::to_value(&verdict).unwrap(),
        json!({
            "outcome": "needs_review",
            "reasons": [
                { "reason": "low_quality", "labels": ["blur", "dim"] },
                { "reason": "forgery_label", "label": "screenshot" },
                { "reason": "forgery_label", "label": "scan" },
            ],
        })
    );
    for (_, _, verdict) in &*CASES {
        for reason in &verdict.reasons {
            assert_eq!(serde_json::to_value(reason).unwrap()["reason"], reason.as_str());
        }
    }
}
