//! Running the binary, and servers for it to talk to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use serde_json::Value;

pub(crate) const ACCESS_KEY: &str = "sampleaccesskey";
pub(crate) const SECRET_KEY: &str = "samplesecretkey";

/// What a machine may say of its terminal, its proxies and its authorities. None of it decides what a test sees.
const SURROUNDINGS: [&str; 10] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TZ",
];

/// The binary with these arguments and no account.
pub(crate) fn advance(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_advance"));
    command.args(args);
    for (name, _) in std::env::vars() {
        let ours = name.starts_with("ADVANCE_") || name.to_ascii_uppercase().ends_with("_PROXY");
        if ours || SURROUNDINGS.contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    // Not the settings of the person who runs the tests.
    command
        .env("XDG_CONFIG_HOME", "/nowhere")
        .env("XDG_CACHE_HOME", "/nowhere");
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
    pub(crate) args: Vec<String>,
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The one JSON object of stdout, which is as the schema of its command says.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        self.is_as_described(&value);
        value
    }

    #[track_caller]
    fn is_as_described(&self, value: &Value) {
        assert!(value.is_object(), "{self:?}");
        let command = self.args.iter().find(|arg| schema(arg).is_some());
        // A failure looks the same for every command.
        fits(&schema(command.map_or("token", String::as_str)).unwrap(), value);
    }

    /// The one document that `inspect` explains.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        let documents = self.json()["documents"].take();
        assert_eq!(documents.as_array().map(Vec::len), Some(1), "{documents}");
        documents[0].clone()
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.exit, 0, "{self:?}");
        assert_eq!(self.stderr, "", "without a terminal stderr stays empty");
        self
    }

    #[track_caller]
    pub(crate) fn failed(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:?}");
        assert_eq!(self.stdout, "", "stdout holds only what was asked for");
        self
    }
}

/// The schema that is shipped for a command.
fn schema(command: &str) -> Option<Value> {
    let path = format!("{}/schemas/{command}.json", env!("CARGO_MANIFEST_DIR"));
    Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
}

#[track_caller]
fn fits(schema: &Value, value: &Value) {
    let schema = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

/// A line of what `result --output` writes is like an element of what `result --json` prints.
#[track_caller]
pub(crate) fn fits_a_line_of_results(line: &Value) {
    let mut schema = schema("result").unwrap();
    schema["anyOf"] = schema["anyOf"][0]["properties"]["results"]["items"]["anyOf"].take();
    fits(&schema, line);
}

#[track_caller]
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    ran(command, &output)
}

/// Runs it with this on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    ran(command, &output)
}

/// Each object that a run prints is as its schema says, whether or not the test looks at it.
#[track_caller]
fn ran(command: &Command, output: &Output) -> Ran {
    let ran = Ran {
        args: command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect(),
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    };
    let one: Option<Value> = serde_json::from_str(&ran.stdout).ok().filter(Value::is_object);
    if let Some(value) = one.filter(|_| ran.args.iter().any(|arg| arg == "--json")) {
        ran.is_as_described(&value);
    }
    ran
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
        // From here on it ends with the test, even if that fails.
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

/// The first port has no listener; a free one might be taken by another test in the meantime.
pub(crate) const CLOSED_PORT: &str = "http://127.0.0.1:1";

/// A link for this person; its signatureId.
pub(crate) fn link(sandbox: &SandboxProcess, user_id: &str) -> String {
    let mut command = with_keys(&["link", "--json", "--user-id", user_id]);
    command.env("ADVANCE_BASE_URL", &sandbox.base_url);
    let made = run(&mut command).succeeded().json();
    made["signatureId"].as_str().unwrap().to_owned()
}

/// What a server on this machine has at a URL.
pub(crate) fn get(url: &str) -> String {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// So many links of people who have finished; their signatureIds. Faster than a process for each.
pub(crate) fn links(sandbox: &SandboxProcess, count: usize) -> Vec<String> {
    let mut command = with_keys(&["token", "--json"]);
    let token = run(command.env("ADVANCE_BASE_URL", &sandbox.base_url))
        .succeeded()
        .json();
    let token = token["token"].as_str().unwrap();
    let address = sandbox.base_url.strip_prefix("http://").unwrap();
    let body = r#"{"returnUrl":"https://a.example/","failReturnUrl":"https://a.example/","region":"IDN","userId":"sbx-ok"}"#;
    let request = format!(
        "POST /intl/openapi/face-identity/h5-idv/v1/generate-url HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         X-ACCESS-TOKEN: {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let one = || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let reply: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        reply["data"]["signatureId"].as_str().unwrap().to_owned()
    };
    (0..count).map(|_| one()).collect()
}
