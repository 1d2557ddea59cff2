//! The examples of the adapters, each run against a sandbox, and what is printed must not hold a secret.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::command::{cargo, output, root};

/// Package, features and name of each that needs no argument, and a word of what it prints.
const EXAMPLES: [(&str, &str, &str, &str); 6] = [
    ("advance-reqwest", "", "verify", "passed"),
    (
        "advance-reqwest",
        "",
        "opentelemetry",
        "http.client.request.duration",
    ),
    ("advance-reqwest", "", "through_proxy", "a token came"),
    ("advance-reqwest", "tracing", "spans", "generate-url"),
    ("advance-ureq", "", "verify_blocking", "passed"),
    (
        "advance-ureq",
        "",
        "metrics",
        "http_client_request_duration_seconds",
    ),
];

/// The secret key, and what tokens and the queries of links begin with.
const SECRETS: [&str; 2] = ["samplesecretkey", "eyJ"];

/// They print the link, for a person has to open it.
const SHOW_THE_LINK: [&str; 2] = ["verify", "verify_blocking"];

pub(crate) fn run() -> bool {
    let Some(sandbox) = Sandbox::start() else {
        eprintln!("the sandbox does not start");
        return false;
    };
    EXAMPLES.iter().all(|(package, features, name, word)| {
        println!("-- {name}");
        let mut command = example(&sandbox, package, name);
        command.args(["--features", features]);
        says(command, name, word)
    }) && batch(&sandbox)
}

/// Three results into a table, and a second run that finds them done, also with the last row cut.
fn batch(sandbox: &Sandbox) -> bool {
    println!("-- batch_to_csv");
    let folder = root().join("target/examples-batch");
    let _ = fs::remove_dir_all(&folder);
    let Some(ids) = ids(sandbox, 3) else {
        eprintln!("no links could be made");
        return false;
    };
    let (list, out) = (folder.join("ids.txt"), folder.join("out"));
    if fs::create_dir_all(&folder).is_err() || fs::write(&list, ids.join("\n")).is_err() {
        eprintln!("{} cannot be written", folder.display());
        return false;
    }
    let table = out.join("results.csv");
    let asked = |word| {
        let mut command = example(sandbox, "advance-reqwest", "batch_to_csv");
        command.arg("--").arg(&list).arg(&out);
        says(command, "batch_to_csv", word)
    };
    let rows = || fs::read_to_string(&table).unwrap_or_default().lines().count();
    asked("0 came before, 3 to ask for")
        && rows() == 4
        && asked("3 came before, 0 to ask for")
        && cut(&table)
        && asked("2 came before, 0 to ask for")
        && rows() == 4
}

/// As a kill does in the middle of a row.
fn cut(table: &Path) -> bool {
    let Ok(text) = fs::read_to_string(table) else {
        return false;
    };
    fs::write(table, &text[..text.len() - 5]).is_ok()
}

/// Of verifications that a simulated person has passed.
fn ids(sandbox: &Sandbox, count: usize) -> Option<Vec<String>> {
    let id = |_| {
        let mut command = cargo(&["run", "--quiet", "--locked", "-p", "advance-cli", "--"]);
        command.args(["link", "--user-id", "sbx-ok", "--json"]);
        let link: serde_json::Value = serde_json::from_str(&output(sandbox.known_to(command))?).ok()?;
        Some(link["signatureId"].as_str()?.to_owned())
    };
    (0..count).map(id).collect()
}

fn example(sandbox: &Sandbox, package: &str, name: &str) -> Command {
    sandbox.known_to(cargo(&[
        "run",
        "--quiet",
        "--locked",
        "-p",
        package,
        "--example",
        name,
    ]))
}

/// Whether it succeeds, says the word and no secret.
fn says(mut command: Command, name: &str, word: &str) -> bool {
    let Ok(ran) = command.stderr(Stdio::inherit()).output() else {
        return false;
    };
    let text = String::from_utf8_lossy(&ran.stdout);
    let mut secrets = SECRETS
        .iter()
        .take(if SHOW_THE_LINK.contains(&name) { 1 } else { 2 });
    let secret = secrets.find(|secret| text.contains(**secret));
    let passed = ran.status.success() && text.contains(word) && secret.is_none();
    if !passed {
        eprintln!(
            "{text}\n{name}: {}; wanted {word:?}, found the secret {secret:?}",
            ran.status
        );
    }
    passed
}

/// A sandbox in a process of its own, until it is dropped.
pub(crate) struct Sandbox {
    child: Child,
    url: String,
}

impl Sandbox {
    pub(crate) fn start() -> Option<Self> {
        let mut command = cargo(&[
            "run",
            "--quiet",
            "--locked",
            "-p",
            "advance-sandbox",
            "--example",
            "serve",
        ]);
        let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        let url = line.trim().strip_prefix("sandbox ready: ")?.to_owned();
        Some(Self { child, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn known_to(&self, mut command: Command) -> Command {
        command
            .env("ADVANCE_BASE_URL", &self.url)
            .env("ADVANCE_ACCESS_KEY", "sampleaccesskey")
            .env("ADVANCE_SECRET_KEY", "samplesecretkey");
        command
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself, which the run has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
