//! FAULTS row 93: all that a server writes, however much of it, what is shown of it is bounded.

use serde_json::{Value, json};

use crate::support::{Call, verification};

const MILLION: usize = 1_000_000;
const BOUND: usize = 8_000;

fn labels(member: &str, word: &str) -> Value {
    let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
    reply["data"]["idvResult"][member] = vec![word; MILLION].into();
    reply
}

#[test]
fn fault_93_a_million_labels_are_shown_as_a_few() {
    for (member, word) in [("forgeryLabels", "retake"), ("qualityLabels", "new kind of blur")] {
        let result = verification(labels(member, word).to_string());
        let checks = result.idv_result().unwrap();
        let all = checks.forgery_labels().unwrap().len() + checks.quality_labels().unwrap().len();
        assert!(all >= MILLION, "none is lost");
        let verdict = result.verdict();
        for shown in [
            format!("{result:?}"),
            format!("{result:#?}"),
            format!("{verdict:?}"),
            format!("{:?} {}", verdict.reasons[0], verdict.reasons[0]),
        ] {
            assert!(shown.len() < BOUND, "{} long", shown.len());
        }
        assert!(format!("{result:?}").contains("and 999984 more"));
    }
}

#[test]
fn fault_93_a_word_without_end_is_shown_cut() {
    let long = "x".repeat(MILLION);
    let reply = |place: &str| {
        let mut reply: Value = serde_json::from_str(Call::GetResult.success()).unwrap();
        *reply.pointer_mut(place).unwrap() = json!(long);
        reply.to_string()
    };
    for place in [
        "/message",
        "/transactionId",
        "/pricingStrategy",
        "/data/image",
        "/data/imageType",
        "/data/idvCode",
        "/data/ocrCode",
        "/data/ocrResult/name",
        "/data/idvResult/forgeryLabels/0",
    ] {
        let read = Call::GetResult.parse(reply(place)).unwrap();
        assert!(read.debug.len() < BOUND, "{place}: {}", read.debug.len());
        let verdict = verification(reply(place)).verdict();
        let shown = verdict
            .reasons
            .iter()
            .fold(String::new(), |text, reason| format!("{text}{reason} {reason:?}"));
        assert!(shown.len() < BOUND, "{place}: {}", shown.len());
    }
    let link = json!({ "signatureId": "s", "url": format!("https://{}.example/?t=1", "x".repeat(60_000)), "expiredTime": 1 });
    let read = Call::GenerateUrl.with("/data", link);
    let read = Call::GenerateUrl.parse(read).unwrap();
    assert!(read.debug.len() < BOUND, "{}", read.debug.len());
}

#[test]
fn fault_93_names_without_end_are_shown_in_no_error() {
    let names = (0..MILLION / 10)
        .map(|n| format!(r#""name{n}":1,"#))
        .collect::<Vec<_>>()
        .concat();
    for body in [
        format!(r#"{{"code":"SUCCESS","data":{{{names}"ocrResult":{{"name":1}}}}}}"#),
        format!(
            r#"{{"code":"SUCCESS","data":{{"ocrResult":{{"{}":1,"name":[1]}}}}}}"#,
            "n".repeat(MILLION)
        ),
        format!(r#"{{"code":"{}","data":[{names}"#, "C".repeat(MILLION)),
    ] {
        let error = Call::GetResult.parse(&body).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.len() < 1_000, "{}", shown.len());
    }
}
