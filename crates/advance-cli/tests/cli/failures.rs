//! What goes wrong on the way: one paragraph with a cause, exit status 1, and no secret anywhere.

use crate::support::{
    ACCESS_KEY, CLOSED_PORT, Ran, SECRET_KEY, SandboxProcess, advance, run, server_that_says, with_keys,
};

/// Over both clients, for a person and for a program.
fn failures(args: &[&str], base_url: &str, secret_key: &str, exit: i32) -> Vec<(Ran, serde_json::Value)> {
    let mut all = Vec::new();
    for client in [&[][..], &["--blocking"]] {
        let args = [args, client].concat();
        let go = |args: &[&str]| {
            let mut command = with_keys(args);
            command
                .env("ADVANCE_BASE_URL", base_url)
                .env("ADVANCE_SECRET_KEY", secret_key);
            run(&mut command)
        };
        let text = go(&args).failed(exit);
        let json = go(&[&args[..], &["--json"]].concat());
        assert_eq!((json.exit, json.stderr.as_str()), (exit, ""), "{json:?}");
        for shown in [&text.stderr, &json.stdout] {
            for secret in [ACCESS_KEY, secret_key, &hex(secret_key)] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
        assert!(
            !text.stderr.trim_end().contains("\n\n") && text.stderr.lines().count() <= 8,
            "{}",
            text.stderr
        );
        assert!(text.stderr.starts_with("error: "), "{}", text.stderr);
        let error = json.json()["error"].clone();
        all.push((text, error));
    }
    all
}

fn hex(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn a_wrong_secret_says_what_the_vendor_says_and_what_to_do() {
    let sandbox = SandboxProcess::start(&[]);
    for (text, error) in failures(&["token"], &sandbox.base_url, "wr0ngsecret", 1) {
        let id = error["transactionId"].as_str().unwrap();
        assert_eq!(id.len(), 16);
        assert_eq!(
            (&error["kind"], &error["code"]),
            (&"api".into(), &"PARAMETER_ERROR".into())
        );
        assert_eq!(error["vendorMessage"], "Signature error");
        assert_eq!(error["advice"], "check_credentials");
        for expected in [
            "vendor  Signature error",
            "check accessKey and secretKey",
            "transactionId ",
            &sandbox.base_url,
        ] {
            assert!(text.stderr.contains(expected), "{}", text.stderr);
        }
    }
}

#[test]
fn a_closed_port() {
    for (text, error) in failures(&["token"], CLOSED_PORT, SECRET_KEY, 4) {
        assert_eq!(
            (&error["kind"], &error["advice"]),
            (&"transport".into(), &"check_network".into())
        );
        assert!(error["cause"].as_str().unwrap().contains("refused"), "{error}");
        assert!(
            text.stderr.contains("could not connect") && text.stderr.contains("refused"),
            "{}",
            text.stderr
        );
        assert!(
            text.stderr.contains("start a sandbox with `advance sandbox`")
                && text.stderr.contains("host   http://127.0.0.1:"),
            "{}",
            text.stderr
        );
    }
}

#[test]
fn a_server_that_speaks_no_json() {
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 39\r\nConnection: close\r\n\r\n<html><title>Hotel \x1b[31mWiFi</title></h";
    for (text, error) in failures(&["result", "x"], &server_that_says(page), SECRET_KEY, 1) {
        assert_eq!(error["kind"], "protocol");
        assert!(
            text.stderr.contains("a page and not JSON") && text.stderr.contains("Hotel"),
            "{}",
            text.stderr
        );
        assert!(!text.stderr.contains('\x1b'), "{}", text.stderr);
    }
}

#[test]
fn a_server_that_speaks_no_http() {
    for (text, error) in failures(
        &["token"],
        &server_that_says("220 mail.example ESMTP\r\n"),
        SECRET_KEY,
        4,
    ) {
        assert_eq!(error["kind"], "transport");
        assert!(text.stderr.contains("cause  "), "{}", text.stderr);
    }
}

#[test]
fn a_wrong_path() {
    let sandbox = SandboxProcess::start(&[]);
    let wrong = format!("{}/v2", sandbox.base_url);
    for (text, error) in failures(&["token"], &wrong, SECRET_KEY, 1) {
        assert_eq!(
            (&error["code"], &error["advice"]),
            (&"CLIENT_ERROR".into(), &"fix_request".into())
        );
        assert!(
            text.stderr.contains("base URL") && text.stderr.contains(&wrong),
            "{}",
            text.stderr
        );
    }
    let nothing = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot found";
    for (text, error) in failures(&["token"], &server_that_says(nothing), SECRET_KEY, 1) {
        assert_eq!(
            (&error["kind"], &error["advice"]),
            (&"protocol".into(), &"fix_request".into())
        );
        assert!(
            text.stderr.contains("HTTP status 404") && text.stderr.contains("base URL"),
            "{}",
            text.stderr
        );
    }
}

#[test]
fn a_server_that_repeats_what_it_was_sent_leaks_nothing() {
    // The signature is the one secret that crosses the network here; the core keeps it out of what it repeats.
    let echo = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 68\r\nConnection: close\r\n\r\n{\"code\":\"PARAMETER_ERROR\",\"message\":\"bad accessKey sampleaccesskey\"}";
    for (text, _) in failures(&["token"], &server_that_says(echo), SECRET_KEY, 1) {
        assert!(text.stderr.contains("[redacted]"), "{}", text.stderr);
    }
}

#[test]
fn a_region_that_the_vendor_refuses_and_an_id_it_does_not_know() {
    let sandbox = SandboxProcess::start(&[]);
    let url = "https://shop.example/";
    let args = [
        "link",
        "--return-url",
        url,
        "--fail-return-url",
        url,
        "--region",
        "ZZZ",
    ];
    for (text, error) in failures(&args, &sandbox.base_url, SECRET_KEY, 1) {
        assert_eq!(error["code"], "REGION_WRONG");
        assert!(
            text.stderr.contains("2 requests, none charged"),
            "{}",
            text.stderr
        );
    }
    for (_, error) in failures(&["result", "nobody"], &sandbox.base_url, SECRET_KEY, 1) {
        assert_eq!(error["code"], "SIGNATURE_NOT_EXIST");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = advance(&["demo", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot write to stdout"), "{said}");
}
