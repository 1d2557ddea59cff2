//! The core does nothing: no runtime among its dependencies, no clock, lock, thread or randomness in its sources.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{cargo, output, root};

/// Crates that act. None may be in the core's tree, with any of its features.
const FORBIDDEN_CRATES: &[&str] = &[
    "tokio",
    "hyper",
    "reqwest",
    "ureq",
    "rand",
    "getrandom",
    "url",
    "mio",
    "rustls",
    "async-std",
    "smol",
];

/// `proptest`, off by default, brings randomness for the tests of those who enable it.
const PURE_FEATURES: &str = "serialize";

/// What only the clients may hold.
const FORBIDDEN_WORDS: &[&str] = &[
    "std::thread",
    "thread::",
    "Mutex",
    "RwLock",
    "Condvar",
    "Atomic",
    "OnceLock",
    "LazyLock",
    "OnceCell",
    "thread_local",
    "Instant",
    "SystemTime::now",
    "RandomState",
    "static mut",
    "unsafe",
];

/// Where sources of errors are shared between clones, the closures of a caller, and the traits that hold behind an `Arc` too.
const MAY_SHARE: &[&str] = &[
    "error.rs",
    "transport.rs",
    "sharing/mod.rs",
    "session/plan/callers_rule.rs",
];

pub(crate) fn check() -> bool {
    let tree = tree_is_pure();
    let sources = sources_are_pure();
    tree && sources
}

fn tree_is_pure() -> bool {
    let arguments = [
        "tree",
        "-p",
        "advance-core",
        "--features",
        PURE_FEATURES,
        "-e",
        "normal",
        "--prefix",
        "none",
        "--target",
        "all",
    ];
    let Some(tree) = output(cargo(&arguments)) else {
        eprintln!("cargo tree failed");
        return false;
    };
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut pure = true;
    for forbidden in FORBIDDEN_CRATES
        .iter()
        .filter(|forbidden| names.contains(forbidden))
    {
        eprintln!("advance-core depends on {forbidden}");
        pure = false;
    }
    pure && names.contains(&"advance-core")
}

fn sources_are_pure() -> bool {
    let src = root().join("crates/advance-core/src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    let mut pure = !files.is_empty();
    for file in files {
        let Ok(place) = file.strip_prefix(&src) else {
            continue;
        };
        // `client` alone holds a mutex and parks or awaits.
        if place.starts_with("client") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else {
            eprintln!("{} cannot be read", file.display());
            return false;
        };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = impure(line, place) {
                eprintln!(
                    "{}:{}: {word} has no place in the pure core",
                    place.display(),
                    number + 1
                );
                pure = false;
            }
        }
    }
    pure
}

fn impure(line: &str, place: &Path) -> Option<&'static str> {
    let code = line.split("//").next().unwrap_or_default();
    if let Some(word) = FORBIDDEN_WORDS.iter().find(|word| code.contains(**word)) {
        return Some(word);
    }
    let shares = code.contains("std::sync") && !code.contains("std::sync::Arc;");
    let elsewhere = code.contains("std::sync") && !MAY_SHARE.iter().any(|name| place == Path::new(name));
    (shares || elsewhere).then_some("std::sync")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_found_and_what_only_talks_of_it_is_not() {
        let place = Path::new("session/token.rs");
        assert_eq!(impure("let at = Instant::now();", place), Some("Instant"));
        assert_eq!(impure("use std::sync::Arc;", place), Some("std::sync"));
        assert_eq!(impure("// an Instant is an argument", place), None);
        assert_eq!(impure("use std::sync::Arc;", Path::new("error.rs")), None);
        assert_eq!(
            impure("use std::sync::{Arc, Mutex};", Path::new("error.rs")),
            Some("Mutex")
        );
    }
}
