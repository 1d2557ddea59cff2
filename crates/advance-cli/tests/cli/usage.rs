//! What is wrong before anything is sent: exit status 2.

use crate::support::{CLOSED_PORT, SandboxProcess, advance, run, with_keys};

#[test]
fn a_command_line_that_is_none() {
    for args in [
        &[][..],
        &["unknown"],
        &["token", "--unknown"],
        &["result"],
        &["link", "--return-url"],
        &["inspect", "--as", "other", "-"],
        &["sandbox", "fault", "get-result"],
        &["sign", "--timestamp", "x"],
    ] {
        let ran = run(&mut advance(args)).failed(2);
        assert!(
            ran.stderr.contains("Usage: advance") || ran.stderr.contains("--help"),
            "{args:?}: {}",
            ran.stderr
        );
    }
}

#[test]
fn missing_keys_say_where_they_are_and_that_a_demo_needs_none() {
    for args in [
        &["token"][..],
        &["result", "x"],
        &["sign"],
        &["demo", "--base-url", "https://api.advance.ai"],
    ] {
        let ran = run(&mut advance(args)).failed(2);
        for expected in [
            "ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY are not set",
            "Websaas Platform → Account → Account Management",
            "`advance demo`",
            "`advance sandbox`",
        ] {
            assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
        }
    }
    let ran = run(advance(&["sign"]).env("ADVANCE_ACCESS_KEY", "k3yk3y")).failed(2);
    assert!(
        ran.stderr.contains("ADVANCE_SECRET_KEY is not set") && !ran.stderr.contains("k3y"),
        "{}",
        ran.stderr
    );
    let ran = run(with_keys(&["sign"]).env("ADVANCE_ACCESS_KEY", "")).failed(2);
    assert!(
        ran.stderr.contains("ADVANCE_ACCESS_KEY is not set"),
        "{}",
        ran.stderr
    );
    let ran = run(advance(&["token", "--json"]).env("ADVANCE_SECRET_KEY", ""));
    assert_eq!((ran.exit, ran.stderr.as_str()), (2, ""));
    assert_eq!(ran.json()["error"]["kind"], "usage");
}

#[test]
fn a_key_that_cannot_be_sent_is_not_repeated() {
    for (secret_key, rule) in [
        ("h1dden\n", "trailing newline"),
        ("h1d den", "space"),
        ("h1ddén", "non-ASCII"),
    ] {
        let ran = run(with_keys(&["token"]).env("ADVANCE_SECRET_KEY", secret_key)).failed(2);
        assert!(
            ran.stderr.contains(rule) && ran.stderr.contains("secretKey"),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("h1d"), "{}", ran.stderr);
    }
}

#[test]
fn malformed_values_are_refused_before_any_request() {
    let sandbox = SandboxProcess::start(&[]);
    let link = |return_url, fail_return_url, region| {
        vec![
            "link",
            "--return-url",
            return_url,
            "--fail-return-url",
            fail_return_url,
            "--region",
            region,
        ]
    };
    let good = "https://shop.example/";
    let mut asked = 0;
    for (args, rule) in [
        (link(good, good, "idn"), "region must be three capital letters"),
        (
            link("javascript://hidden", good, "IDN"),
            "returnUrl must not use the schemes",
        ),
        (
            link("http://hidden.example", good, "IDN"),
            "returnUrl must be https",
        ),
        (link(good, "hidden", "IDN"), "failReturnUrl must be absolute"),
        (link(good, "", "IDN"), "failReturnUrl must not be empty"),
        (
            vec!["token", "--period", "59"],
            "periodSecond must be from 60 to 86400",
        ),
        (
            vec!["token", "--period", "86401"],
            "periodSecond must be from 60 to 86400",
        ),
        (vec!["result", ""], "signatureId must not be empty"),
        (
            vec!["sign", "--timestamp", "1665993522"],
            "timestamp must have 13 digits",
        ),
    ] {
        let ran = run(with_keys(&args).env("ADVANCE_BASE_URL", &sandbox.base_url)).failed(2);
        assert!(
            ran.stderr.starts_with(&format!("error: {rule}")),
            "{args:?}: {}",
            ran.stderr
        );
        assert!(
            !ran.stderr.contains("hidden") && !ran.stderr.contains("mend the request"),
            "{}",
            ran.stderr
        );
        asked += 1;
    }
    assert_eq!(asked, 9);
    // Only this one asks for a token.
    let token = run(with_keys(&["token", "--json"]).env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
    assert_eq!(token.json()["requests"], 1);
    assert_eq!(journal_length(&sandbox.base_url), 1);
}

/// How many requests a sandbox saw.
fn journal_length(base_url: &str) -> usize {
    use std::io::{Read as _, Write as _};
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /__sandbox/journal HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let body = text.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str::<Vec<serde_json::Value>>(body)
        .unwrap()
        .len()
}

#[test]
fn a_host_that_cannot_be_one() {
    for (base_url, rule) in [
        ("http://api.advance.ai", "must be https"),
        ("api.advance.ai", "https://"),
        ("https://u:hidden@api.advance.ai", "password"),
        ("https://api.advance.ai/?token=hidden", "query"),
        ("", "empty"),
    ] {
        for mut command in [
            with_keys(&["token", "--base-url", base_url]),
            with_keys(&["demo", "--base-url", base_url]),
        ] {
            let ran = run(&mut command).failed(2);
            assert!(
                ran.stderr.contains(rule) && !ran.stderr.contains("hidden"),
                "{base_url}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn an_empty_base_url_in_the_environment_is_none() {
    // What is checked before the keys would be named first.
    let ran = run(advance(&["token"]).env("ADVANCE_BASE_URL", "")).failed(2);
    assert!(ran.stderr.contains("ADVANCE_ACCESS_KEY"), "{}", ran.stderr);
    let ran = run(with_keys(&["token"]).env("ADVANCE_BASE_URL", "hidden")).failed(2);
    assert!(
        ran.stderr.contains("base URL must") && !ran.stderr.contains("hidden"),
        "{}",
        ran.stderr
    );
    let mut command = with_keys(&["token", "--base-url", CLOSED_PORT]);
    command.env("ADVANCE_BASE_URL", "an option comes before the environment");
    let ran = run(&mut command).failed(4);
    assert!(ran.stderr.contains(CLOSED_PORT), "{}", ran.stderr);
}

#[test]
fn plain_http_for_the_way_back_takes_an_option() {
    let sandbox = SandboxProcess::start(&[]);
    let (http, https) = ("http://intranet.example/hidden", "https://shop.example/");
    for (back, fail, field) in [(http, https, "returnUrl"), (https, http, "failReturnUrl")] {
        let link = ["link", "--base-url", &sandbox.base_url];
        let demo = ["demo", "--user-id", "sbx-ok"];
        for command in [&link[..], &demo] {
            let args = [command, &["--return-url", back, "--fail-return-url", fail]].concat();
            let ran = run(&mut with_keys(&args)).failed(2);
            assert_eq!(
                ran.stderr,
                format!(
                    "error: {field} must be https; plain http to another machine takes --allow-http-return-url\n"
                )
            );
            run(&mut with_keys(
                &[&args[..], &["--allow-http-return-url"]].concat(),
            ))
            .succeeded();
        }
    }
    let nothing = [
        "link",
        "--return-url",
        https,
        "--fail-return-url",
        "javascript://x",
    ];
    let ran = run(&mut with_keys(
        &[&nothing[..], &["--allow-http-return-url"]].concat(),
    ))
    .failed(2);
    assert!(ran.stderr.contains("must not use the schemes"), "{}", ran.stderr);
}

#[test]
fn a_key_as_an_argument_is_refused_and_not_repeated() {
    for args in [
        &["token", "h1dden"][..],
        &["sign", "h1dden", "h1ddentoo"],
        &["demo", "-h1dden"],
        &["token", "--secret-key", "h1dden"],
        &["token", "--secret-key=h1dden"],
        &["token", "--access-key=h1dden"],
    ] {
        let ran = run(&mut advance(args));
        if args[1] == "-h1dden" {
            // That is -h, which helps.
            assert_eq!(ran.exit, 0);
            continue;
        }
        let ran = ran.failed(2);
        assert!(!ran.stderr.contains("h1dden"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn help_shows_no_value_of_the_environment() {
    for args in [&["--help"][..], &["token", "--help"], &["link", "-h"]] {
        let mut command = with_keys(args);
        command.env("ADVANCE_BASE_URL", CLOSED_PORT);
        let ran = run(&mut command).succeeded();
        assert!(ran.stdout.contains("ADVANCE_BASE_URL"), "{}", ran.stdout);
        assert!(
            !ran.stdout.contains(CLOSED_PORT) && !ran.stdout.contains("sampleaccesskey"),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_command_line_that_is_none_is_one_object_for_a_program() {
    for (args, expected) in [
        (&["--json", "wait"][..], "were not provided: <SIGNATURE_ID>"),
        (&["--json"], "it may be demo, sandbox, token"),
        (&["--json", "h1dden"], "unrecognized subcommand"),
        (
            &["--json", "token", "--period", "h1dden"],
            "invalid value for one of the arguments: --period <SECONDS>",
        ),
        (
            &["inspect", "--as", "h1dden", "-", "--json"],
            "--as <ENDPOINT>; it may be generate-token, generate-url, get-result",
        ),
        (&["sign", "--json", "--h1dden"], "unexpected argument"),
        (&["token", "--json", "--perod=h1dden"], "did you mean --period?"),
        (&["--json", "tokn"], "did you mean token?"),
        (&["token", "--secret-key=h1dden", "--json"], "unexpected argument"),
        (&["--json", "sign", "h1dden"], "keys come from the environment"),
        (&["--json", "result", "h1dden", "--column", "h1dden"], "--input"),
        (&["--json", "demo", "--blocking=h1dden"], "--blocking"),
    ] {
        let ran = run(&mut advance(args));
        assert_eq!((ran.exit, ran.stderr.as_str()), (2, ""), "{args:?}");
        assert!(!ran.stdout.contains("h1dden"), "{args:?}: {}", ran.stdout);
        let error = &ran.json()["error"];
        assert_eq!(error["kind"], "usage", "{args:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{args:?}: {message}");
    }
}

#[test]
fn help_stays_text_and_a_value_is_no_option() {
    let ran = run(&mut advance(&["--json", "token", "--help"])).succeeded();
    assert!(ran.stdout.contains("Usage: advance token"), "{}", ran.stdout);
    let ran = run(&mut advance(&["--json", "--version"])).succeeded();
    assert!(ran.stdout.starts_with("advance "), "{}", ran.stdout);
    // Behind `--` it would be an id.
    let ran = run(&mut advance(&["wait", "--", "--json", "h1dden"])).failed(2);
    assert!(
        ran.stderr.starts_with("error: there is one argument too many"),
        "{}",
        ran.stderr
    );
}
