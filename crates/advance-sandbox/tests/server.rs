//! The shell, over real sockets.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use advance_sandbox::model::MAX_BODY;
use advance_sandbox::{Outcome, Sandbox, StartError, VendorConfig};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const TOKEN: &str = "/openapi/auth/ticket/v1/generate-token";
const URL: &str = "/intl/openapi/face-identity/h5-idv/v1/generate-url";
const RESULT: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

fn post(url: &str, token: Option<&str>, body: &Value) -> Value {
    let mut request = agent().post(url).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("X-ACCESS-TOKEN", token);
    }
    let mut response = request.send(body.to_string()).unwrap();
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

fn signed(access_key: &str, secret_key: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let signature = hex::encode(Sha256::digest(format!("{access_key}{secret_key}{now}")));
    json!({"accessKey": access_key, "timestamp": now.to_string(), "signature": signature})
}

/// Sends `request` as it is, and reads until the server closes.
fn raw(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn a_verification_from_token_to_picture() {
    let sandbox = Sandbox::builder()
        .account("key", "secret")
        .start_blocking()
        .unwrap();
    let base = sandbox.base_url();
    let reply = post(&format!("{base}{TOKEN}"), None, &signed("key", "secret"));
    let token = reply["data"]["token"].as_str().unwrap();
    let body = json!({
        "returnUrl": "https://x", "failReturnUrl": "https://x", "region": "IDN", "userId": "sbx-ok",
    });
    let reply = post(&format!("{base}{URL}"), Some(token), &body);
    let id = &reply["data"]["signatureId"];
    let page = agent()
        .get(reply["data"]["url"].as_str().unwrap())
        .call()
        .unwrap();
    assert_eq!(page.status(), 200);
    let reply = post(
        &format!("{base}{RESULT}"),
        Some(token),
        &json!({"signatureId": id}),
    );
    assert_eq!(reply["data"]["idvCode"], "SUCCESS");
    let picture = reply["data"]["croppedImage"].as_str().unwrap();
    let mut response = agent().get(picture).call().unwrap();
    let png = response.body_mut().read_to_vec().unwrap();
    assert_eq!(
        png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .unwrap()
            .info()
            .width,
        640
    );
    assert_eq!(sandbox.with_vendor(|vendor| vendor.journal().total()), 5);
}

#[test]
fn there_is_one_date_and_it_is_the_model_s() {
    let sandbox = Sandbox::start_blocking().unwrap();
    sandbox.with_vendor(|vendor| vendor.behaviour_mut().date_offset_ms = i64::MIN);
    let request = "POST /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    let response = raw(sandbox.addr(), request).to_lowercase();
    assert!(response.starts_with("http/1.1 200 ok\r\n"), "{response}");
    assert_eq!(response.matches("\r\ndate: ").count(), 1, "{response}");
    assert!(
        response.contains("\r\ndate: thu, 01 jan 1970 00:00:00 gmt\r\n"),
        "{response}"
    );
}

#[test]
fn a_body_over_the_limit_is_refused_and_not_kept() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let head = format!(
        "POST {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    // Chunked, so that only reading tells its size, and one byte too long, so that nothing is left unread.
    let chunk = "x".repeat(MAX_BODY + 1);
    let request = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n0\r\n\r\n",
        chunk.len()
    );
    let response = raw(sandbox.addr(), &request);
    assert!(response.contains("HTTP 413 - Payload Too Large"), "{response}");
}

#[tokio::test]
async fn a_thousand_connections_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let addr = sandbox.addr();
    // This blocks the runtime of the test, which the sandbox does not need.
    let mut streams: Vec<TcpStream> = (0..1000).map(|_| TcpStream::connect(addr).unwrap()).collect();
    let request = b"GET /__sandbox/ledger HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    for stream in &mut streams {
        stream.write_all(request).unwrap();
    }
    for mut stream in streams {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    }
    sandbox.shutdown().await;
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_slow_vendor_knows_how_many_wait() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let slow = json!({"delayMs": 500});
    let faults = format!("{}/__sandbox/faults", sandbox.base_url());
    assert_eq!(post(&faults, None, &slow)["ok"], true);
    let request =
        format!("POST {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
    let ask = || {
        let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    let asked = Instant::now();
    for mut stream in [ask(), ask(), ask()] {
        stream.read_to_string(&mut String::new()).unwrap();
    }
    assert!(asked.elapsed() >= Duration::from_millis(500));
    // Who hangs up no longer waits; that they had asked is on record.
    let impatient = ask();
    let seen = || sandbox.with_vendor(|vendor| vendor.journal().entries().count());
    while seen() < 4 {
        assert!(asked.elapsed() < Duration::from_secs(20), "it never arrived");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(impatient);
    std::thread::sleep(Duration::from_millis(250));
    ask().read_to_string(&mut String::new()).unwrap();
    let under_way = sandbox.with_vendor(|vendor| {
        let entries = vendor.journal().entries();
        entries.map(|entry| entry.under_way).collect::<Vec<_>>()
    });
    assert_eq!(under_way, [1, 2, 3, 1, 1]);
}

#[test]
fn a_panic_with_the_model_does_not_brick_it() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sandbox.with_vendor(|_| panic!("on purpose"));
    }));
    assert!(panicked.is_err());
    let reply = post(&format!("{}{TOKEN}", sandbox.base_url()), None, &json!({}));
    assert_eq!(reply["message"], "Parameter should not be empty");
    assert_eq!(sandbox.with_vendor(|vendor| vendor.token_requests()), 1);
}

#[test]
fn dropping_it_stops_it_at_once_whatever_clients_do() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let addr = sandbox.addr();
    let mut half = TcpStream::connect(addr).unwrap();
    half.write_all(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        .unwrap();
    // Until the request is being read: one that was not accepted yet holds up nothing.
    std::thread::sleep(Duration::from_millis(200));
    let started = Instant::now();
    drop(sandbox);
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert!(TcpStream::connect(addr).is_err());
    drop(half);
}

#[test]
fn a_shutdown_waits_for_what_was_asked() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let addr = sandbox.addr();
    let mut half = TcpStream::connect(addr).unwrap();
    half.write_all(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{")
        .unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let stopping = std::thread::spawn(move || sandbox.shutdown_blocking());
    std::thread::sleep(Duration::from_millis(200));
    assert!(!stopping.is_finished());
    half.write_all(b"}").unwrap();
    let mut response = String::new();
    half.read_to_string(&mut response).unwrap();
    assert!(response.contains("HTTP 404 - Not Found"), "{response}");
    stopping.join().unwrap();
}

#[test]
fn other_machines_are_not_let_in_unasked() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let refused = Sandbox::builder().listen(everywhere).start_blocking();
    assert!(matches!(refused, Err(StartError::NotLoopback(addr)) if addr == everywhere));
    Sandbox::builder()
        .listen(everywhere)
        .allow_remote(true)
        .start_blocking()
        .unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_an_error_with_its_source() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Sandbox::builder()
        .listen(taken.local_addr().unwrap())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }));
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn links_begin_with_the_public_base_and_urls_with_the_prefix() {
    let mut config = VendorConfig::seeded(5);
    config.path_prefix = "/gateway".to_owned();
    let sandbox = Sandbox::builder()
        .config(config)
        .public_base("https://sandbox.example/")
        .start_blocking()
        .unwrap();
    assert_eq!(sandbox.base_url(), format!("http://{}/gateway", sandbox.addr()));
    let base = sandbox.base_url();
    let reply = post(
        &format!("{base}{TOKEN}"),
        None,
        &signed("sampleaccesskey", "samplesecretkey"),
    );
    let token = reply["data"]["token"].as_str().unwrap();
    let body = json!({"returnUrl": "https://x", "failReturnUrl": "https://x", "region": "IDN"});
    let reply = post(&format!("{base}{URL}"), Some(token), &body);
    let (url, id) = (
        &reply["data"]["url"],
        reply["data"]["signatureId"].as_str().unwrap(),
    );
    assert!(
        url.as_str()
            .unwrap()
            .starts_with("https://sandbox.example/h5-idv/?token="),
        "{url}"
    );
    assert!(sandbox.with_vendor(|vendor| vendor.finish(id, Outcome::Ok)));
}

#[test]
fn two_sandboxes_mint_different_ids() {
    let ids = [(); 2].map(|()| {
        let sandbox = Sandbox::start_blocking().unwrap();
        post(&format!("{}/x", sandbox.base_url()), None, &json!({}))["transactionId"].clone()
    });
    assert_ne!(ids[0], ids[1]);
}
