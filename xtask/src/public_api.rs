//! What each published library offers: listed in `xtask/public-api/`, and only types of other crates that it allows.
//!
//! A change of the listing is a change for users, so it is looked at. The types of other crates that a crate may name in
//! public are in its `Cargo.toml`, under the key of the tool `cargo-check-external-types`.

mod external;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::command::{cargo_of, passes, root};
use crate::packages::{Package, published};

/// The format of rustdoc's JSON changes with the compiler, and `public-api` reads the one of this toolchain.
const TOOLCHAIN: &str = "1.95.0";

const ALLOWED: &str = "/cargo_check_external_types/allowed_external_types";

/// The listings are those of the code.
pub(crate) fn check() -> bool {
    run(false)
}

/// The same; or writes them first.
pub(crate) fn run(write: bool) -> bool {
    let Some(mut packages) = published() else {
        eprintln!("cargo metadata failed");
        return false;
    };
    packages.retain(Package::is_library);
    if !documented(&packages) {
        return false;
    }
    let mut faults = Vec::new();
    for package in &packages {
        match listing(package) {
            Ok(items) => faults.extend(compared(package, &items, write)),
            Err(why) => faults.push(format!("{}: {why}", package.name)),
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    faults.is_empty()
}

/// Makes rustdoc's JSON of all of them at once, with every feature but those that break rules.
fn documented(packages: &[Package]) -> bool {
    let mut command = cargo_of(TOOLCHAIN, &["doc", "--quiet", "--no-deps", "--lib", "--locked"]);
    for package in packages {
        command.args(["--package", &package.name]);
        for feature in package.shown_features() {
            command
                .arg("--features")
                .arg(format!("{}/{feature}", package.name));
        }
    }
    command
        .env("CARGO_TARGET_DIR", folder())
        .env(
            "RUSTDOCFLAGS",
            "-Z unstable-options --output-format json --cap-lints allow",
        )
        // The JSON is not stable, but that of one toolchain does not change.
        .env("RUSTC_BOOTSTRAP", "1");
    passes(command)
}

fn listing(package: &Package) -> Result<Vec<String>, String> {
    let json = folder()
        .join("doc")
        .join(format!("{}.json", package.name.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|error| format!("its JSON cannot be read: {error}"))?;
    Ok(api.items().map(ToString::to_string).collect())
}

/// What differs from the committed listing, and the types that are not allowed.
fn compared(package: &Package, items: &[String], write: bool) -> Vec<String> {
    let (name, mut faults) = (&package.name, Vec::new());
    let file = format!("xtask/public-api/{name}.txt");
    let found = items.join("\n") + "\n";
    if write && fs::write(root().join(&file), &found).is_err() {
        faults.push(format!("{file}: it cannot be written"));
    }
    let committed = fs::read_to_string(root().join(&file)).unwrap_or_default();
    faults.extend(
        differences(&committed, &found)
            .iter()
            .map(|line| format!("{file}: {line}")),
    );
    if !faults.is_empty() {
        faults.push(format!(
            "{file}: `cargo xtask public-api --write` writes it; CHANGELOG.md says what changed"
        ));
    }
    let allowed = package.listed(ALLOWED).unwrap_or_default();
    for (path, item) in external::types(name, items) {
        if !external::is_allowed(&path, &allowed) {
            faults.push(format!(
                "{name}: {path} is of another crate and not allowed in public: {item}"
            ));
        }
    }
    faults
}

/// The lines of one text that the other has not, counted.
fn differences(before: &str, after: &str) -> Vec<String> {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    for line in before.lines() {
        *counts.entry(line).or_default() -= 1;
    }
    for line in after.lines() {
        *counts.entry(line).or_default() += 1;
    }
    let line = |(line, count): (&str, i32)| match count {
        0 => None,
        1.. => Some(format!("+ {line}")),
        _ => Some(format!("- {line}")),
    };
    counts.into_iter().filter_map(line).collect()
}

fn folder() -> PathBuf {
    root().join("target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_what_went_is_named() {
        assert_eq!(differences("a\nb\nb\n", "b\nb\nc\n"), ["- a", "+ c"]);
        assert!(differences("a\n", "a\n").is_empty());
    }
}
