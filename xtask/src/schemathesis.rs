//! The sandbox against its own description, by schemathesis (`pip install schemathesis`): no 5xx, nothing that is not
//! described, no hang.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::command::{cargo, passes, root};

/// Requests that are made at least.
const CASES: u32 = 5_000;
/// Requests for each operation in each phase that draws them.
const EXAMPLES: &str = "300";
pub(crate) const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// Control calls that plan faults: what was planned would be taken for a fault of the calls.
const FAULTS: &str = "/__sandbox/faults";

/// A sandbox that ends with this.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start() -> Option<Self> {
        if !passes(cargo(&[
            "build",
            "--release",
            "-p",
            "advance-sandbox",
            "--example",
            "serve",
        ])) {
            return None;
        }
        let mut command = Command::new(root().join("target/release/examples/serve"));
        let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        let url = line.trim().strip_prefix("sandbox ready: ")?.to_owned();
        Some(Self { child, url })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, which the run has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks everything that is described, and the planning of faults on a sandbox of its own.
pub(crate) fn run() -> bool {
    let Some(rest) = asked(&["--exclude-path", FAULTS]) else {
        return false;
    };
    let Some(faults) = asked(&["--include-path", FAULTS]) else {
        return false;
    };
    println!("{} requests, of which {faults} plan faults", rest + faults);
    if rest + faults < CASES {
        eprintln!("fewer than {CASES}");
        return false;
    }
    true
}

/// How many requests were made, if all of them were answered as described.
fn asked(chosen: &[&str]) -> Option<u32> {
    let sandbox = Served::start()?;
    let description = format!("{}/__sandbox/openapi.json", sandbox.url);
    let output = Command::new("schemathesis")
        // It keeps what it found where it runs.
        .current_dir(root().join("target"))
        .args([
            "run",
            &description,
            "--checks",
            CHECKS,
            "--max-examples",
            EXAMPLES,
        ])
        .args(["--request-timeout", "10", "--no-color"])
        .args(chosen)
        .stderr(Stdio::inherit())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            eprintln!("schemathesis: {error}: pip install schemathesis?");
            return None;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    output.status.success().then(|| generated(&text))?
}

/// The number in `1106 generated, 1106 passed`.
pub(crate) fn generated(text: &str) -> Option<u32> {
    let line = text.lines().find(|line| line.contains(" generated, "))?;
    line.split_whitespace().next()?.replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_many_there_were() {
        let text = "Schema: 1 operation mostly rejected generated data\nTest cases:\n  1106 generated, 1106 passed\n";
        assert_eq!(generated(text), Some(1106));
        assert_eq!(generated("nothing"), None);
    }
}
