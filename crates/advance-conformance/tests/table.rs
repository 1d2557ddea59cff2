//! The table of faults says what the cases and the core's tests are, or this fails.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use advance_conformance::cases;

/// The last row.
const ROWS: u8 = 107;

struct Row {
    /// Nothing holds it yet, and the table says so.
    open: bool,
    cases: BTreeSet<String>,
    tests: BTreeSet<String>,
}

fn rows() -> BTreeMap<u8, Row> {
    let mut rows = BTreeMap::new();
    for line in include_str!("../FAULTS.md").lines() {
        // A pipe within a text is written `\|`.
        let line = line.replace("\\|", "/");
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, _, cases, tests] = cells.as_slice() else {
            continue;
        };
        if let Ok(number) = number.parse() {
            let row = Row {
                open: (*cases, *tests) == ("open", "open"),
                cases: names(cases),
                tests: names(tests),
            };
            assert!(rows.insert(number, row).is_none(), "row {number} stands twice");
        }
    }
    rows
}

fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of all functions below a folder of this workspace.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            found.extend(
                text.split("fn ")
                    .skip(1)
                    .filter_map(|rest| rest.split(['(', '<']).next())
                    .map(str::to_owned),
            );
        }
    }
}

fn tests_without_a_wire() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in [
        "../advance-core/src",
        "../advance-core/tests",
        "../advance-net/src",
        "../advance-reqwest/src",
        "../advance-reqwest/tests",
        "../advance-ureq/src",
        "../advance-ureq/tests",
        "tests",
        "../../tests",
    ] {
        functions(&crates.join(folder), &mut found);
    }
    found
}

fn stands_for(name: &str, test: &str) -> bool {
    name.strip_suffix('…')
        .map_or(name == test, |start| test.starts_with(start))
}

#[test]
fn every_row_is_there_once_and_is_held_by_something() {
    let rows = rows();
    assert_eq!(
        rows.keys().copied().collect::<Vec<_>>(),
        (1..=ROWS).collect::<Vec<_>>()
    );
    for (number, row) in rows {
        let held = row.cases.len() + row.tests.len();
        assert!(
            (held > 0) != row.open,
            "nothing holds row {number}, or it is open no more"
        );
    }
}

#[test]
fn every_case_stands_in_its_row_and_nothing_else_does() {
    let rows = rows();
    let mut expected: BTreeMap<u8, BTreeSet<String>> = BTreeMap::new();
    for case in cases() {
        expected.entry(case.row).or_default().insert(case.name.to_owned());
    }
    for (number, row) in rows {
        let expected = expected.remove(&number).unwrap_or_default();
        assert_eq!(row.cases, expected, "row {number}");
    }
    assert!(expected.is_empty(), "rows that the table lacks: {expected:?}");
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = tests_without_a_wire();
    for (number, row) in rows() {
        for name in row.tests {
            assert!(
                tests.iter().any(|test| stands_for(&name, test)),
                "row {number} names {name}, which does not exist"
            );
        }
    }
}

#[test]
fn every_fault_test_is_named() {
    let rows = rows();
    for test in tests_without_a_wire() {
        let digits = |rest: &str| rest.find('_').map(|end| rest[..end].to_owned());
        let number = test.strip_prefix("fault_").and_then(digits);
        let named = |row: &Row| row.tests.iter().any(|name| stands_for(name, &test));
        match number.and_then(|digits| digits.parse::<u8>().ok()) {
            Some(number) => assert!(
                rows.get(&number).is_some_and(named),
                "name {test} in row {number} of FAULTS.md"
            ),
            None if test.starts_with("faults_") => {
                assert!(rows.values().any(named), "name {test} in its rows of FAULTS.md");
            }
            None => {}
        }
    }
}
