//! Settings: where they come from, and which come first.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{CLOSED_PORT, SandboxProcess, advance, run, with_keys};

fn with_file(args: &[&str], folder: &Path, text: &str) -> Command {
    let path = folder.join("config.toml");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut command = advance(args);
    command.env("ADVANCE_CONFIG", path);
    command
}

#[test]
fn profiles_come_after_the_environment_and_options_before_it() {
    let sandbox = SandboxProcess::start(&[]);
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("secret"), "samplesecretkey\n").unwrap();
    let text = format!(
        "profile = \"test\"\n[all]\nbase_url = \"{CLOSED_PORT}\"\n[profiles.test]\nbase_url = \"{}\"\naccess_key = \"sampleaccesskey\"\nsecret_key_file = \"{}\"\n[profiles.other]\naccess_key = \"x\"\n",
        sandbox.base_url,
        folder.path().join("secret").display(),
    );
    let file = |args: &[&str]| with_file(args, folder.path(), &text);
    run(&mut file(&["token"])).succeeded();
    assert!(
        run(&mut file(&["token", "--base-url", CLOSED_PORT]))
            .failed(4)
            .stderr
            .contains(CLOSED_PORT)
    );
    run(file(&["token"]).env("ADVANCE_BASE_URL", CLOSED_PORT)).failed(4);
    let other = run(file(&["token", "--profile", "other"]).env("ADVANCE_SECRET_KEY", "y")).failed(4);
    assert!(
        other.stderr.contains(CLOSED_PORT),
        "what holds for all: {}",
        other.stderr
    );
    let wrong = run(&mut file(&["token", "--profile", "tset"])).failed(2);
    assert!(wrong.stderr.contains("it has: other, test"), "{}", wrong.stderr);

    let shown = run(&mut file(&["config", "show"])).succeeded().stdout;
    assert!(
        shown.contains("profile test") && shown.contains("from ") && !shown.contains("sampleaccesskey"),
        "{shown}"
    );
    let told = run(&mut file(&["config", "show", "--json"])).succeeded();
    assert!(!told.stdout.contains("sampleaccesskey"));
    assert_eq!(told.json()["profile"], "test");
    run(&mut file(&["config", "path"])).succeeded();
}

#[test]
fn a_wrong_setting_names_where_it_came_from() {
    let folder = TempDir::new().unwrap();
    for (text, expected) in [
        ("[all]\nbase_url = \"hidden\"\n", "config.toml"),
        (
            "[all]\nbase_ulr = \"hidden\"\n",
            "line 2: unknown field `base_ulr`",
        ),
        (
            "[all]\nsecret_key = 7\n",
            "line 2: it is not TOML of the documented kind",
        ),
        ("hidden\n", "line 1"),
    ] {
        let mut command = with_file(&["token"], folder.path(), text);
        let ran = run(command
            .env("ADVANCE_ACCESS_KEY", "a")
            .env("ADVANCE_SECRET_KEY", "b"))
        .failed(2);
        assert!(
            ran.stderr.contains(expected) && !ran.stderr.contains("hidden"),
            "{}",
            ran.stderr
        );
    }
    let ran = run(with_keys(&["token"]).env("ADVANCE_BASE_URL", "hidden")).failed(2);
    assert!(
        ran.stderr.contains("it came from ADVANCE_BASE_URL"),
        "{}",
        ran.stderr
    );
    let ran = run(with_keys(&["token"]).env("ADVANCE_CA_FILE", "/nowhere.pem")).failed(2);
    assert!(
        ran.stderr.contains("/nowhere.pem") && ran.stderr.contains("ADVANCE_CA_FILE"),
        "{}",
        ran.stderr
    );
    let ran = run(with_keys(&["token"]).env("HTTPS_PROXY", "ftp://me:hidden@proxy")).failed(2);
    assert!(
        ran.stderr.contains("HTTPS_PROXY") && !ran.stderr.contains("hidden"),
        "{}",
        ran.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused_and_a_token_is_kept_from_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let text = "[all]\nsecret_key = \"h1dden\"\naccess_key = \"a\"\n";
    let mut command = with_file(&["sign"], folder.path(), text);
    run(&mut command).succeeded();
    fs::set_permissions(
        folder.path().join("config.toml"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let ran = run(&mut command).failed(2);
    assert!(
        ran.stderr.contains("chmod 600") && !ran.stderr.contains("h1dden"),
        "{}",
        ran.stderr
    );

    let sandbox = SandboxProcess::start(&[]);
    let token = || {
        let mut command = with_keys(&["token", "--cache", "--json"]);
        command
            .env("ADVANCE_BASE_URL", &sandbox.base_url)
            .env("XDG_CACHE_HOME", folder.path());
        run(&mut command).succeeded().json()
    };
    let (first, second) = (token(), token());
    assert_eq!(
        (&first["token"], &first["fromCache"], &second["fromCache"]),
        (&second["token"], &false.into(), &true.into())
    );
    let kept = fs::read_dir(folder.path().join("advance"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_told_of_requests_holds_no_secret() {
    let sandbox = SandboxProcess::start(&[]);
    for client in [&[][..], &["--blocking"]] {
        let args = [
            &[
                "link",
                "--verbose",
                "--curl",
                "--user-id",
                "siti@mail.example",
                "--return-url",
                "https://shop.example/?session=S3SS10N",
            ],
            client,
        ]
        .concat();
        let ran = run(with_keys(&args).env("ADVANCE_BASE_URL", &sandbox.base_url));
        assert_eq!(ran.exit, 0);
        for told in [
            "> POST 127.0.0.1/openapi/auth/ticket/v1/generate-token",
            "< 200 OK",
            "curl -sS -X POST",
            "$ADVANCE_TOKEN",
            r#""region":"IDN""#,
        ] {
            assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
        }
        for secret in ["sampleaccesskey", "samplesecretkey", "eyJ", "siti@", "S3SS10N"] {
            assert!(!ran.stderr.contains(secret), "{secret}: {}", ran.stderr);
        }
    }
}
