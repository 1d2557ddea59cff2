//! Running the binary, and servers for it to talk to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use serde_json::Value;

pub(crate) const ACCESS_KEY: &str = "sampleaccesskey";
pub(crate) const SECRET_KEY: &str = "samplesecretkey";

/// The binary with these arguments and no account.
pub(crate) fn advance(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_advance"));
    command.args(args);
    for name in ["ADVANCE_ACCESS_KEY", "ADVANCE_SECRET_KEY", "ADVANCE_BASE_URL"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// The same with the documented sample account.
pub(crate) fn with_keys(args: &[&str]) -> Command {
    let mut command = advance(args);
    command
        .env("ADVANCE_ACCESS_KEY", ACCESS_KEY)
        .env("ADVANCE_SECRET_KEY", SECRET_KEY);
    command
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The one JSON object of stdout.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        let value: Value = serde_json::from_str(&self.stdout).unwrap();
        assert!(value.is_object(), "{self:?}");
        value
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.exit, 0, "{self:?}");
        assert_eq!(self.stderr, "", "nobody watches, so stderr stays empty");
        self
    }

    #[track_caller]
    pub(crate) fn failed(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:?}");
        assert_eq!(self.stdout, "", "stdout holds only what was asked for");
        self
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    ran(&command.output().unwrap())
}

/// Runs it with this on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    ran(&child.wait_with_output().unwrap())
}

fn ran(output: &Output) -> Ran {
    Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// `advance sandbox` as a process of its own.
pub(crate) struct SandboxProcess {
    pub(crate) child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) base_url: String,
}

impl SandboxProcess {
    pub(crate) fn start(extra: &[&str]) -> Self {
        let args = [&["sandbox", "--listen", "127.0.0.1:0"], extra].concat();
        Self::spawn(advance(&args).stderr(Stdio::null()))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        // From here on it ends with the test, whatever becomes of that.
        let mut this = Self {
            child,
            stdout,
            base_url: String::new(),
        };
        let mut line = String::new();
        this.stdout.read_line(&mut line).unwrap();
        this.base_url = if let Some(rest) = line.strip_prefix("sandbox ready: ") {
            rest.strip_suffix('\n').unwrap().to_owned()
        } else {
            let ready: Value = serde_json::from_str(&line).unwrap();
            ready["baseUrl"].as_str().unwrap().to_owned()
        };
        this
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        // It may have ended by itself, which is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that gives everybody this answer, for as long as the test runs.
pub(crate) fn server_that_says(response: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(response.as_bytes());
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    format!("http://{address}")
}

/// Nobody listens on the first port; a free one might be taken by another test in the meantime.
pub(crate) const CLOSED_PORT: &str = "http://127.0.0.1:1";
