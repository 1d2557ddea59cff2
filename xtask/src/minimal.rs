//! The lower bounds of our dependencies are what the code needs: the libraries build with them.
//!
//! A copy is resolved, for the lock file of the workspace holds the newest versions.

use std::fs;
use std::io;
use std::path::Path;

use crate::command::{cargo_of, passes, root};

pub(crate) fn check() -> bool {
    let copy = root().join("target/minimal");
    if let Err(error) = copied(&root(), &copy) {
        eprintln!("the workspace cannot be copied to {}: {error}", copy.display());
        return false;
    }
    let steps: [&[&str]; 2] = [
        &["update", "--quiet", "-Z", "direct-minimal-versions"],
        &[
            "check",
            "--locked",
            "--workspace",
            "--lib",
            "--all-features",
            "--exclude",
            "xtask",
        ],
    ];
    steps.iter().all(|arguments| {
        let mut command = cargo_of("nightly", arguments);
        command
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", copy.join("target"));
        passes(command)
    })
}

/// All but what was built.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    for name in ["crates", "tests", "xtask"] {
        // What was deleted since must not be checked.
        let old = to.join(name);
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
        folder(&from.join(name), &to.join(name))?;
    }
    fs::copy(from.join("Cargo.toml"), to.join("Cargo.toml"))?;
    fs::copy(from.join("Cargo.lock"), to.join("Cargo.lock")).map(drop)
}

fn folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name().filter(|name| *name != "target") else {
            continue;
        };
        if path.is_dir() {
            folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
