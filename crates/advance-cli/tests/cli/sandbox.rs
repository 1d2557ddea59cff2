//! `advance sandbox`

use std::io::Read as _;
use std::net::TcpListener;
#[cfg(unix)]
use std::process::Command;

use serde_json::{Value, json};

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
    let mut command = advance(&["sandbox"]);
    command
        .env("ADVANCE_ACCESS_KEY", "ourkey")
        .env("ADVANCE_SECRET_KEY", "oursecret");
    let sandbox = SandboxProcess::spawn(&mut command);
    for (access_key, secret_key, exit) in [
        ("ourkey", "oursecret", 0),
        ("sampleaccesskey", "samplesecretkey", 0),
        ("ourkey", "another", 1),
    ] {
        let mut command = advance(&["token", "--base-url", &sandbox.base_url]);
        command
            .env("ADVANCE_ACCESS_KEY", access_key)
            .env("ADVANCE_SECRET_KEY", secret_key);
        assert_eq!(run(&mut command).exit, exit, "{access_key}");
    }
}

#[test]
fn a_program_reads_its_address_as_json() {
    let sandbox = SandboxProcess::start(&["--json"]);
    run(&mut with_keys(&["token", "--base-url", &sandbox.base_url])).succeeded();
}

/// What a sandbox with these habits says to a link for a region, and then to its result.
fn asked(habits: &[&str], region: &str) -> (Value, Value) {
    let sandbox = SandboxProcess::start(habits);
    let url = "https://shop.example/";
    let args = [
        "link",
        "--json",
        "--return-url",
        url,
        "--fail-return-url",
        url,
        "--region",
        region,
    ];
    let call = |args: &[&str]| run(with_keys(args).env("ADVANCE_BASE_URL", &sandbox.base_url)).json();
    let link = call(&args);
    let id = link["signatureId"].as_str().unwrap_or("none");
    let result = call(&["result", "--json", id]);
    (link, result)
}

#[test]
fn its_habits_can_be_chosen() {
    let (link, result) = asked(&[], "IDN");
    assert!(link["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(result["charges"], json!({"free": 2, "pay": 0, "unknown": 0}));
    let (link, _) = asked(&["--public-base", "https://tunnel.example"], "IDN");
    assert!(
        link["url"]
            .as_str()
            .unwrap()
            .starts_with("https://tunnel.example/")
    );

    let (_, result) = asked(&["--charging", "pay-per-poll"], "IDN");
    assert_eq!(result["pricingStrategy"], "PAY");
    let (_, result) = asked(&["--charging", "omit"], "IDN");
    assert_eq!(
        (&result["pricingStrategy"], &result["charges"]["unknown"]),
        (&Value::Null, &json!(1))
    );

    let (_, result) = asked(&["--unfinished", "null-data"], "IDN");
    assert_eq!(result["error"]["kind"], "missing-data");
    let (_, result) = asked(&["--unfinished", "signature-not-exist"], "IDN");
    assert_eq!(result["error"]["code"], "SIGNATURE_NOT_EXIST");

    assert_eq!(asked(&[], "ZZZ").0["error"]["code"], "REGION_WRONG");
    let (link, _) = asked(&["--region-refusal", "parameter-error"], "ZZZ");
    assert_eq!(link["error"]["code"], "PARAMETER_ERROR");
}

#[test]
fn it_can_live_below_a_path() {
    for prefix in ["gateway", "/gateway/"] {
        let sandbox = SandboxProcess::start(&["--path-prefix", prefix]);
        assert!(sandbox.base_url.ends_with("/gateway"), "{}", sandbox.base_url);
        run(&mut with_keys(&["token", "--base-url", &sandbox.base_url])).succeeded();
    }
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
