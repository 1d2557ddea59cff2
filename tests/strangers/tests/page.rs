//! The page "which HTTP crates can pass" says what a run says. `BLESS=1 cargo test --test page` writes it anew.

use std::fmt::Write as _;

use advance_conformance::{Claims, Level, Outcome, Report, Subject, Summary, run_all};
use strangers::{ATTOHTTPC, ISAHC, OverAttohttpc, OverIsahc};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../crates/advance-conformance/HTTP_CRATES.md"
);
/// What stands above the results is written by hand.
const MARK: &str = "<!-- From here on: results of a run of tests/strangers. -->\n";
const LOCK: &str = include_str!("../Cargo.lock");

fn subjects() -> [Subject; 2] {
    let claims = Claims::none().tls().proxy();
    [
        Subject::blocking("attohttpc", claims, OverAttohttpc::new)
            .logs("attohttpc", Level::Debug)
            .cannot(ATTOHTTPC),
        Subject::blocking("isahc", claims.identity().pool(), OverIsahc::new).cannot(ISAHC),
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

fn count(reports: &[Report], word: &str) -> usize {
    let counted = reports.iter().filter(|report| report.outcome.as_str() == word);
    counted.count()
}

/// Each that failed has a verdict: what could be mended was.
fn results() -> String {
    let mut text = String::new();
    for subject in subjects() {
        let reports = run_all(&subject);
        println!("{}", Summary::of(&reports));
        assert_eq!(count(&reports, "failed"), 0, "{} is to be mended", subject.name());
        let (passed, cannot) = (count(&reports, "passed"), count(&reports, "cannot"));
        let (name, version) = (subject.name(), version(subject.name()));
        writeln!(
            text,
            "\n## {name} {version}: {passed} cases passed, {cannot} cannot be\n"
        )
        .unwrap();
        for report in &reports {
            if let Outcome::Cannot(why) = &report.outcome {
                let why = why.split(". The transport").next().unwrap_or_default();
                writeln!(text, "- `{}` (row {}): {why}", report.case.name, report.case.row).unwrap();
            }
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
