//! `advance sandbox`

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
#[cfg(unix)]
use std::process::Command;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{SandboxProcess, advance, run, with_keys};

#[test]
fn the_first_line_says_that_it_is_ready_and_is_the_only_one_if_quiet() {
    let mut sandbox = SandboxProcess::start(&["--quiet"]);
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

/// What a sandbox with an account of its own says beside its address: to a person on stdout up to three variables, to a program
/// on stderr.
fn told(args: &[&str]) -> (SandboxProcess, Vec<String>) {
    let free = if args.contains(&"--listen") {
        &[][..]
    } else {
        &["--listen", "0"]
    };
    let mut command = advance(&[&["sandbox"], free, args].concat());
    command
        .env("ADVANCE_ACCESS_KEY", "0urkey")
        .env("ADVANCE_SECRET_KEY", "0ursecret")
        .stderr(Stdio::piped());
    let mut sandbox = SandboxProcess::spawn(&mut command);
    if args.contains(&"--json") {
        // Once it has answered, it has said what it has to say.
        run(&mut with_keys(&["token", "--base-url", &sandbox.base_url])).succeeded();
        sandbox.child.kill().unwrap();
    }
    let lines = if args.contains(&"--json") {
        let lines = BufReader::new(sandbox.child.stderr.take().unwrap()).lines();
        lines.map(Result::unwrap).collect()
    } else {
        let lines = sandbox.stdout.by_ref().lines();
        lines.map(Result::unwrap).take(4).collect()
    };
    (sandbox, lines)
}

/// What to paste from these lines.
fn variables(lines: &[String]) -> Vec<(&str, &str)> {
    let exports = lines
        .iter()
        .filter_map(|line| line.trim_start().strip_prefix("export "));
    exports.filter_map(|rest| rest.split_once('=')).collect()
}

#[test]
fn a_stranger_is_told_how_to_call_it() {
    let (sandbox, lines) = told(&["--path-prefix", "/gateway"]);
    let set = variables(&lines);
    // The keys of the environment work as well, and are not shown.
    let expected = [
        ("ADVANCE_BASE_URL", sandbox.base_url.as_str()),
        ("ADVANCE_ACCESS_KEY", "sampleaccesskey"),
        ("ADVANCE_SECRET_KEY", "samplesecretkey"),
    ];
    assert_eq!(set, expected);
    run(advance(&["token"]).envs(set)).succeeded();

    // "Every address" is no address to call.
    let (_sandbox, lines) = told(&["--listen", "0.0.0.0:0", "--allow-remote"]);
    let set = variables(&lines);
    assert!(set[0].1.starts_with("http://127.0.0.1:"), "{set:?}");
    run(advance(&["token"]).envs(set)).succeeded();

    // A program is told of requests alone, and of nothing if it wants quiet.
    let (_, lines) = told(&["--json"]);
    assert!(lines.iter().all(|line| line.starts_with('{')), "{lines:?}");
    let (_, lines) = told(&["--json", "--quiet"]);
    assert!(lines.is_empty(), "{lines:?}");

    let help = run(&mut advance(&["sandbox", "--help"])).succeeded().stdout;
    assert!(
        help.contains("sampleaccesskey") && help.contains("samplesecretkey"),
        "{help}"
    );
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
    let mut command = advance(&["sandbox", "--listen", "0"]);
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
    let mut result = call(&["result", "--json", id]);
    (link, result["results"][0].take())
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
    assert_eq!(result["error"]["kind"], "missing_data");
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
    assert!(ran.stderr.contains("--listen 0"), "{}", ran.stderr);
    let ran = run(&mut advance(&["sandbox", "--listen", "0.0.0.0:0"])).failed(1);
    assert!(
        ran.stderr.contains("other machines") && ran.stderr.contains("--allow-remote"),
        "{}",
        ran.stderr
    );
}

#[test]
fn it_listens_where_the_examples_say_and_takes_a_port_alone() {
    let help = run(&mut advance(&["sandbox", "--help"])).succeeded().stdout;
    assert!(help.contains("[default: 127.0.0.1:8080]"), "{help}");
    let ran = run(&mut advance(&["sandbox", "--listen", "shop.example"])).failed(2);
    assert!(ran.stderr.contains("such as 8080"), "{}", ran.stderr);
    let sandbox =
        SandboxProcess::spawn(advance(&["sandbox", "--listen", "localhost:0"]).stderr(Stdio::null()));
    assert!(
        sandbox.base_url.starts_with("http://127.0.0.1:"),
        "{}",
        sandbox.base_url
    );
}

#[test]
fn a_request_is_told_with_its_time_charge_and_transaction_id() {
    let mut sandbox = SandboxProcess::spawn(advance(&["sandbox", "--listen", "0"]).stderr(Stdio::piped()));
    let ran = run(&mut with_keys(&[
        "token",
        "--json",
        "--base-url",
        &sandbox.base_url,
    ]))
    .succeeded();
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let id = said["transactionId"].as_str().unwrap();
    let lines = BufReader::new(sandbox.child.stderr.take().unwrap()).lines();
    let told = lines
        .map(Result::unwrap)
        .find(|line| line.contains("generate-token"))
        .unwrap();
    assert_eq!(told.as_bytes()[2], b':', "{told}");
    assert!(
        told.contains("SUCCESS  FREE") && told.contains(id) && told.ends_with(" ms"),
        "{told}"
    );

    let args = ["sandbox", "--listen", "0", "--json"];
    let mut sandbox = SandboxProcess::spawn(advance(&args).stderr(Stdio::piped()));
    run(&mut with_keys(&["token", "--base-url", &sandbox.base_url])).succeeded();
    let mut lines = BufReader::new(sandbox.child.stderr.take().unwrap()).lines();
    let told: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&told["event"], &told["code"], &told["pricingStrategy"]),
        (&json!("answered"), &json!("SUCCESS"), &json!("FREE"))
    );
    assert!(
        told["durationMs"].is_number() && !told.to_string().contains("samplesecretkey"),
        "{told}"
    );
}

#[test]
fn without_a_sandbox_on_this_machine_the_remedy_is_to_start_one() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let here = format!("http://{free}");
    let ran = run(&mut with_keys(&["token", "--base-url", &here])).failed(4);
    assert!(
        ran.stderr.contains("advance sandbox") && !ran.stderr.contains("China"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_clock_too_far_to_be_worked_around_is_said_and_named_by_doctor() {
    let sandbox = SandboxProcess::start(&[]);
    let at = ["--base-url", &sandbox.base_url];
    let moved = |seconds| {
        run(&mut advance(
            &[&["sandbox", "clock", "--advance", seconds][..], &at].concat(),
        ))
    };
    assert!(!moved("3600").succeeded().stderr.contains("get no token"));
    let doctor = run(&mut with_keys(&[&["doctor"][..], &at].concat()));
    assert!(
        doctor.stdout.contains("this program works around it"),
        "{}",
        doctor.stdout
    );
    assert!(moved("90000").stderr.contains("get no token"));
    // What it is and what to do is said once, and by the other commands as well.
    let refused = run(&mut with_keys(&[&["token"][..], &at].concat()))
        .failed(1)
        .stderr;
    assert!(
        refused.contains("behind the server's")
            && refused.contains("is 1 d ")
            && refused.contains("clock --real"),
        "{refused}"
    );
    let doctor = run(&mut with_keys(&[&["doctor"][..], &at].concat()));
    assert_eq!(doctor.stdout.matches("→").count(), 1, "{}", doctor.stdout);
    assert!(
        doctor.stdout.contains("clock --real") && !doctor.stdout.contains("works around"),
        "{}",
        doctor.stdout
    );
}

#[test]
fn a_fault_for_no_call_is_a_usage_error_with_the_names() {
    let ran = run(&mut advance(&[
        "sandbox",
        "fault",
        "get-resul",
        "--code",
        "SERVICE_BUSY",
    ]))
    .failed(2);
    assert!(ran.stderr.contains("get-result"), "{}", ran.stderr);
}

#[test]
fn an_option_that_a_refusal_names_is_there() {
    let help = run(&mut advance(&["sandbox", "--help"])).succeeded().stdout;
    for option in [
        "--allow-host",
        "--allow-origin",
        "--cors",
        "--images-on-api",
        "--images-port",
    ] {
        assert!(help.contains(option), "{option}: {help}");
    }
    let sandbox = SandboxProcess::start(&[
        "--images-on-api",
        "--cors",
        "--allow-origin",
        "https://tool.example",
    ]);
    let link = run(&mut with_keys(&[
        "link",
        "--json",
        "--user-id",
        "sbx-ok",
        "--base-url",
        &sandbox.base_url,
    ]));
    let link: Value = serde_json::from_str(&link.succeeded().stdout).unwrap();
    let id = link["signatureId"].as_str().unwrap();
    let ran = run(&mut with_keys(&[
        "result",
        id,
        "--json",
        "--base-url",
        &sandbox.base_url,
    ]))
    .succeeded();
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let picture = said["results"][0]["image"].as_str().unwrap();
    assert!(
        picture.starts_with(&format!("{}/", sandbox.base_url)),
        "{picture}"
    );
}

#[test]
fn it_speaks_https_with_an_authority_of_its_own() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("sandbox.pem");
    let file = file.to_str().unwrap();
    let sandbox = SandboxProcess::start(&["--tls", "--save-ca", file]);
    assert!(
        sandbox.base_url.starts_with("https://127.0.0.1:"),
        "{}",
        sandbox.base_url
    );
    let call = |args: &[&str]| {
        let mut command = with_keys(args);
        run(command
            .env("ADVANCE_BASE_URL", &sandbox.base_url)
            .env("ADVANCE_CA_FILE", file))
    };
    for client in [&[][..], &["--blocking"]] {
        let doctor = call(&[&["doctor"][..], client].concat()).succeeded().stdout;
        assert!(doctor.contains("All is well."), "{doctor}");
        let made = call(&[&["link", "--json", "--user-id", "somebody"][..], client].concat());
        let id = made.json()["signatureId"].as_str().unwrap().to_owned();
        call(&["sandbox", "finish", &id, "ok"]).succeeded();
        let target = folder.path().to_str().unwrap();
        call(&[&["image", &id, "--dir", target][..], client].concat()).succeeded();
    }
    assert_eq!(call(&["link", "--user-id", "sbx-nope"]).failed(2).exit, 2);
    // Without the authority there is no trust.
    let mut command = with_keys(&["token"]);
    run(command.env("ADVANCE_BASE_URL", &sandbox.base_url)).failed(4);

    let told = SandboxProcess::start(&["--tls", "--json"]);
    assert!(told.base_url.starts_with("https://"));
    let refused = run(&mut advance(&["sandbox", "--save-ca", file])).failed(2);
    assert!(refused.stderr.contains("--tls"), "{}", refused.stderr);
}

#[test]
fn what_has_ended_does_not_end_otherwise_by_accident() {
    let sandbox = SandboxProcess::start(&[]);
    let id = crate::support::link(&sandbox, "sbx-ok");
    let finish = |extra: &[&str]| {
        let args = [&["sandbox", "finish", &id][..], extra].concat();
        run(advance(&args).env("ADVANCE_BASE_URL", &sandbox.base_url))
    };
    finish(&["ok"]).succeeded();
    let refused = finish(&["forged"]).failed(1).stderr;
    assert!(
        refused.contains("has ended already: ok") && refused.contains("--again"),
        "{refused}"
    );
    finish(&["forged", "--again"]).succeeded();
    finish(&["ok"]).failed(1);
}
