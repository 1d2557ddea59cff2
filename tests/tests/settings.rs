//! What a program sets: from the environment, for one call, while it runs. By both clients, against a sandbox.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]
#![expect(clippy::print_stdout, reason = "a process of the test's tells it what came")]

mod support;

use std::env;
use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use advance_core::{Config, Credentials, ErrorKind, SignatureId};
use advance_sandbox::model::{Account, Behaviour};
use advance_sandbox::{Sandbox, VendorConfig};

use support::{ACCESS_KEY, Api, BOTH, SECRET_KEY, link_for, sandbox};

/// Not a test of its own: a process whose environment is set.
#[test]
fn child() {
    let Ok(kind) = env::var("SETTINGS_TEST_CHILD") else {
        return;
    };
    let api = if kind == "async" {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        advance_reqwest::from_env().map(|client| Api::Async(runtime, client))
    } else {
        advance_ureq::from_env().map(Api::Blocking)
    };
    match api {
        Ok(api) => println!("made a link: {}", api.link("sbx-ok").signature_id()),
        Err(error) => println!("refused: {error}"),
    }
}

fn with(kind: &str, variables: &[(&str, &str)]) -> String {
    let names = [
        "BASE_URL",
        "INSECURE_HOST",
        "ACCESS_KEY",
        "ACCESS_KEY_FILE",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
    ];
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    for name in names {
        command.env_remove(format!("ADVANCE_{name}"));
    }
    command.env("SETTINGS_TEST_CHILD", kind);
    let Output { stdout, .. } = command.envs(variables.iter().copied()).output().unwrap();
    String::from_utf8(stdout).unwrap()
}

#[test]
fn a_client_is_made_of_the_environment() {
    let sandbox = sandbox(|_| {});
    let url = ("ADVANCE_BASE_URL", sandbox.base_url());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, format!("{SECRET_KEY}\r\n")).unwrap();
    let file = ("ADVANCE_SECRET_KEY_FILE", file.to_str().unwrap());
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let access = ("ADVANCE_ACCESS_KEY", ACCESS_KEY);
    for kind in ["async", "blocking"] {
        let said = with(kind, &[url, access, ("ADVANCE_SECRET_KEY", SECRET_KEY)]);
        assert!(said.contains("made a link"), "{said}");
        // The variable goes first, and an empty one is none.
        assert!(with(kind, &[url, access, file]).contains("made a link"));
        assert!(with(kind, &[url, access, file, ("ADVANCE_SECRET_KEY", "")]).contains("made a link"));

        for (variables, named) in [
            (vec![url, access], "ADVANCE_SECRET_KEY is not set"),
            (
                vec![url, ("ADVANCE_SECRET_KEY", SECRET_KEY)],
                "ADVANCE_ACCESS_KEY is not set",
            ),
            (
                vec![url, access, ("ADVANCE_SECRET_KEY_FILE", "/no/such/file")],
                "ADVANCE_SECRET_KEY_FILE",
            ),
            (
                vec![url, access, ("ADVANCE_SECRET_KEY_FILE", empty.to_str().unwrap())],
                "ADVANCE_SECRET_KEY_FILE names a file that is empty",
            ),
            (
                vec![access, file, ("ADVANCE_BASE_URL", "http://sandbox.example")],
                "base URL",
            ),
        ] {
            let said = with(kind, &variables);
            assert!(said.contains("refused: ") && said.contains(named), "{said}");
            assert!(!said.contains(SECRET_KEY) && !said.contains("/no/such"), "{said}");
        }
    }
}

#[test]
fn one_call_may_be_bounded_tighter_than_the_policy() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.delay = Duration::from_secs(20));
        let api = Api::of(kind, &sandbox);
        let id = SignatureId::new("ed8b21c0c87ad617").unwrap();
        let began = Instant::now();
        let error = match &api {
            Api::Async(runtime, client) => {
                let client = client.with_total(Duration::from_millis(300)).with_attempts(1);
                runtime.block_on(client.get_result(&id)).unwrap_err()
            }
            Api::Blocking(client) => {
                let client = client.with_total(Duration::from_millis(300)).with_attempts(1);
                client.get_result(&id).unwrap_err()
            }
        };
        assert!(began.elapsed() < Duration::from_secs(10), "{kind:?}");
        assert!(
            matches!(error.kind(), ErrorKind::Transport(_) | ErrorKind::Deadline),
            "{error}"
        );
        assert_eq!(error.sends(), 1);
    }
}

/// A sandbox with two pairs of keys.
fn with_two_accounts() -> Sandbox {
    let mut config = VendorConfig::default();
    config.behaviour = Behaviour::default();
    config.accounts = vec![
        Account::new(ACCESS_KEY, SECRET_KEY),
        Account::new("0c52a7e91bd84f36", "f6e83c20a97b51d4"),
    ];
    Sandbox::builder().config(config).start_blocking().unwrap()
}

#[test]
fn keys_rotate_under_a_running_client_and_its_clones() {
    for kind in BOTH {
        let sandbox = with_two_accounts();
        let api = Api::new(kind, Config::for_sandbox(sandbox.base_url()).unwrap());
        api.link("sbx-ok");
        let keys = Credentials::new("0c52a7e91bd84f36", "f6e83c20a97b51d4").unwrap();
        match &api {
            Api::Async(_, client) => client.clone().set_credentials(keys),
            Api::Blocking(client) => client.clone().set_credentials(keys),
        }
        // The token of the old keys serves on; then they are revoked, and with them what they were given.
        api.link("sbx-ok");
        sandbox.with_vendor(|vendor| {
            vendor.set_account_enabled(ACCESS_KEY, false);
            vendor.revoke_all_tokens();
        });
        api.link("sbx-ok");
    }
}

#[test]
fn a_sandboxs_pictures_need_no_policy() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::new(kind, Config::for_sandbox(sandbox.base_url()).unwrap());
        let id = api.link("sbx-ok").signature_id().clone();
        let result = api.get_result(&id).unwrap().into_data();
        let image = result.image().unwrap();
        let picture = match &api {
            Api::Async(runtime, client) => runtime.block_on(client.download(image)),
            Api::Blocking(client) => client.download(image),
        };
        assert!(!picture.unwrap().expose_bytes().is_empty(), "{kind:?}");
    }
}

#[test]
fn names_of_the_program_and_of_its_gateway_go_with_every_request() {
    // What is sent is looked at in the core's own tests; here, that both transports let it through.
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let config = Config::for_sandbox(sandbox.base_url()).unwrap();
        let config = config
            .append_user_agent("shop/1.0")
            .unwrap()
            .header("X-Tenant", "7")
            .unwrap();
        let api = Api::new(kind, config);
        let response = match &api {
            Api::Async(runtime, client) => runtime.block_on(client.generate_url(link_for("sbx-ok"))),
            Api::Blocking(client) => client.generate_url(link_for("sbx-ok")),
        }
        .unwrap();
        assert_eq!(response.status().unwrap(), 200);
        assert!(response.headers().unwrap().contains_key("date"));
    }
}
