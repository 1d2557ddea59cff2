//! The collector as a service: receivers in five languages, its description asked by schemathesis, and its processes killed.
//!
//! What a machine lacks is said, and fails the gate: it is run before a release, where all of it has to be there
//! (`apt-get install nodejs npm php-cli golang-go default-jdk-headless systemd`, `pip install schemathesis`).

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{cargo, passes, root};
use crate::schemathesis::{CHECKS, generated};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY: &str = "a-key-of-the-intake";
/// Requests that are drawn from the intake's description at least.
const CASES: u32 = 3_000;
/// For how long processes are killed, unless `ADVANCE_KILL_SECONDS` says otherwise.
const KILLED: &str = "600";
/// Besides those that every description is held to: what breaks a rule of the description is refused.
const REFUSES: &str = "negative_data_rejection";

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the run has noticed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A sandbox, and a folder for what is made beside it.
struct World {
    _sandbox: Running,
    url: String,
    folder: PathBuf,
}

impl World {
    fn new(name: &str) -> Option<Self> {
        let folder = root().join("target/webhook").join(name);
        // What an earlier run left is of no use; it may not be there.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).ok()?;
        let mut command = Command::new(program());
        command.args([
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--quiet",
            "--charging",
            "pay-per-result",
        ]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        let url = line.trim().strip_prefix("sandbox ready: ")?.to_owned();
        Some(Self {
            _sandbox: Running(child),
            url,
            folder,
        })
    }

    /// A collector with its intake, and the intake's address.
    fn serve(&self, notify: &str) -> Option<(Running, String)> {
        let store = format!("sqlite:{}", self.folder.join("pending.db").display());
        let mut command = Command::new(program());
        command.args([
            "collect", "run", "--store", &store, "--intake", "0", "--notify", notify,
        ]);
        command
            .arg("--images")
            .arg("--output")
            .arg(self.folder.join("results"));
        account(&mut command, &self.url);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stderr.take()?).lines();
        let line = lines.next()?.ok()?;
        drain(lines);
        let Some(url) = line.strip_prefix("intake ready: ") else {
            eprintln!("{line}");
            return None;
        };
        Some((Running(child), url.to_owned()))
    }
}

fn drain(lines: std::io::Lines<BufReader<ChildStderr>>) {
    thread::spawn(move || lines.for_each(drop));
}

fn account(command: &mut Command, sandbox: &str) {
    command
        .env("ADVANCE_ACCESS_KEY", "sampleaccesskey")
        .env("ADVANCE_SECRET_KEY", "samplesecretkey")
        .env("ADVANCE_BASE_URL", sandbox)
        .env("ADVANCE_WEBHOOK_SECRET", SECRET)
        .env("ADVANCE_INTAKE_KEY", KEY);
}

fn program() -> PathBuf {
    root().join("target/release/advance")
}

fn scripts() -> PathBuf {
    root().join("tests/receivers")
}

pub(crate) fn run() -> bool {
    let built = cargo(&["build", "--release", "--locked", "-p", "advance-cli"]);
    passes(built) && unit() && receivers() && described() && killed()
}

/// The unit as systemd reads it, with the program in the place where it was built.
fn unit() -> bool {
    let name = "advance-collect.service";
    let folder = root().join("target/webhook");
    let text = fs::read_to_string(root().join("crates/advance-cli/systemd").join(name));
    let text = text.map(|text| text.replace("/usr/local/bin/advance", &program().to_string_lossy()));
    let written = fs::create_dir_all(&folder)
        .and(text)
        .and_then(|text| fs::write(folder.join(name), text));
    if let Err(error) = written {
        eprintln!("{name}: {error}");
        return false;
    }
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).arg(folder.join(name));
    match verify.output() {
        // What it only warns of is a line that does nothing.
        Ok(output) if output.status.success() && output.stderr.is_empty() => true,
        Ok(output) => {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            false
        }
        Err(error) => {
            eprintln!("systemd-analyze: {error}");
            false
        }
    }
}

/// Each receiver gets the webhook of the whole way, and refuses what is forged.
fn receivers() -> bool {
    let Some(world) = World::new("receivers") else {
        eprintln!("the sandbox did not start");
        return false;
    };
    let Some(all) = prepared(&world.folder) else {
        return false;
    };
    all.into_iter().all(|(name, command)| {
        println!("receiver in {name}:");
        let passed = receives(&world, &command);
        if !passed {
            eprintln!("the receiver in {name} failed");
        }
        passed
    })
}

/// The commands of the receivers; each reads its port from `PORT`.
fn prepared(folder: &Path) -> Option<Vec<(&'static str, Command)>> {
    let scripts = scripts();
    for file in ["receiver.mjs", "package.json"] {
        fs::copy(scripts.join(file), folder.join(file)).ok()?;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund"])
        .current_dir(folder);
    let mut go = Command::new("go");
    go.args(["build", "-o"])
        .arg(folder.join("receiver-go"))
        .arg(scripts.join("receiver.go"));
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "venv"]).current_dir(folder);
    let mut pip = Command::new(folder.join("venv/bin/pip"));
    pip.args(["install", "--quiet", "-r"])
        .arg(scripts.join("requirements.txt"));
    if !(passes(npm) && passes(go) && passes(venv) && passes(pip)) {
        return None;
    }
    let mut python = Command::new(folder.join("venv/bin/python"));
    python.arg(scripts.join("receiver.py"));
    let mut node = Command::new("node");
    node.arg(folder.join("receiver.mjs"));
    let mut php = Command::new("php");
    php.args(["-S", "127.0.0.1:$PORT"])
        .arg(scripts.join("receiver.php"));
    let mut java = Command::new("java");
    java.arg(scripts.join("receiver.java"));
    Some(vec![
        ("Python", python),
        ("JavaScript", node),
        ("PHP", php),
        ("Go", Command::new(folder.join("receiver-go"))),
        ("Java", java),
    ])
}

fn receives(world: &World, command: &Command) -> bool {
    let Some(port) = free_port() else { return false };
    // PHP's own server takes its address as an argument.
    let arguments: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy().replace("$PORT", &port.to_string()))
        .collect();
    let mut receiver = Command::new(command.get_program());
    receiver
        .args(arguments)
        .env("PORT", port.to_string())
        .env("STORE", world.folder.join(format!("{port}.json")))
        .env("ADVANCE_WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let receiver = match receiver.spawn() {
        Ok(child) => Running(child),
        Err(error) => {
            eprintln!("{}: {error}", receiver.get_program().to_string_lossy());
            return false;
        }
    };
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > Duration::from_secs(20) {
            eprintln!("it does not listen");
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let url = format!("http://127.0.0.1:{port}/");
    let Some((collector, intake)) = world.serve(&url) else {
        return false;
    };
    let mut way = Command::new("python3");
    way.arg(scripts().join("whole_way.py")).args([&intake, &url]);
    account(&mut way, &world.url);
    let passed = passes(way);
    drop((collector, receiver));
    passed
}

/// A port that was free a moment ago.
fn free_port() -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").ok()?;
    Some(listener.local_addr().ok()?.port())
}

/// The intake against its own description: no 5xx, nothing that is not described.
fn described() -> bool {
    let Some(world) = World::new("described") else {
        return false;
    };
    let Some((_collector, intake)) = world.serve("http://127.0.0.1:1/") else {
        return false;
    };
    let output = Command::new("schemathesis")
        .current_dir(root().join("target"))
        .args(["run", &format!("{intake}/openapi.json"), "--checks"])
        .arg(format!("{CHECKS},{REFUSES}"))
        .args(["--header", &format!("Authorization: Bearer {KEY}")])
        .args(["--max-examples", "450", "--request-timeout", "10", "--no-color"])
        .stderr(Stdio::inherit())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            eprintln!("schemathesis: {error}: pip install schemathesis?");
            return false;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    let cases = generated(&text).unwrap_or(0);
    if cases < CASES {
        eprintln!("{cases} requests, fewer than {CASES}");
    }
    output.status.success() && cases >= CASES
}

/// Killed at random under load: nothing is charged twice, every outcome is delivered.
fn killed() -> bool {
    let Some(world) = World::new("killed") else {
        return false;
    };
    let seconds = std::env::var("ADVANCE_KILL_SECONDS").unwrap_or_else(|_| KILLED.to_owned());
    let mut script = Command::new("python3");
    script
        .arg(scripts().join("killed.py"))
        .arg(program())
        .arg(&world.url)
        .arg(&world.folder)
        .arg(seconds);
    passes(script)
}
