//! Licences, banned crates and sources of every dependency, by cargo-deny: `deny.toml` says what is allowed.

use crate::command::passes;
use crate::tools::CARGO_DENY;

/// Advisories are checked too where their database can be had; where not, that is printed.
pub(crate) fn check() -> bool {
    cargo_deny(&["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]) && advisories()
}

fn advisories() -> bool {
    if !cargo_deny(&["fetch", "db"]) {
        println!("-- advisories NOT CHECKED: their database cannot be fetched from here");
        return true;
    }
    cargo_deny(&["check", "--disable-fetch", "advisories"])
}

fn cargo_deny(arguments: &[&str]) -> bool {
    // Its first argument is not the task: what is checked is the whole workspace with all its features.
    CARGO_DENY.command().is_some_and(|mut command| {
        command
            .args(["--workspace", "--all-features", "--locked"])
            .args(arguments);
        passes(command)
    })
}
