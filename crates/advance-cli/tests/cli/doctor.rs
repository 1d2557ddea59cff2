//! `doctor` names what is wrong, and what to do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;

use crate::support::{CLOSED_PORT, SandboxProcess, run, server_that_says, with_keys};

/// The state, the message and the remedy of a check.
fn finding(command: &mut Command, check: &str) -> (i32, String) {
    command.args(["doctor", "--json"]);
    let ran = run(command);
    let told = ran.json();
    let checks = told["checks"].as_array().unwrap();
    let found = checks.iter().rev().find(|finding| finding["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check} in {told:#}"));
    let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
    assert!(
        text("state") == "ok" || text("state") == "skipped" || !text("remedy").is_empty(),
        "{found}"
    );
    (ran.exit, format!("{}: {}", text("state"), text("message")))
}

fn at(base_url: &str) -> Command {
    let mut command = with_keys(&[]);
    command.env("ADVANCE_BASE_URL", base_url);
    command
}

#[track_caller]
fn named(command: &mut Command, check: &str, expected: &str) {
    let (exit, said) = finding(command, check);
    assert_eq!(exit, i32::from(said.starts_with("failure")), "{said}");
    assert!(said.contains(expected), "{said}");
}

#[test]
fn all_is_well_with_a_sandbox() {
    let sandbox = SandboxProcess::start(&[]);
    for client in [&[][..], &["--blocking"]] {
        let mut command = with_keys(&[&["doctor"], client].concat());
        let ran = run(command.env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
        assert!(ran.stdout.ends_with("\nAll is well.\n"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("sampleaccesskey"), "{}", ran.stdout);
    }
}

#[test]
fn keys_that_were_damaged_on_their_way() {
    for (key, expected) in [
        ("", "failure: it is not set"),
        (" h1dden", "blanks around it"),
        ("\"h1dden\"", "quotes around it"),
        ("h1dden\n", "line break"),
        ("\u{feff}h1dden", "byte order mark"),
        ("YOUR_SECRET_KEY", "placeholder"),
    ] {
        let mut command = at(CLOSED_PORT);
        command.env("ADVANCE_SECRET_KEY", key);
        let (exit, said) = finding(&mut command, "secretKey");
        assert_eq!(exit, 1);
        assert!(said.contains(expected) && !said.contains("h1dden"), "{said}");
    }
    let mut swapped = at(CLOSED_PORT);
    swapped
        .env("ADVANCE_ACCESS_KEY", "samplesecretkey")
        .env("ADVANCE_SECRET_KEY", "sampleaccesskey");
    named(&mut swapped, "keys", "swapped");
}

#[test]
fn what_the_vendor_refuses() {
    let sandbox = SandboxProcess::start(&[]);
    let base = sandbox.base_url.as_str();
    named(
        at(base).env("ADVANCE_SECRET_KEY", "an0ther"),
        "token",
        "secretKey is not the one of this accessKey",
    );
    named(
        at(base).env("ADVANCE_ACCESS_KEY", "an0ther"),
        "token",
        "accessKey is not known here",
    );
    named(&mut at(&format!("{base}/v2")), "token", "the path is wrong");
    for (code, expected) in [
        ("INSUFFICIENT_BALANCE", "balance is used up"),
        ("ACCESS_DENIED", "may not use this product"),
    ] {
        let fault = ["sandbox", "fault", "generate-url", "--code", code];
        run(with_keys(&fault).env("ADVANCE_BASE_URL", base)).succeeded();
        named(&mut at(base), "account", expected);
        run(with_keys(&["sandbox", "fault", "--clear"]).env("ADVANCE_BASE_URL", base)).succeeded();
    }
    let fault = [
        "sandbox",
        "fault",
        "--body",
        r#"{"disableAccount":"sampleaccesskey"}"#,
    ];
    run(with_keys(&fault).env("ADVANCE_BASE_URL", base)).succeeded();
    named(&mut at(base), "token", "the account is disabled");
}

#[test]
fn a_wrong_clock() {
    let sandbox = SandboxProcess::start(&[]);
    let fault = ["sandbox", "fault", "--body", r#"{"dateOffsetMs":600000}"#];
    run(with_keys(&fault).env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
    named(&mut at(&sandbox.base_url), "clock", "behind the server's");
}

#[test]
fn hosts_that_are_not_there_or_are_something_else() {
    named(&mut at(CLOSED_PORT), "TCP", "no connection");
    named(&mut at("https://no-such-host.invalid"), "DNS", "resolved");
    named(&mut at("http://api.advance.ai"), "host", "must be https");
    let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>";
    named(
        &mut at(&server_that_says(page)),
        "token",
        "something else than the API answers",
    );
}

#[test]
fn proxies_that_refuse() {
    for (status, expected) in [
        ("407 Proxy Authentication Required", "wants a name and a password"),
        ("403 Forbidden", "refuses to connect"),
    ] {
        let answer: &'static str = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").leak();
        let proxy = server_that_says(answer).replace("http://", "http://me:h1dden@");
        let mut command = at("https://api.advance.ai");
        let (_, said) = finding(command.env("HTTPS_PROXY", &proxy), "proxy");
        assert!(said.contains(expected) && !said.contains("h1dden"), "{said}");
    }
    named(
        at("https://api.advance.ai").env("HTTPS_PROXY", CLOSED_PORT),
        "proxy",
        "no connection",
    );
    // This machine is not reached through it.
    let sandbox = SandboxProcess::start(&[]);
    named(
        at(&sandbox.base_url).env("HTTPS_PROXY", CLOSED_PORT),
        "proxy",
        "ok: http://127.0.0.1:1 (from HTTPS_PROXY) is not used",
    );
}

#[test]
fn a_machine_without_certificates() {
    let mut command = at("https://localhost:1");
    named(
        command.env("SSL_CERT_FILE", "/nowhere.pem"),
        "roots",
        "is not there",
    );
    let mut command = at("https://localhost:1");
    named(
        command.env("ADVANCE_CA_FILE", "/etc/hostname"),
        "roots",
        "holds no certificate",
    );
}

/// A server that speaks TLS with a certificate of an authority of its own, and that authority as PEM.
fn intercepting() -> (String, String) {
    serving(|_| {})
}

/// The same, with another certificate.
fn serving(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "Company Proxy CA");
    let root = authority.self_signed(&key).unwrap();
    let issuer = Issuer::new(authority, key);
    let leaf_key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut leaf);
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), Ok(tls)) = (stream, rustls::ServerConnection::new(Arc::clone(&config))) else {
                return;
            };
            let mut tls = rustls::StreamOwned::new(tls, stream);
            let _ = tls.read(&mut [0; 4096]);
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    });
    (format!("https://localhost:{port}"), root.pem())
}

#[test]
fn somebody_who_intercepts_tls() {
    let (base_url, pem) = intercepting();
    let (exit, said) = finding(&mut at(&base_url), "TLS");
    assert_eq!(exit, 1);
    assert!(
        said.starts_with("failure: ") && said.contains("Company Proxy CA"),
        "{said}"
    );
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("company.pem");
    std::fs::write(&file, pem).unwrap();
    let mut command = at(&base_url);
    let (_, said) = finding(command.env("ADVANCE_CA_FILE", &file), "TLS");
    assert!(
        said.starts_with("warning: TLS is intercepted") && said.contains("Company Proxy CA"),
        "{said}"
    );
    // What doctor trusts, the other commands trust.
    let mut command = with_keys(&["token", "--json", "--ca-file", file.to_str().unwrap()]);
    let ran = run(command.env("ADVANCE_BASE_URL", &base_url));
    let error: Value = ran.json()["error"].clone();
    assert_ne!(error["kind"], "transport", "{error}");
}

#[test]
fn certificates_of_another_time_or_host_or_none_at_all() {
    type Change = fn(&mut CertificateParams);
    let expired: Change = |leaf| leaf.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let early: Change = |leaf| leaf.not_before = rcgen::date_time_ymd(2990, 1, 1);
    let elsewhere: Change = |leaf| leaf.subject_alt_names.clear();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("company.pem");
    for (change, expected) in [
        (expired, "has expired, by this machine's clock"),
        (early, "is not valid yet, by this machine's clock"),
        (elsewhere, "is for another host than localhost"),
    ] {
        let (base_url, pem) = serving(change);
        std::fs::write(&file, pem).unwrap();
        named(at(&base_url).env("ADVANCE_CA_FILE", &file), "TLS", expected);
    }
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let nothing = folder.path().join("nothing");
    std::fs::create_dir(&nothing).unwrap();
    let mut bare = at(&intercepting().0);
    bare.env("SSL_CERT_FILE", &empty).env("SSL_CERT_DIR", &nothing);
    named(&mut bare, "TLS", "no certificates to trust");
}

/// `faketime` moves this machine's clock for one process: `cargo xtask release-gates doctor`.
#[test]
#[ignore = "needs faketime, which not every machine has"]
fn a_clock_of_this_machine_that_is_wrong() {
    let sandbox = SandboxProcess::start(&[]);
    for (moved, expected) in [
        ("-10m", "ok: host, path, keys and signature are right"),
        ("+26h", "failure: the clock is too far off"),
    ] {
        let mut command = Command::new("faketime");
        command.args(["-f", moved, env!("CARGO_BIN_EXE_advance"), "doctor", "--json"]);
        for (name, value) in with_keys(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let told = run(command.env("ADVANCE_BASE_URL", &sandbox.base_url)).json();
        let of = |check: &str| {
            let checks = told["checks"].as_array().unwrap();
            let found = checks.iter().find(|finding| finding["check"] == check).unwrap();
            format!(
                "{}: {}",
                found["state"].as_str().unwrap(),
                found["message"].as_str().unwrap()
            )
        };
        assert!(of("clock").starts_with("failure: it is "), "{told:#}");
        let way = if moved.starts_with('-') {
            "behind"
        } else {
            "ahead of"
        };
        assert!(of("clock").contains(way), "{told:#}");
        assert!(of("token").starts_with(expected), "{told:#}");
    }
}

#[test]
fn offline_it_sends_nothing() {
    let sandbox = SandboxProcess::start(&[]);
    let mut command = with_keys(&["doctor", "--offline"]);
    run(command.env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
    let journal = crate::support::get(&format!("{}/__sandbox/journal", sandbox.base_url));
    assert!(!journal.contains("generate-token"), "{journal}");
}
