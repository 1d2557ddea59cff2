//! What takes minutes and is measured only when it is asked for: the build of a program, and the loads of the sandbox and the
//! stores. Each part is kept as soon as it has been measured, so that a run that was interrupted goes on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::hello;

/// What each part printed, by its name.
type Measured = BTreeMap<String, Vec<String>>;

struct Part {
    name: &'static str,
    measure: fn() -> Option<Vec<String>>,
}

const PARTS: [Part; 5] = [
    Part {
        name: "A program that asks for one result, built anew for release",
        measure: hello::measure,
    },
    Part {
        name: "The sandbox, over loopback",
        measure: || printed(&["-p", "advance-sandbox", "--example", "load"], &[]),
    },
    Part {
        name: "The SQLite store, 10,000 rows",
        measure: || printed(STORES, &["speed", "--rows", "10000"]),
    },
    Part {
        name: "The SQLite store, 1,000,000 rows",
        measure: || printed(STORES, &["speed", "--rows", "1000000"]),
    },
    Part {
        name: "The Postgres store, 100,000 rows and 8 workers",
        measure: || printed(STORES, &["fleet-speed", "--rows", "100000", "--workers", "8"]),
    },
];

const STORES: &[&str] = &["-p", "advance-tests", "--bin", "stores"];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the page shows.
fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("slow.json")
}

/// What has been measured and is not shown yet.
fn under_way() -> PathBuf {
    root().join("target/bench/slow.json")
}

fn read(path: &Path) -> Measured {
    let text = fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Measures what was not yet.
pub fn measure() {
    let mut measured = read(&under_way());
    for part in &PARTS {
        if measured.contains_key(part.name) {
            eprintln!("{}: measured before", part.name);
            continue;
        }
        eprintln!("{}…", part.name);
        let Some(lines) = (part.measure)() else {
            eprintln!("{}: could not be measured", part.name);
            continue;
        };
        measured.insert(part.name.to_owned(), lines);
        if let Err(error) = write(&under_way(), &measured) {
            eprintln!("{}: {error}", under_way().display());
        }
    }
}

/// Takes what was measured among what is shown.
pub fn keep() -> io::Result<()> {
    let new = read(&under_way());
    if new.is_empty() {
        return Ok(());
    }
    let mut all = read(&committed());
    all.extend(new);
    all.retain(|name, _| PARTS.iter().any(|part| part.name == name));
    write(&committed(), &all)?;
    fs::remove_file(under_way())
}

fn write(path: &Path, measured: &Measured) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(measured)?;
    text.push('\n');
    fs::write(path, text)
}

/// Each part, and what it printed.
pub fn page() -> String {
    let measured = read(&committed());
    let mut text = String::new();
    for part in &PARTS {
        let Some(lines) = measured.get(part.name) else {
            continue;
        };
        let _cannot_fail = writeln!(text, "**{}**\n", part.name);
        for line in lines {
            let _cannot_fail = writeln!(text, "- {line}");
        }
        text.push('\n');
    }
    text
}

/// What a program of this repository prints.
fn printed(which: &[&str], arguments: &[&str]) -> Option<Vec<String>> {
    let run = ["run", "--quiet", "--release", "--locked"];
    let output = Command::new("cargo")
        .args([&run, which, &["--"], arguments].concat())
        .current_dir(root())
        // It may be set to the bench's own.
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    (output.status.success() && !lines.is_empty()).then_some(lines)
}
