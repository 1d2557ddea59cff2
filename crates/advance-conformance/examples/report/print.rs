//! What came of a run, for people and for programs.

use std::time::Duration;

use advance_conformance::{Outcome, Report};
use serde_json::json;

/// A list of objects with `transport`, `case`, `row` and `outcome`.
pub(crate) fn json(reports: &[Vec<Report>]) {
    let list: Vec<_> = reports
        .iter()
        .flatten()
        .map(|report| {
            json!({
                "transport": report.transport,
                "case": report.case.name,
                "row": report.case.row,
                "outcome": report.outcome.as_str(),
            })
        })
        .collect();
    println!("{}", serde_json::Value::from(list));
}

/// A line a case, a column a transport; it can be pasted into Markdown.
pub(crate) fn table(reports: &[Vec<Report>], took: Duration) {
    let names: Vec<&str> = reports
        .iter()
        .filter_map(|column| column.first())
        .map(|report| report.transport.as_str())
        .collect();
    println!("| row | case | {} |", names.join(" | "));
    println!("|---|---|{}", "---|".repeat(names.len()));
    let Some(first) = reports.first() else { return };
    for (line, report) in first.iter().enumerate() {
        let cells: Vec<&str> = reports.iter().map(|column| cell(&column[line].outcome)).collect();
        println!(
            "| {} | {} | {} |",
            report.case.row,
            report.case.name,
            cells.join(" | ")
        );
    }
    for (name, column) in names.iter().zip(reports) {
        let count = |word| {
            column
                .iter()
                .filter(|report| report.outcome.as_str() == word)
                .count()
        };
        println!(
            "{name}: {} passed, {} failed, {} not claimed",
            count("passed"),
            count("failed"),
            count("not_claimed")
        );
    }
    println!("{:.1} s", took.as_secs_f64());
}

const fn cell(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "FAILED",
        Outcome::Cannot(_) => "CANNOT",
        Outcome::NotClaimed => "not claimed",
    }
}
