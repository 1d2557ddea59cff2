//! `advance collect run` as a service: webhooks, the intake, the door for those on call.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::serving::{PATIENCE, Receiver, SECRET, World, read, request};
use crate::support::{advance, run, with_keys};

#[test]
fn two_calls_and_one_webhook_are_the_whole_way() {
    let world = World::new();
    // The first answers are no good; redirects are not followed.
    let receiver = Receiver::start(&[500, 307, 204]);
    let service = world.service(&["--notify", &receiver.url, "--notify-results"]);
    let made = service.link("order-1", "sbx-ok");
    assert_eq!(made.status, 201, "{}", made.head);
    let link = made.json();
    let id = link["signatureId"].as_str().unwrap();
    assert!(
        made.head.contains(&format!("location: /verifications/{id}")),
        "{}",
        made.head
    );
    // A double click makes one link; another request with the same key makes none.
    let again = service.link("order-1", "sbx-ok");
    assert_eq!((again.status, again.json()), (200, link.clone()));
    assert!(again.head.contains("idempotency-replayed: true"));
    assert_eq!(service.link("order-1", "sbx-forged").status, 422);
    let second = service.link("order-2", "sbx-forged").json();
    assert_ne!(second["signatureId"], link["signatureId"]);

    let webhooks = receiver.has(2);
    let of = |link: &Value| {
        let found = webhooks
            .iter()
            .find(|(_, body)| body["data"]["signatureId"] == link["signatureId"]);
        found.unwrap().1["data"].clone()
    };
    assert_eq!(
        (&of(&link)["ending"], &of(&link)["outcome"]),
        (&json!("finished"), &json!("passed"))
    );
    assert_eq!(of(&second)["outcome"], "failed");
    assert!(of(&link)["result"].is_object(), "the whole result was asked for");

    let path = format!("/verifications/{id}");
    let begun = Instant::now();
    let picture = loop {
        let picture = service.ask("GET", &format!("{path}/pictures/image"), &[], "");
        if picture.status == 200 || begun.elapsed() > PATIENCE {
            break picture;
        }
        thread::sleep(Duration::from_millis(50));
    };
    assert!(
        picture.head.contains("content-type: image/png"),
        "{}",
        picture.head
    );
    assert!(picture.body.starts_with(b"\x89PNG"));
    let shown = service.ask("GET", &path, &[], "").json();
    assert_eq!((&shown["state"], &shown["told"]), (&json!("done"), &json!(true)));
    let nudged = service.ask("POST", &format!("{path}/nudge"), &[], "");
    assert_eq!(nudged.json(), json!({ "nudged": "ended" }));

    assert_eq!(
        (
            service.monitor("/livez").status,
            service.monitor("/readyz").status
        ),
        (200, 200)
    );
    let metrics = String::from_utf8(service.monitor("/metrics").body).unwrap();
    for line in [
        "advance_verifications{state=\"done\"} 2",
        "advance_letters{state=\"delivered\"} 2",
        "advance_deliveries_total{answer=\"taken\"} 2",
        "advance_deliveries_total{answer=\"refused\"} 2",
        "advance_tokens_total{why=\"first\"} 1",
        "advance_oldest_seconds{what=\"letter\"} 0",
        "advance_intake_requests_total{status=\"201\"} 2",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(!metrics.contains(id), "{metrics}");
}

#[test]
fn without_the_key_no_limit_is_spoken_of() {
    let world = World::new();
    let service = world.service(&[]);
    // Neither for its size nor for want of its end: only the key is spoken of, and at once.
    for (length, body) in [
        (70_000, " ".repeat(70_000)),
        (10_000_000, String::new()),
        (100, "{".to_owned()),
    ] {
        let begun = std::time::Instant::now();
        let head =
            format!("host: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n");
        let reply = service.raw(&format!("POST /verifications HTTP/1.1\r\n{head}\r\n{body}"));
        assert_eq!(reply.status, 401, "{length}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(8), "{length}");
    }
}

#[test]
fn without_the_key_from_a_page_or_by_a_rebound_name_nothing_is_answered() {
    let world = World::new();
    let service = world.service(&[]);
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    for path in [
        "/openapi.json",
        "/verifications",
        "/verifications/x",
        "/elsewhere",
    ] {
        for method in ["GET", "POST", "OPTIONS", "TRACE"] {
            for (wrong, status) in [
                (("authorization", "Bearer wrong"), 401),
                (("origin", "https://evil.example"), 403),
                (("host", "rebind.example"), 403),
            ] {
                let reply = service.ask(method, path, &[&headers[..], &[wrong]].concat(), "");
                assert_eq!(reply.status, status, "{method} {path} {wrong:?}");
                assert!(!reply.head.contains("access-control-"), "{}", reply.head);
            }
        }
    }
    for (method, path, body, status) in [
        ("GET", "/openapi.json", "", 200),
        ("GET", "/verifications", "", 405),
        ("GET", "/verifications/unknown", "", 404),
        ("POST", "/verifications/unknown/nudge", "", 404),
        ("GET", "/verifications/x/pictures/other", "", 404),
        ("GET", "/verifications/%ff", "", 404),
        ("POST", "/verifications", "{", 400),
        (
            "POST",
            "/verifications",
            r#"{"returnUrl":"https://a.example"}"#,
            400,
        ),
        (
            "POST",
            "/verifications",
            r#"{"returnUrl":"http://a.example","failReturnUrl":"https://a.example"}"#,
            422,
        ),
        (
            "POST",
            "/verifications",
            r#"{"returnUrl":"https://a.example","failReturnUrl":"https://a.example","region":"idn"}"#,
            422,
        ),
        (
            "POST",
            "/verifications",
            r#"{"returnUrl":"https://a.example","failReturnUrl":"https://a.example","more":1}"#,
            400,
        ),
        (
            "POST",
            "/verifications",
            r#"{"returnUrl":"https://a.example","failReturnUrl":"https://a.example","userId":"sbx-mistyped"}"#,
            422,
        ),
    ] {
        let reply = service.ask(method, path, &headers, body);
        assert_eq!(
            reply.status,
            status,
            "{method} {path} {body}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        if status >= 400 {
            assert!(reply.head.contains("application/problem+json"), "{}", reply.head);
            assert_eq!(reply.json()["status"], status);
        }
    }
    assert_eq!(
        service
            .ask("POST", "/verifications", &headers, &" ".repeat(70_000))
            .status,
        413
    );
    let valid = r#"{"returnUrl":"https://a.example","failReturnUrl":"https://a.example","state":"LONG"}"#;
    let long = service.ask(
        "POST",
        "/verifications",
        &headers,
        &valid.replace("LONG", &"x".repeat(513)),
    );
    assert_eq!(long.status, 422);
    let blank = [headers[0], ("idempotency-key", "order 1")];
    assert_eq!(service.ask("POST", "/verifications", &blank, valid).status, 400);
    let no_key = [("content-type", "application/json")];
    assert_eq!(service.ask("POST", "/verifications", &no_key, "{}").status, 400);
    assert_eq!(service.monitor("/elsewhere").status, 404);
}

#[test]
fn what_was_given_up_is_listed_and_sent_again() {
    let world = World::new();
    let link = with_keys(&[
        "link",
        "--json",
        "--user-id",
        "sbx-ok",
        "--base-url",
        world.sandbox.base_url(),
    ])
    .output()
    .unwrap();
    let link: Value = serde_json::from_slice(&link.stdout).unwrap();
    let id = link["signatureId"].as_str().unwrap();
    run(&mut advance(&["collect", "add", id, "--store", &world.store])).succeeded();
    // It is collected while the receiver is away, and the process is killed.
    let closed = "http://127.0.0.1:1/hooks";
    let mut child = world
        .collect(&["--notify", closed])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut told)
        .unwrap();
    assert!(told.contains("passed"), "{told}");
    child.kill().unwrap();
    child.wait().unwrap();
    let letters = [
        "collect",
        "letters",
        "--state",
        "waiting",
        "--json",
        "--store",
        &world.store,
    ];
    let waiting = run(&mut advance(&letters)).succeeded().json();
    assert_eq!(
        (&waiting["signatureId"], &waiting["revision"]),
        (&json!(id), &json!(1))
    );
    let status = run(&mut advance(&[
        "collect",
        "status",
        "--json",
        "--store",
        &world.store,
    ]))
    .succeeded()
    .json();
    assert_eq!(
        status["letters"],
        json!({ "waiting": 1, "delivered": 0, "dead": 0 })
    );

    let webhook_id = waiting["webhookId"].as_str().unwrap();
    let resend = ["collect", "resend", webhook_id, "--json", "--store", &world.store];
    assert_eq!(
        run(&mut advance(&resend)).succeeded().json(),
        json!({ "resent": 1 })
    );
    let dead = ["collect", "resend", "--dead", "--json", "--store", &world.store];
    assert_eq!(
        run(&mut advance(&dead)).succeeded().json(),
        json!({ "resent": 0 })
    );
    run(&mut advance(&[
        "collect",
        "resend",
        "evt_none",
        "--store",
        &world.store,
    ]))
    .failed(2);
    let receiver = Receiver::start(&[200]);
    let ended = run(&mut world.collect(&["--notify", &receiver.url, "--until-done"])).succeeded();
    // It may have been killed before it had booked that it was told; the receiver hears of it once all the same.
    assert!(
        ended.stdout.is_empty() || ended.stdout == told,
        "{}",
        ended.stdout
    );
    let got = receiver.has(1);
    assert_eq!((got.len(), got[0].0.as_str()), (1, webhook_id));
    run(&mut advance(&["collect", "erase", id, "--store", &world.store])).succeeded();
    let all = [
        "collect",
        "letters",
        "--state",
        "delivered",
        "--store",
        &world.store,
    ];
    assert_eq!(run(&mut advance(&all)).succeeded().stdout, "");
}

#[test]
fn what_would_not_be_safe_is_refused_before_anything_is_sent() {
    let world = World::new();
    for (args, secret, rule) in [
        (
            &["--notify", "http://shop.example/hooks"][..],
            SECRET,
            "must be https",
        ),
        (&["--notify", "https://u:p@shop.example/"], SECRET, "no password"),
        (&["--notify", "https://shop.example/"], "", "needs a secret"),
        (
            &["--notify", "https://shop.example/"],
            "hidden",
            "begin with whsec_",
        ),
        (&["--intake", "0.0.0.0:0"], SECRET, "--allow-remote"),
        (&["--monitor", "0.0.0.0:0"], SECRET, "--allow-remote"),
        (
            &["--notify-results", "--notify", "https://shop.example/"],
            SECRET,
            "--output",
        ),
    ] {
        let ran = run(world.collect(args).env("ADVANCE_WEBHOOK_SECRET", secret)).failed(2);
        assert!(
            ran.stderr.contains(rule) && !ran.stderr.contains("hidden"),
            "{args:?}: {}",
            ran.stderr
        );
    }
    let ran = run(world.collect(&["--intake", "0"]).env("ADVANCE_INTAKE_KEY", "")).failed(2);
    assert!(ran.stderr.contains("the intake needs a key"), "{}", ran.stderr);
    let ran = run(world
        .collect(&["--intake", "0"])
        .env("ADVANCE_INTAKE_KEY", "short"))
    .failed(2);
    assert!(
        ran.stderr.contains("16 characters") && !ran.stderr.contains("short"),
        "{}",
        ran.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_its_owners_and_secrets_are_read_again() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixStream;

    let world = World::new();
    let socket = world.folder.path().join("intake.sock");
    let at = format!("unix:{}", socket.display());
    let key = world.folder.path().join("key");
    std::fs::write(&key, "the-first-key-of-all\n").unwrap();
    let mut command = world.collect(&[
        "--monitor",
        "0",
        "--intake",
        &at,
        "--intake-key-file",
        key.to_str().unwrap(),
    ]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.nth(1).unwrap().unwrap();
    let status = |key: &str| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        let bearer = format!("Bearer {key}");
        let headers = [("host", "anything"), ("authorization", bearer.as_str())];
        stream
            .write_all(request("GET", "/openapi.json", &headers, "").as_bytes())
            .unwrap();
        read(stream).status
    };
    assert_eq!(
        std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        (status("the-first-key-of-all"), status("the-other-key-of-all")),
        (200, 401)
    );
    std::fs::write(&key, "the-other-key-of-all\n").unwrap();
    let hangup = |wait: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !wait() {
            assert!(begun.elapsed() < PATIENCE);
            Command::new("kill")
                .args(["-HUP", &child.id().to_string()])
                .status()
                .unwrap();
            thread::sleep(Duration::from_millis(50));
        }
    };
    hangup(&|| status("the-other-key-of-all") == 200);
    assert_eq!(status("the-first-key-of-all"), 401);
    // One that is wrong leaves the one before it in use.
    std::fs::write(&key, "short").unwrap();
    Command::new("kill")
        .args(["-HUP", &child.id().to_string()])
        .status()
        .unwrap();
    let said = lines.next().unwrap().unwrap();
    assert!(
        said.contains("16 characters") && !said.contains("short"),
        "{said}"
    );
    assert_eq!(status("the-other-key-of-all"), 200);
    Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(child.wait().unwrap().success(), "it ends when it is asked to");
    assert!(!socket.exists());
}

#[test]
fn the_demonstration_shows_three_webhooks() {
    for more in [&[][..], &["--blocking"]] {
        let ran = run(&mut advance(&[&["collect", "demo", "--json"], more].concat())).succeeded();
        let mut outcomes: Vec<String> = ran
            .stdout
            .lines()
            .map(|line| {
                let webhook: Value = serde_json::from_str(line).unwrap();
                webhook["body"]["data"]["outcome"].as_str().unwrap().to_owned()
            })
            .collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["failed", "passed", "passed"]);
    }
}
