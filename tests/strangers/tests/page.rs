//! The page "which HTTP crates can pass" says what a run says. `BLESS=1 cargo test --test page` writes it anew.

use std::fmt::Write as _;

use advance_conformance::{Claims, Level, Outcome, Report, Subject, Summary, run_all};
use strangers::{OverAttohttpc, OverIsahc};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../crates/advance-conformance/HTTP_CRATES.md"
);
/// What stands above the results is written by hand.
const MARK: &str = "<!-- From here on: results of a run of tests/strangers. -->\n";
const LOCK: &str = include_str!("../Cargo.lock");

fn subjects() -> [Subject; 2] {
    [
        Subject::blocking("attohttpc", Claims::none(), |_| OverAttohttpc::new())
            .logs("attohttpc", Level::Debug),
        Subject::blocking("isahc", Claims::none().pool(), |_| OverIsahc::new()),
    ]
}

fn version(name: &str) -> &'static str {
    let entry = LOCK
        .split("[[package]]")
        .find(|entry| entry.contains(&format!("name = \"{name}\"")));
    let line = entry.and_then(|entry| entry.lines().find(|line| line.starts_with("version = ")));
    line.and_then(|line| line.split('"').nth(1))
        .expect("the lock file has it")
}

fn failed(reports: &[Report]) -> Vec<&Report> {
    let failed = |report: &&Report| matches!(report.outcome, Outcome::Failed(_));
    reports.iter().filter(failed).collect()
}

fn results() -> String {
    let mut text = String::new();
    for subject in subjects() {
        let reports = run_all(&subject);
        println!("{}", Summary::of(&reports));
        let passed = reports
            .iter()
            .filter(|report| report.outcome == Outcome::Passed)
            .count();
        let failed = failed(&reports);
        let (name, count) = (subject.name(), failed.len());
        writeln!(
            text,
            "\n## {name} {}: {passed} cases passed, {count} failed\n",
            version(name)
        )
        .unwrap();
        for report in failed {
            writeln!(text, "- `{}` (row {})", report.case.name, report.case.row).unwrap();
        }
    }
    text
}

#[test]
fn the_page_says_what_a_run_says() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (head, told) = page.split_once(MARK).expect("the page has its mark");
    let seen = results();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PAGE, format!("{head}{MARK}{seen}")).unwrap();
        return;
    }
    assert_eq!(told, seen, "BLESS=1 writes the page anew");
}
