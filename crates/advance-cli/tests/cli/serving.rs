//! A service that runs for a test: its world, and the receiver of its webhooks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use advance_sandbox::Sandbox;
use advance_webhook::{Secrets, Verifier};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::with_keys;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const KEY: &str = "a-key-of-the-intake";
/// Longer than any machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A reply: its status, its head in lower case, its body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) fn read(mut stream: impl std::io::Read) -> Reply {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|at| at == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec())
        .unwrap()
        .to_ascii_lowercase();
    Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: bytes[end + 4..].to_vec(),
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text + "\r\n" + body
}

/// A service that ends with the test.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) intake: String,
    pub(crate) monitor: String,
}

impl Service {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut place = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            let place = line.strip_prefix(&format!("{name} ready: http://"));
            place.unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let (monitor, intake) = (place("monitor"), place("intake"));
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            intake,
            monitor,
        }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut stream = TcpStream::connect(&self.intake).unwrap();
        let own = [
            ("host", self.intake.as_str()),
            ("authorization", "Bearer a-key-of-the-intake"),
        ];
        let own = own
            .into_iter()
            .filter(|(name, _)| headers.iter().all(|(given, _)| given != name));
        let all: Vec<(&str, &str)> = own.chain(headers.iter().copied()).collect();
        stream
            .write_all(request(method, path, &all, body).as_bytes())
            .unwrap();
        read(stream)
    }

    /// Sends just this.
    pub(crate) fn raw(&self, text: &str) -> Reply {
        let mut stream = TcpStream::connect(&self.intake).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        read(stream)
    }

    pub(crate) fn link(&self, key: &str, user_id: &str) -> Reply {
        let body = json!({
            "returnUrl": "https://shop.example/back",
            "failReturnUrl": "https://shop.example/failed",
            "userId": user_id,
            "state": "order 1",
        });
        let headers = [("idempotency-key", key), ("content-type", "application/json")];
        self.ask("POST", "/verifications", &headers, &body.to_string())
    }

    pub(crate) fn monitor(&self, path: &str) -> Reply {
        let mut stream = TcpStream::connect(&self.monitor).unwrap();
        stream
            .write_all(request("GET", path, &[("host", &self.monitor)], "").as_bytes())
            .unwrap();
        read(stream)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, which is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A receiver that answers so to its requests, one after another, and the last to all that follow.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) got: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Receiver {
    pub(crate) fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let kept = Arc::clone(&got);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let status = statuses[number.min(statuses.len() - 1)];
                let Ok(stream) = stream else { return };
                let (head, body) = received(&stream);
                let mut headers = http::HeaderMap::new();
                for line in head.lines().skip(1) {
                    let (name, value) = line.split_once(": ").unwrap();
                    let name: http::HeaderName = name.parse().unwrap();
                    headers.insert(name, value.parse().unwrap());
                }
                let verifier = Verifier::new(Secrets::parse(SECRET).unwrap());
                let id = verifier
                    .verify(&headers, &body, SystemTime::now())
                    .unwrap()
                    .id
                    .to_owned();
                if status < 300 {
                    kept.lock()
                        .unwrap()
                        .push((id, serde_json::from_slice(&body).unwrap()));
                }
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        Self { url, got }
    }

    /// Waits until so many webhooks were taken.
    #[track_caller]
    pub(crate) fn has(&self, count: usize) -> Vec<(String, Value)> {
        let begun = Instant::now();
        while self.got.lock().unwrap().len() < count {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.got.lock().unwrap());
            thread::sleep(Duration::from_millis(20));
        }
        self.got.lock().unwrap().clone()
    }
}

/// A request's head and body.
pub(crate) fn received(stream: &TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" || line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        head += line.trim_end();
        head += "\n";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
    pub(crate) store: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("pending.db").display());
        Self {
            sandbox: Sandbox::start_blocking().unwrap(),
            folder,
            store,
        }
    }

    pub(crate) fn collect(&self, more: &[&str]) -> Command {
        let base = [
            "collect",
            "run",
            "--store",
            &self.store,
            "--base-url",
            self.sandbox.base_url(),
        ];
        let mut command = with_keys(&[&base, more].concat());
        command
            .env("ADVANCE_WEBHOOK_SECRET", SECRET)
            .env("ADVANCE_INTAKE_KEY", KEY);
        command
    }

    pub(crate) fn service(&self, more: &[&str]) -> Service {
        let output = self.folder.path().join("results");
        let own = [
            "--intake",
            "0",
            "--monitor",
            "0",
            "--images",
            "--output",
            output.to_str().unwrap(),
        ];
        Service::start(&mut self.collect(&[&own, more].concat()))
    }
}
