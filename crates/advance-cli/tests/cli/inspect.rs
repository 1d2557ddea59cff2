//! `advance inspect`

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Ran, advance, run, run_with_input};

fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../advance-core/fixtures");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    files
}

fn inspect(endpoint: &str, body: &str, extra: &[&str]) -> Ran {
    let args = [&["inspect", "--as", endpoint, "-"], extra].concat();
    run_with_input(&mut advance(&args), body.as_bytes())
}

#[test]
fn all_fifteen_documented_replies() {
    let files = fixtures();
    assert_eq!(files.len(), 15);
    for file in files {
        let path = file.to_str().unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let endpoint = name.split('.').next().unwrap();
        let came: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let (code, id) = (
            came["code"].as_str().unwrap(),
            came["transactionId"].as_str().unwrap(),
        );

        let said = run(&mut advance(&["inspect", path, "--json"]))
            .succeeded()
            .document();
        for member in ["code", "message", "transactionId", "pricingStrategy"] {
            assert_eq!(said[member], came[member], "{name}");
        }
        assert_eq!(said["charge"], "FREE", "{name}");
        // Some replies may come from any call; none is taken for that of another.
        assert!(
            said["endpoint"] == endpoint || said["endpoint"].is_null(),
            "{name}: {said}"
        );
        assert!(
            code != "SUCCESS" || said["endpoint"] == endpoint,
            "{name}: {said}"
        );
        assert!(said["explanation"].is_string(), "{name}");
        assert_eq!(said["advice"].is_null(), code == "SUCCESS", "{name}");

        let text = run(&mut advance(&["inspect", path])).succeeded().stdout;
        assert!(
            text.contains(&format!("\ncode           {code}\nmeaning        ")),
            "{text}"
        );
        assert!(text.contains(&format!("\ntransactionId  {id}\n")), "{text}");
        assert_eq!(text.contains("what to do"), code != "SUCCESS", "{text}");
    }
}

#[test]
fn what_to_do_depends_on_what_was_asked_for() {
    for (endpoint, code, advice) in [
        ("generate-token", "PARAMETER_ERROR", "check_credentials"),
        ("generate-token", "IAM_FAILED", "check_credentials"),
        ("generate-token", "CLIENT_ERROR", "fix_request"),
        ("generate-url", "PARAMETER_ERROR", "fix_request"),
        ("get-result", "IAM_FAILED", "check_account"),
        ("get-result", "INSUFFICIENT_BALANCE", "top_up"),
        ("get-result", "SERVICE_BUSY", "try_later"),
    ] {
        let said = inspect(endpoint, &format!(r#"{{"code":"{code}"}}"#), &["--json"])
            .succeeded()
            .document();
        assert_eq!(said["advice"], advice, "{endpoint} {code}");
        assert_eq!(
            (&said["charge"], &said["transactionId"]),
            (&json!("UNKNOWN"), &Value::Null)
        );
    }
}

#[test]
fn the_documented_result_is_a_case_for_a_person() {
    let sample = include_str!("../../../advance-core/fixtures/get-result.success.json");
    let said = inspect("get-result", sample, &["--json"]).succeeded().document();
    assert_eq!(said["verdict"]["outcome"], "needs_review");
    assert_eq!(
        said["verdict"]["reasons"],
        json!([
            {"reason": "low_quality", "labels": ["blur", "dim"]},
            {"reason": "forgery_label", "label": "screenshot"},
            {"reason": "forgery_label", "label": "scan"},
        ])
    );
    assert_eq!(said["fieldsRead"].as_array().unwrap().len(), 18);
    let text = inspect("get-result", sample, &[]).succeeded().stdout;
    assert!(
        text.contains("Verdict: needs_review\n  the picture is low in quality: blur, dim\n"),
        "{text}"
    );
}

#[test]
fn a_nik_that_contradicts_its_birthday_is_named_by_its_fields() {
    let body = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","ocrCode":"SUCCESS","ocrResult":{
        "idNumber":"3174065708900000","birthday":"1991/09/18","gender":"LAKI-LAKI"}}}"#;
    let text = inspect("get-result", body, &[]).succeeded().stdout;
    assert!(
        text.contains("idNumber differs from birthday: they name different days"),
        "{text}"
    );
    assert!(
        text.contains("idNumber differs from gender: they tell different sexes"),
        "{text}"
    );
    assert!(!text.contains("3174065708900000"), "{text}");
}

#[test]
fn what_is_secret_or_personal_is_shown_only_if_asked_for() {
    for (endpoint, secrets) in [
        ("generate-token", &["eyJhbGci"][..]),
        ("generate-url", &["eyJhbGci", "token="]),
        (
            "get-result",
            &["33******02", "R**A M**H", "Signature=", "011/002"],
        ),
    ] {
        let file = format!(
            "{}/../advance-core/fixtures/{endpoint}.success.json",
            env!("CARGO_MANIFEST_DIR")
        );
        for json in [&[][..], &["--json"]] {
            let args = [&["inspect", &file], json].concat();
            let hidden = run(&mut advance(&args)).succeeded().stdout;
            let shown = run(&mut advance(&[&args[..], &["--reveal"]].concat()))
                .succeeded()
                .stdout;
            for secret in secrets {
                assert!(!hidden.contains(secret), "{secret} in {hidden}");
                assert!(shown.contains(secret), "no {secret} in {shown}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_named_by_its_path_and_not_by_its_value() {
    for (body, place) in [
        (
            r#"{"code":"SUCCESS","transactionId":"t-1","data":{"ocrResult":{"name":{"hidden":1}}}}"#,
            "data.ocrResult.name",
        ),
        (
            r#"{"code":"SUCCESS","transactionId":"t-1","data":{"idvResult":{"forgeryLabels":["a",7]}}}"#,
            "data.idvResult.forgeryLabels[1]",
        ),
        (
            r#"{"transactionId":"t-1","message":"hidden","data":null}"#,
            "code: is missing",
        ),
    ] {
        let ran = inspect("get-result", body, &[]).failed(1);
        assert!(ran.stderr.contains(place), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("transactionId t-1") && !ran.stderr.contains("hidden"),
            "{}",
            ran.stderr
        );
        let ran = inspect("get-result", body, &["--json"]);
        assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""));
        assert_eq!(ran.json()["error"]["transactionId"], "t-1");
    }
    for (body, what) in [
        ("", "is empty"),
        ("[]", "nothing in it"),
        ("<html>", "a page"),
        ("{\"code\":\"SUC", "breaks off"),
        ("null", "nothing in it"),
    ] {
        // An error of the file, not of the vendor.
        let ran = inspect("generate-url", body, &[]).failed(1);
        assert!(
            ran.stderr.starts_with("error: standard input holds no reply") && ran.stderr.contains(what),
            "{}",
            ran.stderr
        );
        assert_eq!(
            inspect("generate-url", body, &["--json"]).json()["error"]["kind"],
            "file"
        );
    }
}

#[test]
fn a_result_without_data_is_not_finished() {
    let nulls = r#"{"code":"SUCCESS","transactionId":"t-1","pricingStrategy":"PAY","data":{"idvCode":null}}"#;
    let with_members = inspect("get-result", nulls, &["--json"]).succeeded().document();
    for data in [r#","data":null"#, ""] {
        let body = format!(r#"{{"code":"SUCCESS","transactionId":"t-1","pricingStrategy":"PAY"{data}}}"#);
        let said = inspect("get-result", &body, &["--json"]).succeeded().document();
        assert_eq!(said["verdict"]["outcome"], "not_finished");
        assert_eq!(said, with_members);
        let text = inspect("get-result", &body, &[]).succeeded().stdout;
        assert!(text.contains("\nVerdict: not_finished\n"), "{text}");
        let said = inspect("get-result", &body, &["--json", "--reveal"])
            .succeeded()
            .document();
        assert!(said.get("data").is_none(), "there is none to reveal: {said}");
    }
    // A token or a link is there at once, or something is wrong.
    for endpoint in ["generate-token", "generate-url"] {
        let body = r#"{"code":"SUCCESS","transactionId":"t-1","pricingStrategy":"PAY","data":null}"#;
        let ran = inspect(endpoint, body, &[]).failed(1);
        assert!(
            ran.stderr.contains("data is null or missing") && ran.stderr.contains("transactionId t-1"),
            "{}",
            ran.stderr
        );
        let error = &inspect(endpoint, body, &["--json"]).json()["error"];
        assert_eq!(
            (&error["kind"], &error["advice"], &error["charges"]["pay"]),
            (&json!("missing_data"), &json!("contact_support"), &json!(1))
        );
    }
}

#[test]
fn an_empty_handle_is_none() {
    let body = r#"{"code":"SERVICE_BUSY","message":"","transactionId":"","pricingStrategy":""}"#;
    let text = inspect("get-result", body, &[]).succeeded().stdout;
    for row in ["message        (none)", "transactionId  (none)"] {
        assert!(text.contains(row), "{text}");
    }
    let ran = inspect("generate-url", r#"{"code":"SUCCESS","transactionId":""}"#, &[]).failed(1);
    assert!(!ran.stderr.contains("transactionId"), "{}", ran.stderr);
}

#[test]
fn the_text_of_an_exception_is_shown_only_on_demand() {
    let body = r#"{"code":"ERROR","data":null,"extra":"java.lang.Hidden\u001b[31m"}"#;
    let text = inspect("get-result", body, &[]).succeeded().stdout;
    assert!(text.contains("--reveal") && !text.contains("Hidden"), "{text}");
    let text = inspect("get-result", body, &["--reveal"]).succeeded().stdout;
    assert!(
        text.contains(r#"extra          "java.lang.Hidden\u001b[31m""#),
        "{text}"
    );
    let json = inspect("get-result", body, &["--json"]).succeeded().document();
    assert_eq!(json.get("extra"), None);
    let json = inspect("get-result", body, &["--json", "--reveal"])
        .succeeded()
        .document();
    assert_eq!(json["extra"], "java.lang.Hidden\u{1b}[31m");
}

#[test]
fn codes_and_words_that_nobody_documented_are_understood() {
    let body = r#"{"code":"BRAND_NEW","message":"a\u001b[31mb\u202e","pricingStrategy":"DISCOUNT"}"#;
    let text = inspect("get-result", body, &[]).succeeded().stdout;
    assert!(
        text.contains("a code that is not documented") && text.contains("charge         unknown"),
        "{text}"
    );
    assert!(
        text.contains(r"a\u{1b}[31mb\u{202e}") && !text.contains('\u{1b}'),
        "{text}"
    );
    let json = inspect("get-result", body, &["--json"]).succeeded();
    assert!(!json.stdout.contains(['\u{1b}', '\u{202e}']), "{json:?}");
    assert_eq!(json.document()["message"], "a\u{1b}[31mb\u{202e}");
}

#[test]
fn a_word_without_end_is_cut_in_text_and_whole_in_json() {
    let long = "X".repeat(1_000_000);
    let body = json!({ "code": long, "message": long, "transactionId": long }).to_string();
    let text = inspect("get-result", &body, &[]).succeeded().stdout;
    assert!(text.contains(&format!("\ncode           {}…\n", "X".repeat(64))));
    assert!(text.len() < 2_000, "{} bytes", text.len());
    assert_eq!(
        inspect("get-result", &body, &["--json"]).succeeded().document()["code"],
        long
    );
    let body = json!({ "code": "SUCCESS", "data": {
        "idvCode": long, "ocrCode": long, "imageType": long,
        "idvResult": { "forgeryLabels": [long], "qualityLabels": [long] },
    }});
    let text = inspect("get-result", &body.to_string(), &[]).succeeded().stdout;
    assert!(text.len() < 4_000, "{} bytes", text.len());
}

#[test]
fn a_hostile_card_cannot_move_the_cursor() {
    let body = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","ocrCode":"SUCCESS",
        "ocrResult":{"name":"A\u001b[2J\r\nidNumber  1\u009b"},"image":"https://x/\u001b]8;;"}}"#;
    let text = inspect("get-result", body, &["--reveal"]).succeeded().stdout;
    assert!(text.contains(r"A\u{1b}[2J\r\nidNumber  1\u{9b}"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn every_way_to_say_nothing_is_not_read() {
    let body = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","ocrResult":{"bloodType":"null","religion":"","gender":null}}}"#;
    let text = inspect("get-result", body, &["--reveal"]).succeeded().stdout;
    for field in ["bloodType", "religion", "gender", "name"] {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(field))
            .unwrap();
        assert!(line.ends_with("(not read)"), "{line}");
    }
    let said = inspect("get-result", body, &["--json"]).succeeded().document();
    assert_eq!(said["fieldsNotRead"].as_array().unwrap().len(), 18);
}

#[test]
fn a_file_that_is_not_there() {
    let ran = run(&mut advance(&["inspect", "/nowhere/reply.json"])).failed(1);
    assert!(
        ran.stderr.contains("/nowhere/reply.json") && ran.stderr.contains("cause  "),
        "{}",
        ran.stderr
    );
}
