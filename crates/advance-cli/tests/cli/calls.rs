//! `token`, `link`, `result` and `sign`, one by one.

use serde_json::{Value, json};

use crate::support::{SandboxProcess, run, with_keys};

fn call(sandbox: &SandboxProcess, args: &[&str]) -> crate::support::Ran {
    let mut command = with_keys(args);
    command.env("ADVANCE_BASE_URL", &sandbox.base_url);
    run(&mut command)
}

#[test]
fn a_token() {
    let sandbox = SandboxProcess::start(&[]);
    for args in [
        &["token", "--json", "--period", "60"][..],
        &["token", "--json", "--period", "60", "--blocking"],
    ] {
        let before = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis();
        let token = call(&sandbox, args).succeeded().json();
        assert_eq!(token["token"].as_str().unwrap().split('.').count(), 3);
        let life = u128::from(token["expiredTime"].as_u64().unwrap()) - before;
        assert!((60_000..70_000).contains(&life), "{life}");
        assert_eq!(token["transactionId"].as_str().unwrap().len(), 16);
        assert_eq!(token["pricingStrategy"], "FREE");
        assert_eq!(token["requests"], 1);
    }
    let text = call(&sandbox, &["token"]).succeeded().stdout;
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names[..2], ["token", "expires"]);
    assert_eq!(names[names.len() - 2..], ["transactionId", "sent"]);
    assert!(!text.contains("eyJ"), "{text}");
    let text = call(&sandbox, &["token", "--reveal"]).succeeded().stdout;
    assert!(text.contains("eyJ"), "{text}");
}

#[test]
fn a_link_and_its_result() {
    let sandbox = SandboxProcess::start(&[]);
    let link = |extra: &[&str]| {
        let args = [
            "link",
            "--return-url",
            "https://shop.example/ok",
            "--fail-return-url",
            "myapp://no",
        ];
        call(&sandbox, &[&args, extra].concat()).succeeded()
    };
    let text = link(&[]).stdout;
    assert!(text.starts_with("url            http://127.0.0.1:"), "{text}");

    let made = link(&["--json", "--user-id", "sbx-forged", "--blocking"]).json();
    let id = made["signatureId"].as_str().unwrap();
    assert_eq!(made["requests"], 2);
    let all = call(&sandbox, &["result", id, "--json"]).succeeded().json();
    let result = &all["results"][0];
    assert_eq!(result["signatureId"], id);
    assert_eq!(result["idvCode"], "FORGERY_DETECTED");
    assert_eq!(
        result["idvResult"]["forgeryLabels"],
        json!(["modifiedNIK", "b&wPhotocopied"])
    );
    assert_eq!(result["ocrResult"]["rtrw"], "001/002");
    assert_eq!(result["verdict"]["outcome"], "failed");
    assert_eq!(result["charges"], json!({"free": 2, "pay": 0, "unknown": 0}));
    let text = call(&sandbox, &["result", id, "--blocking", "--reveal"])
        .succeeded()
        .stdout;
    assert!(
        text.contains("Verdict: failed") && text.contains("croppedImage  http://127.0.0.1:"),
        "{text}"
    );

    let made = link(&["--json"]).json();
    let id = made["signatureId"].as_str().unwrap();
    let all = call(&sandbox, &["result", id, "--json"]).succeeded().json();
    let result = &all["results"][0];
    assert_eq!(result["verdict"]["outcome"], "not_finished");
    assert_eq!(
        (&result["idvCode"], &result["ocrResult"]),
        (&Value::Null, &Value::Null)
    );
    let text = call(&sandbox, &["result", id]).succeeded().stdout;
    assert!(
        text.contains("Verdict: not_finished") && !text.contains("croppedImage"),
        "{text}"
    );
}

#[test]
fn the_documented_signature() {
    const SIGNATURE: &str = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5";
    let args = ["sign", "--timestamp", "1665993522952"];
    assert_eq!(
        run(&mut with_keys(&args)).succeeded().stdout,
        format!("{SIGNATURE}\n")
    );
    let signed = run(&mut with_keys(&[&args[..], &["--json"]].concat()))
        .succeeded()
        .json();
    assert_eq!(
        signed,
        json!({"signature": SIGNATURE, "timestamp": 1_665_993_522_952_u64})
    );
}

#[test]
fn a_signature_of_now_tells_its_timestamp() {
    let text = run(&mut with_keys(&["sign"])).succeeded().stdout;
    let [signature, timestamp] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    assert_eq!(timestamp.len(), 13);
    let again = run(&mut with_keys(&["sign", "--timestamp", timestamp]))
        .succeeded()
        .stdout;
    assert_eq!(again.trim_end(), signature);
}
