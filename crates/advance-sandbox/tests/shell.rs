//! The shell where clients, browsers and networks misbehave.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use advance_sandbox::model::Stub;
use advance_sandbox::{Event, Sandbox};
use serde_json::{Value, json};

const TOKEN: &str = "/openapi/auth/ticket/v1/generate-token";

fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// What comes back until the server closes, and how it closed.
fn raw(addr: SocketAddr, request: &[u8]) -> (String, Option<ErrorKind>) {
    let mut stream = connect(addr);
    stream.write_all(request).unwrap();
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&read).into_owned(), ended)
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

const OWN: &str = "host: localhost\r\ncontent-type: application/json\r\n";

fn control(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> Value {
    let path = format!("/__sandbox/{path}");
    let (reply, _) = raw(sandbox.addr(), &request(method, &path, OWN, &body.to_string()));
    serde_json::from_str(reply.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

fn status(reply: &str) -> &str {
    reply.get(9..12).unwrap_or(reply)
}

#[test]
fn a_page_of_another_origin_or_a_rebound_name_controls_nothing() {
    let sandbox = Sandbox::builder()
        .allow_origin("https://tool.example")
        .allow_host("sandbox.test")
        .start_blocking()
        .unwrap();
    let json = "content-type: application/json\r\n";
    let paths = [
        ("POST", "reset"),
        ("POST", "faults"),
        ("GET", "journal"),
        ("GET", "events"),
        ("GET", "dashboard/"),
    ];
    for (method, path) in paths {
        for headers in [
            "host: rebind.example\r\n",
            "host: localhost\r\norigin: https://evil.example\r\n",
            "host: localhost\r\norigin: null\r\n",
            "host: localhost\r\nsec-fetch-site: cross-site\r\n",
        ] {
            let asked = request(
                method,
                &format!("/__sandbox/{path}"),
                &format!("{headers}{json}"),
                "{}",
            );
            let (reply, _) = raw(sandbox.addr(), &asked);
            assert_eq!(status(&reply), "403", "{path} {headers}");
            assert!(
                !reply.to_lowercase().contains("access-control-allow-origin"),
                "{reply}"
            );
        }
    }
    let (reply, _) = raw(
        sandbox.addr(),
        &request("GET", "/", "host: rebind.example\r\n", ""),
    );
    assert_eq!(status(&reply), "403");
    for media_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let headers = format!("host: localhost\r\ncontent-type: {media_type}\r\n");
        let (reply, _) = raw(
            sandbox.addr(),
            &request("POST", "/__sandbox/reset", &headers, "{}"),
        );
        assert_eq!(status(&reply), "415");
    }
    for headers in [
        "host: sandbox.test\r\n",
        "host: localhost\r\norigin: https://tool.example\r\n",
    ] {
        let asked = request("POST", "/__sandbox/reset", &format!("{headers}{json}"), "{}");
        assert_eq!(status(&raw(sandbox.addr(), &asked).0), "200", "{headers}");
    }
    let preflight =
        "host: localhost\r\norigin: https://tool.example\r\naccess-control-request-method: POST\r\n";
    let (reply, _) = raw(
        sandbox.addr(),
        &request("OPTIONS", "/__sandbox/reset", preflight, ""),
    );
    assert_eq!(status(&reply), "204");
    assert!(
        reply.contains("access-control-allow-origin: https://tool.example"),
        "{reply}"
    );
}

#[test]
fn pages_make_the_three_calls_only_where_that_was_asked_for() {
    let headers =
        "host: localhost\r\norigin: https://shop.example\r\naccess-control-request-method: POST\r\n";
    for (cors, allowed) in [(false, false), (true, true)] {
        let sandbox = Sandbox::builder().cors(cors).start_blocking().unwrap();
        let (reply, _) = raw(sandbox.addr(), &request("OPTIONS", TOKEN, headers, ""));
        assert_eq!(
            reply.contains("access-control-allow-origin: *"),
            allowed,
            "{reply}"
        );
        let (reply, _) = raw(
            sandbox.addr(),
            &request("OPTIONS", "/__sandbox/reset", headers, ""),
        );
        assert_eq!(status(&reply), "403", "{reply}");
    }
}

#[test]
fn a_connection_fails_as_planned_and_then_no_more() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let call = || raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
    let whole = call().0.len();
    let reset = Some(ErrorKind::ConnectionReset);
    for (fault, done) in [
        ("reset-before", false),
        ("reset-unanswered", true),
        ("reset-in", true),
        ("reset-after", true),
        ("cut-body", true),
        ("garbage", true),
    ] {
        let asked = sandbox.with_vendor(|vendor| vendor.token_requests());
        let plan = json!({"plan": [{"endpoint": "generate-token", "times": 1, "socket": fault}]});
        assert_eq!(control(&sandbox, "POST", "faults", &plan), json!({"ok": true}));
        let (reply, ended) = call();
        let counted = sandbox.with_vendor(|vendor| vendor.token_requests()) - asked;
        assert_eq!(counted == 1, done, "{fault}");
        match fault {
            "reset-before" | "reset-unanswered" => {
                assert_eq!((reply.as_str(), ended), ("", reset), "{fault}");
            }
            "reset-in" => assert!(reply.len() < 50 && ended == reset, "{reply} {ended:?}"),
            "reset-after" => assert!(reply.len() == whole || ended == reset, "{reply} {ended:?}"),
            "cut-body" => {
                assert!(
                    reply.contains("\"code\"") && reply.len() < whole && ended.is_none(),
                    "{reply} {ended:?}"
                );
            }
            _ => assert!(!reply.starts_with("HTTP/") && !reply.is_empty(), "{reply}"),
        }
        assert!(call().0.starts_with("HTTP/1.1 200"), "{fault} is over");
    }
    let journal = control(&sandbox, "GET", "journal", &json!({}));
    assert_eq!(journal[1]["fault"], "reset-before");
}

#[test]
fn a_kept_connection_goes_stale() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let plan = json!({"plan": [{"times": 1, "socket": "stale-keep-alive"}]});
    control(&sandbox, "POST", "faults", &plan);
    let mut stream = connect(sandbox.addr());
    let ask = format!("POST {TOKEN} HTTP/1.1\r\n{OWN}content-length: 2\r\n\r\n{{}}");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).unwrap();
    assert!(buffer[..count].starts_with(b"HTTP/1.1 200"));
    std::thread::sleep(Duration::from_millis(100));
    stream.write_all(ask.as_bytes()).unwrap();
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break None,
            // The rest of the first reply.
            Ok(_) => {}
            Err(error) => break Some(error.kind()),
        }
    };
    assert_eq!(ended, Some(ErrorKind::ConnectionReset));
}

#[test]
fn a_slow_reply_holds_up_neither_control_calls_nor_pictures() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let plan = json!({"plan": [{"delayMs": 700}, {"dribble": {"bytes": 40, "everyMs": 100}}]});
    let began = Instant::now();
    control(&sandbox, "POST", "faults", &plan);
    control(&sandbox, "GET", "health", &json!({}));
    assert!(began.elapsed() < Duration::from_millis(600));
    let began = Instant::now();
    let (reply, ended) = raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
    assert!(
        reply.contains("PARAMETER_ERROR") || reply.contains("CLIENT_ERROR"),
        "{reply}"
    );
    assert_eq!(ended, None);
    assert!(
        began.elapsed() >= Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_body_that_breaks_off_is_a_bad_request() {
    let sandbox = Sandbox::builder()
        .read_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    let head = format!(
        "POST {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    let late = format!("{head}content-length: 10\r\n\r\n{{");
    let chunks = format!("{head}transfer-encoding: chunked\r\n\r\nZZZ\r\n");
    for request in [late, chunks] {
        let (reply, _) = raw(sandbox.addr(), request.as_bytes());
        assert!(
            reply.is_empty() || reply.contains("HTTP 400 - Bad Request") || status(&reply) == "400",
            "{reply}"
        );
        assert!(!reply.contains("HTTP 413"), "{reply}");
    }
}

#[test]
fn connections_that_do_nothing_are_closed() {
    let sandbox = Sandbox::builder()
        .idle_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    for begun in ["", "POST /x HTTP/1.1\r\nhost:"] {
        let began = Instant::now();
        raw(sandbox.addr(), begun.as_bytes());
        assert!(began.elapsed() < Duration::from_secs(5), "{begun}");
    }
}

#[test]
fn a_reader_that_does_not_read_is_let_go() {
    let sandbox = Sandbox::builder()
        .read_timeout(Duration::from_millis(300))
        .start_blocking()
        .unwrap();
    // Replies that no socket's buffers hold.
    let data = serde_json::value::to_raw_value(&"x".repeat(1 << 20)).unwrap();
    sandbox.with_vendor(|vendor| assert!(vendor.stub(Stub::post("/large").data(data).open())));
    let mut lazy = connect(sandbox.addr());
    let ask = "POST /large HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    lazy.write_all(ask.repeat(20).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let mut all = Vec::new();
    // Whether it ends by a reset or by an end: it ends, and before twenty replies.
    let _ = lazy.read_to_end(&mut all);
    assert!(all.len() < 20 << 20, "{}", all.len());
}

#[test]
fn events_tell_what_was_answered_as_it_was() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let mut events = sandbox.events();
    raw(
        sandbox.addr(),
        &request("POST", TOKEN, OWN, r#"{"accessKey":"secret-thing"}"#),
    );
    control(&sandbox, "POST", "clock", &json!({"advanceMs": 5}));
    let first = events.next_blocking().unwrap();
    let Event::Answered { entry, .. } = &*first else {
        panic!("{first:?}")
    };
    assert_eq!(entry.code.as_deref(), Some("PARAMETER_ERROR"));
    let json = serde_json::to_value(&*first).unwrap();
    assert_eq!(
        (&json["event"], &json["path"], &json["pricingStrategy"]),
        (&json!("answered"), &json!(TOKEN), &json!("FREE"))
    );
    assert!(json["durationMs"].is_number() && json["transactionId"].is_string());
    assert!(!json.to_string().contains("secret-thing"));
    let second = serde_json::to_value(&*events.next_blocking().unwrap()).unwrap();
    assert_eq!(
        (&second["path"], &second["n"]),
        (&json!("/__sandbox/clock"), &json!(0))
    );
    drop(sandbox);
    assert!(events.next_blocking().is_none());
}

#[test]
fn events_come_over_http_too() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let mut stream = connect(sandbox.addr());
    stream
        .write_all(b"GET /__sandbox/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut read = String::new();
    let mut buffer = [0; 4096];
    while !read.contains("\"event\":\"answered\"") {
        if read.contains("text/event-stream") {
            raw(sandbox.addr(), &request("POST", TOKEN, OWN, "{}"));
        }
        let count = stream.read(&mut buffer).unwrap();
        read.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    let began = Instant::now();
    sandbox.shutdown_blocking();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "a reader of events holds up no shutdown"
    );
}

#[test]
fn links_begin_with_the_address_that_was_asked_if_it_is_ours() {
    let sandbox = Sandbox::builder()
        .listen("0.0.0.0:0".parse().unwrap())
        .allow_remote(true)
        .allow_host("sandbox.test")
        .start_blocking()
        .unwrap();
    assert!(
        sandbox.base_url().starts_with("http://127.0.0.1:"),
        "{}",
        sandbox.base_url()
    );
    let port = sandbox.addr().port();
    let here: SocketAddr = ([127, 0, 0, 1], port).into();
    let own = format!("127.0.0.1:{port}");
    for (host, expected) in [
        ("sandbox.test:80", "sandbox.test:80"),
        ("localhost", "localhost"),
        ("rebind.example", &own),
        ("0.0.0.0", &own),
    ] {
        let now = sandbox.clock().as_millis();
        let signature = {
            use sha2::Digest as _;
            hex::encode(sha2::Sha256::digest(format!(
                "sampleaccesskeysamplesecretkey{now}"
            )))
        };
        let headers = format!("host: {host}\r\ncontent-type: application/json\r\n");
        let ask = |path: &str, token: &str, body: Value| -> Value {
            let headers = format!("{headers}x-access-token: {token}\r\n");
            let (reply, _) = raw(here, &request("POST", path, &headers, &body.to_string()));
            serde_json::from_str(reply.split("\r\n\r\n").nth(1).unwrap()).unwrap()
        };
        let body = json!({"accessKey": "sampleaccesskey", "timestamp": now, "signature": signature});
        let token = ask(TOKEN, "x", body)["data"]["token"]
            .as_str()
            .unwrap()
            .to_owned();
        let body = json!({"returnUrl": "https://x", "failReturnUrl": "https://x", "region": "IDN", "userId": "sbx-ok"});
        let link = ask("/intl/openapi/face-identity/h5-idv/v1/generate-url", &token, body)["data"].clone();
        let url = link["url"].as_str().unwrap();
        assert!(
            url.starts_with(&format!("http://{expected}/h5-idv/?token=")),
            "{host}: {url}"
        );
        let body = json!({"signatureId": link["signatureId"]});
        let result = ask("/intl/openapi/face-identity/h5-idv/v1/get-result", &token, body);
        let image = result["data"]["image"].as_str().unwrap();
        let name = expected.split(':').next().unwrap();
        let images = sandbox.images_addr().unwrap().port();
        assert!(
            image.starts_with(&format!("http://{name}:{images}/__sandbox/images/")),
            "{host}: {image}"
        );
    }
}

#[test]
fn pictures_are_on_an_origin_of_their_own_and_tell_on_those_who_bring_too_much() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let images = sandbox.images_addr().unwrap();
    let path = "/__sandbox/images/x_v1_front_SCAN.png";
    let (reply, _) = raw(sandbox.addr(), &request("GET", path, "host: localhost\r\n", ""));
    assert_eq!(status(&reply), "404");
    let headers = "host: localhost\r\nx-access-token: t\r\ncookie: a=b\r\nreferer: http://x\r\n";
    let (reply, _) = raw(images, &request("GET", path, headers, ""));
    assert_eq!(status(&reply), "403");
    for (method, path) in [("POST", TOKEN), ("GET", "/__sandbox/journal"), ("GET", "/")] {
        assert_eq!(
            status(&raw(images, &request(method, path, OWN, "")).0),
            "404",
            "{path}"
        );
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        assert_eq!(
            status(&raw(images, &request(method, path, OWN, "")).0),
            "405",
            "{method}"
        );
    }
    let (reply, _) = raw(
        images,
        b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n",
    );
    assert_eq!(status(&reply), "405");
    let journal = control(&sandbox, "GET", "journal", &json!({}));
    assert_eq!(
        journal[0]["leaked"],
        json!(["x-access-token", "cookie", "referer"])
    );

    let together = Sandbox::builder().images_on_api().start_blocking().unwrap();
    assert_eq!(together.images_addr(), None);
    let (reply, _) = raw(together.addr(), &request("GET", path, "host: localhost\r\n", ""));
    assert_eq!(status(&reply), "403");
}

#[test]
fn nothing_may_be_framed_guessed_or_kept() {
    let sandbox = Sandbox::start_blocking().unwrap();
    for (method, path) in [
        ("GET", "/"),
        ("POST", TOKEN),
        ("GET", "/h5-idv/"),
        ("GET", "/__sandbox/journal"),
        ("GET", "/s/x"),
    ] {
        let (reply, _) = raw(sandbox.addr(), &request(method, path, OWN, "{}"));
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "x-frame-options: DENY",
            "frame-ancestors 'none'",
        ] {
            assert!(reply.contains(header), "{path}: {header} in {reply}");
        }
    }
}

/// What the clients of other languages put on the wire, as they were seen to.
#[test]
fn clients_of_other_languages_are_understood() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let chunked = "2\r\n{}\r\n0\r\n\r\n";
    for (client, head, body) in [
        (
            "curl",
            "HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: 2",
            "{}",
        ),
        (
            "Go",
            "HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 2\r\nContent-Type: application/json\r\nAccept-Encoding: gzip",
            "{}",
        ),
        (
            "PHP streams",
            "HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2",
            "{}",
        ),
        (
            "PHP curl",
            "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2",
            "{}",
        ),
        (
            "Java",
            "HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 2\r\nHost: localhost\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/17\r\nContent-Type: application/json",
            "{}",
        ),
        (
            "Node",
            "HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\ncontent-type: application/json\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\ntransfer-encoding: chunked",
            chunked,
        ),
    ] {
        let mut stream = connect(sandbox.addr());
        stream
            .write_all(format!("POST {TOKEN} {head}\r\n\r\n{body}").as_bytes())
            .unwrap();
        let mut read = String::new();
        let mut buffer = [0; 4096];
        while !read.contains("Parameter should not be empty") {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "{client}: {read}");
            read.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }
}

#[cfg(all(unix, feature = "tls"))]
#[test]
fn tls_is_trusted_by_the_authority_that_is_printed_and_by_no_other() {
    let sandbox = Sandbox::builder().tls().start_blocking().unwrap();
    assert!(sandbox.base_url().starts_with("https://127.0.0.1:"));
    let file = std::env::temp_dir().join(format!("advance-sandbox-{}.pem", std::process::id()));
    std::fs::write(&file, sandbox.ca_pem().unwrap()).unwrap();
    let ask = |trusted: &[&std::ffi::OsStr], host: &str| {
        let url = format!("https://{host}:{}/__sandbox/health", sandbox.addr().port());
        let mut command = std::process::Command::new("curl");
        command.args(["-s", "--noproxy", "*"]).args(trusted).arg(url);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let trusted = ["--cacert".as_ref(), file.as_os_str()];
    for host in ["127.0.0.1", "localhost"] {
        assert!(ask(&trusted, host).contains("\"ready\":true"), "{host}");
        assert_eq!(ask(&[], host), "");
    }
    std::fs::remove_file(file).unwrap();
}
