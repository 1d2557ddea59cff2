//! The list of quirks has every one that is cited anywhere, and each is cited by a test or says why not.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The last of the list.
const QUIRKS: u8 = 42;

fn listed() -> BTreeSet<u8> {
    let lines = include_str!("../../advance-core/QUIRKS.md").lines();
    let numbers = lines.filter_map(|line| line.strip_prefix("- **Q")?.get(..2)?.parse().ok());
    let mut listed = BTreeSet::new();
    for number in numbers {
        assert!(listed.insert(number), "Q{number:02} stands twice");
    }
    listed
}

/// The numbers after this letter: `Q12` in text, `q12_` in the name of a test.
fn cited(text: &str, letter: char) -> BTreeSet<u8> {
    let word = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(letter)
        .filter(|(at, _)| !text[..*at].ends_with(word))
        .filter_map(|(at, _)| {
            let rest = &text[at + 1..];
            let digits = rest
                .get(..2)
                .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
            (!rest[2..].starts_with(word)).then(|| digits.parse().ok())?
        })
        .collect()
}

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut folders: Vec<_> = ["crates", "tests"].map(|folder| root.join(folder)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !["target", "corpus", "node_modules"].contains(&name) {
                    folders.push(path);
                }
            } else if name != "QUIRKS.md" && path.extension().is_some_and(|kind| kind == "rs" || kind == "md")
            {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_quirk_that_is_cited_is_on_the_list() {
    let listed = listed();
    assert_eq!(listed, (1..=QUIRKS).collect());
    let mut seen = 0;
    for path in sources() {
        let cited = cited(&fs::read_to_string(&path).unwrap(), 'Q');
        seen += cited.len();
        let unknown: Vec<_> = cited.difference(&listed).collect();
        assert!(unknown.is_empty(), "{} cites {unknown:?}", path.display());
    }
    assert!(seen > 9, "the citations were not found");
}

#[test]
fn every_quirk_has_a_test_that_names_it_or_a_word_on_why_not() {
    let mut named = BTreeSet::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        named.extend(
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("fn "))
                .flat_map(cited_in_name),
        );
        if path.ends_with("contract/quirks_calls.rs") {
            named.extend(cited(&text, 'Q'));
        }
    }
    let missing: Vec<_> = listed().difference(&named).copied().collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// `q12_…`, `q05_q08_…`.
fn cited_in_name(name: &str) -> BTreeSet<u8> {
    name.split('_')
        .filter_map(|word| word.strip_prefix('q')?.parse().ok())
        .collect()
}
