//! A sandbox on another machine, as in Compose: one named host over plain http.

use std::fs;
use std::net::{IpAddr, UdpSocket};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Ran, SandboxProcess, advance, run, with_keys};

/// An address of this machine that is not the loopback's, to which it answers as another machine would.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the kernel only chooses a way.
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    Some(ip).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

fn sandbox_at(ip: IpAddr, more: &[&str]) -> SandboxProcess {
    let listen = format!("{ip}:0");
    let mut command = advance(&[&["sandbox", "--listen", &listen, "--allow-remote"], more].concat());
    SandboxProcess::spawn(command.stderr(std::process::Stdio::null()))
}

fn call(sandbox: &SandboxProcess, args: &[&str]) -> Ran {
    run(with_keys(args).env("ADVANCE_BASE_URL", &sandbox.base_url))
}

#[test]
fn only_the_named_host_is_reached_over_plain_http() {
    let Some(ip) = own_address() else { return };
    let sandbox = sandbox_at(ip, &[]);
    assert!(
        sandbox.base_url.starts_with(&format!("http://{ip}:")),
        "{}",
        sandbox.base_url
    );
    let named = ip.to_string();
    let refused = call(&sandbox, &["link"]).failed(2);
    assert!(refused.stderr.contains("--insecure-host"), "{}", refused.stderr);
    call(&sandbox, &["link", "--insecure-host", "another"]).failed(2);
    for client in [&[][..], &["--blocking"]] {
        let host = [&["--insecure-host", &named, "--json"][..], client].concat();
        let link = call(&sandbox, &[&["link", "--user-id", "sbx-ok"], &host[..]].concat())
            .succeeded()
            .json();
        let id = link["signatureId"].as_str().unwrap();
        let result = call(&sandbox, &[&["wait", id], &host[..]].concat())
            .succeeded()
            .json();
        assert_eq!(result["idvCode"], json!("SUCCESS"));
        let folder = TempDir::new().unwrap();
        let dir = folder.path().to_str().unwrap();
        let pictures = call(&sandbox, &[&["image", id, "--dir", dir], &host[..]].concat())
            .succeeded()
            .json();
        assert_eq!(pictures["pictures"].as_array().unwrap().len(), 2);
        assert_eq!(fs::read_dir(dir).unwrap().count(), 2);
        let doctor = call(&sandbox, &[&["doctor"], &host[..]].concat()).succeeded();
        assert!(doctor.stdout.contains("without TLS"), "{}", doctor.stdout);
    }
    let mut command = with_keys(&["link"]);
    command
        .env("ADVANCE_BASE_URL", &sandbox.base_url)
        .env("ADVANCE_INSECURE_HOST", &named);
    run(&mut command).succeeded();
    // Keys that may be real stay here.
    let refused = run(command.env("ADVANCE_SECRET_KEY", "aaaabbbbccccdddd")).failed(2);
    assert!(refused.stderr.contains("sample"), "{}", refused.stderr);
    assert!(
        !refused.stderr.contains("::"),
        "no word of the library: {}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("aaaabbbb"), "{}", refused.stderr);
}

/// As in Compose: the client knows the sandbox by a name, and the links hold another until the sandbox is told.
#[test]
fn a_picture_under_another_name_of_the_sandbox_says_what_to_do() {
    let Some(ip) = own_address() else { return };
    let sandbox = sandbox_at(ip, &["--public-base", "http://other.example:8080"]);
    let named = ip.to_string();
    let host = ["--insecure-host", &named];
    let link = call(
        &sandbox,
        &[&["link", "--user-id", "sbx-ok", "--json"], &host[..]].concat(),
    );
    let link = link.succeeded().json();
    let id = link["signatureId"].as_str().unwrap();
    call(&sandbox, &[&["wait", id], &host[..]].concat()).succeeded();
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    let refused = call(&sandbox, &[&["image", id, "--dir", dir], &host[..]].concat()).failed(2);
    let said = refused.stderr;
    assert!(
        said.contains("other.example") && said.contains("--public-base"),
        "{said}"
    );
    assert!(!said.contains("--image-host"), "it would not help: {said}");
}

#[test]
fn the_vendors_hosts_are_never_reached_over_plain_http() {
    for host in ["api.advance.ai", "sandbox:8080"] {
        let refused = run(&mut with_keys(&[
            "link",
            "--insecure-host",
            host,
            "--base-url",
            "http://api.advance.ai",
        ]))
        .failed(2);
        assert!(
            refused.stderr.contains("--insecure-host"),
            "{host}: {}",
            refused.stderr
        );
    }
}
