//! What an application meets later, at once: "25 hours later" and "the token is known late", as a test in Rust and as
//! four curl commands.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

use std::time::Duration;

use advance_sandbox::Sandbox;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const TOKEN: &str = "/openapi/auth/ticket/v1/generate-token";
const URL: &str = "/intl/openapi/face-identity/h5-idv/v1/generate-url";
const RESULT: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

/// The application under test: it makes the three calls.
struct App(Sandbox);

impl App {
    fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let request = ureq::post(&format!("{}{path}", self.0.base_url()))
            .header("content-type", "application/json")
            .header("X-ACCESS-TOKEN", token);
        let mut response = request.send(body.to_string()).unwrap();
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn token(&self, access_key: &str) -> String {
        let now = self.0.clock().as_millis();
        let signature = hex::encode(Sha256::digest(format!("{access_key}samplesecretkey{now}")));
        let body = json!({"accessKey": access_key, "timestamp": now, "signature": signature});
        let reply = self.post(TOKEN, "", &body);
        reply["data"]["token"].as_str().unwrap().to_owned()
    }

    fn link(&self, token: &str) -> Value {
        let urls = json!({"returnUrl": "https://x", "failReturnUrl": "https://x", "region": "IDN", "userId": "sbx-ok"});
        self.post(URL, token, &urls)
    }
}

#[test]
fn twenty_five_hours_later() {
    let app = App(Sandbox::start_blocking().unwrap());
    let token = app.token("sampleaccesskey");
    let id = app.link(&token)["data"]["signatureId"].clone();
    let image = app.post(RESULT, &token, &json!({"signatureId": id}))["data"]["image"].clone();
    app.0.advance_clock(Duration::from_secs(25 * 3600));
    let expired = ureq::get(image.as_str().unwrap()).call().unwrap_err();
    assert!(matches!(expired, ureq::Error::StatusCode(403)));
    assert_eq!(
        app.post(RESULT, &token, &json!({"signatureId": id}))["code"],
        "IAM_FAILED"
    );
    let reply = app.post(RESULT, &app.token("sampleaccesskey"), &json!({"signatureId": id}));
    assert!(ureq::get(reply["data"]["image"].as_str().unwrap()).call().is_ok());
}

#[test]
fn the_token_is_known_late() {
    let app = App(Sandbox::start_blocking().unwrap());
    app.0.freeze_clock();
    let token = app.token("sbx-token-late-300ms");
    assert_eq!(app.link(&token)["message"], "Token not found or expired");
    app.0.advance_clock(Duration::from_millis(300));
    assert_eq!(app.link(&token)["code"], "SUCCESS");
}

/// What the last of `commands` printed, run by a shell one after the other.
#[cfg(unix)]
fn shell(sandbox: &Sandbox, access_key: &str, commands: &str) -> Value {
    let script = format!(
        r#"set -eu
KEY={access_key} NOW=$(date +%s%3N)
SIGNATURE=$(printf %s "${{KEY}}samplesecretkey$NOW" | sha256sum | cut -c1-64)
JSON='content-type: application/json'
{commands}"#
    );
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", &script])
        .env("SANDBOX", sandbox.base_url())
        .env_remove("http_proxy");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.trim().lines().last();
    let last = last.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(last).unwrap()
}

#[cfg(unix)]
#[test]
fn twenty_five_hours_later_by_curl() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let reply = shell(
        &sandbox,
        "sampleaccesskey",
        r#"
TOKEN=$(curl -s $SANDBOX/openapi/auth/ticket/v1/generate-token -H "$JSON" -d "{\"accessKey\":\"$KEY\",\"timestamp\":$NOW,\"signature\":\"$SIGNATURE\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
ID=$(curl -s $SANDBOX/intl/openapi/face-identity/h5-idv/v1/generate-url -H "X-ACCESS-TOKEN: $TOKEN" -H "$JSON" -d '{"returnUrl":"https://x","failReturnUrl":"https://x","region":"IDN"}' | sed 's/.*"signatureId":"\([^"]*\)".*/\1/')
curl -s $SANDBOX/__sandbox/clock -H "$JSON" -d '{"advanceMs":90000000}' >&2
curl -s $SANDBOX/intl/openapi/face-identity/h5-idv/v1/get-result -H "X-ACCESS-TOKEN: $TOKEN" -H "$JSON" -d "{\"signatureId\":\"$ID\"}"
"#,
    );
    assert_eq!(
        (&reply["code"], &reply["message"]),
        (&json!("IAM_FAILED"), &json!("Token not found or expired"))
    );
}

#[cfg(unix)]
#[test]
fn the_token_is_known_late_by_curl() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let reply = shell(
        &sandbox,
        "sbx-token-late-25h",
        r#"
TOKEN=$(curl -s $SANDBOX/openapi/auth/ticket/v1/generate-token -H "$JSON" -d "{\"accessKey\":\"$KEY\",\"timestamp\":$NOW,\"signature\":\"$SIGNATURE\",\"periodSecond\":86400}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
curl -s $SANDBOX/__sandbox/clock -H "$JSON" -d '{"freeze":true}' >&2
curl -s $SANDBOX/intl/openapi/face-identity/h5-idv/v1/get-result -H "X-ACCESS-TOKEN: $TOKEN" -H "$JSON" -d '{"signatureId":"x"}'
"#,
    );
    assert_eq!(reply["message"], "Token not found or expired");
    let reply = shell(
        &sandbox,
        "sbx-token-late-1s",
        r#"
curl -s $SANDBOX/__sandbox/clock -H "$JSON" -d "{\"freeze\":true,\"nowMs\":$NOW}" >&2
TOKEN=$(curl -s $SANDBOX/openapi/auth/ticket/v1/generate-token -H "$JSON" -d "{\"accessKey\":\"$KEY\",\"timestamp\":$NOW,\"signature\":\"$SIGNATURE\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
curl -s $SANDBOX/__sandbox/clock -H "$JSON" -d '{"advanceMs":1000}' >&2
curl -s $SANDBOX/intl/openapi/face-identity/h5-idv/v1/get-result -H "X-ACCESS-TOKEN: $TOKEN" -H "$JSON" -d '{"signatureId":"x"}'
"#,
    );
    assert_eq!(reply["code"], "SIGNATURE_NOT_EXIST", "known by now");
}
