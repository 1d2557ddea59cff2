//! `advance sandbox`

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::{SandboxProcess, advance, run, with_keys};

#[test]
fn one_line_when_it_is_ready_and_no_other() {
    let mut sandbox = SandboxProcess::start(&[]);
    let port = sandbox.base_url.strip_prefix("http://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    // It accepts by the time it says so.
    let args = ["token", "--base-url", &sandbox.base_url];
    run(&mut with_keys(&args)).succeeded();
    sandbox.child.kill().unwrap();
    let mut rest = String::new();
    sandbox.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut sandbox = SandboxProcess::start(&[]);
        let id = sandbox.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(sandbox.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn the_keys_of_the_environment_are_an_account_of_it() {
    let mut command = advance(&["sandbox", "--json"]);
    command
        .env("ADVANCE_ACCESS_KEY", "ourkey")
        .env("ADVANCE_SECRET_KEY", "oursecret");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let base_url = ready["baseUrl"].as_str().unwrap();
    for (access_key, secret_key, exit) in [
        ("ourkey", "oursecret", 0),
        ("sampleaccesskey", "samplesecretkey", 0),
        ("ourkey", "another", 1),
    ] {
        let mut command = advance(&["token", "--base-url", base_url]);
        command
            .env("ADVANCE_ACCESS_KEY", access_key)
            .env("ADVANCE_SECRET_KEY", secret_key);
        assert_eq!(run(&mut command).exit, exit, "{access_key}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn its_habits_can_be_chosen() {
    let sandbox = SandboxProcess::start(&[
        "--path-prefix",
        "gateway",
        "--region-refusal",
        "parameter-error",
        "--unfinished",
        "signature-not-exist",
    ]);
    assert!(sandbox.base_url.ends_with("/gateway"), "{}", sandbox.base_url);
    let link = |region| {
        let args = [
            "link",
            "--json",
            "--base-url",
            &sandbox.base_url,
            "--return-url",
            "https://shop.example/ok",
            "--fail-return-url",
            "https://shop.example/no",
            "--region",
            region,
        ];
        run(&mut with_keys(&args)).json()
    };
    assert_eq!(link("ZZZ")["error"]["code"], "PARAMETER_ERROR");
    let id = link("IDN")["signatureId"].as_str().unwrap().to_owned();
    let args = ["result", "--json", "--base-url", &sandbox.base_url, &id];
    assert_eq!(
        run(&mut with_keys(&args)).json()["error"]["code"],
        "SIGNATURE_NOT_EXIST"
    );
}

#[test]
fn a_port_in_use_and_an_open_address_are_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = run(&mut advance(&["sandbox", "--listen", &address])).failed(1);
    assert!(
        ran.stderr.contains("did not start") && ran.stderr.contains("in use"),
        "{}",
        ran.stderr
    );
    let ran = run(&mut advance(&["sandbox", "--listen", "0.0.0.0:0"])).failed(1);
    assert!(ran.stderr.contains("other machines"), "{}", ran.stderr);
}
