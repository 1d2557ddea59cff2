//! The guide's page, made from a run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use crate::growth::{Growth, Size};
use crate::report::Report;
use crate::row::Row;
use crate::{slow, svg};

/// The words around the figures.
const WORDS: &str = include_str!("page.txt");

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../xtask/guide/src/why")
}

pub fn write(report: &Report) -> io::Result<()> {
    if report.quick {
        // A quick run has too few rounds to be shown to anybody.
        return Ok(());
    }
    fs::write(folder().join("speed.md"), page(report))?;
    fs::write(folder().join("speed.svg"), svg::chart(&report.growth))
}

fn page(report: &Report) -> String {
    let machine = format!(
        "{} cores, {}, built for release",
        report.machine.cores, report.machine.architecture
    );
    WORDS
        .replace("{machine}", &machine)
        .replace("{rows}", rows(&report.rows).trim_end())
        .replace("{arguments}", &arguments(&report.rows))
        .replace("{slow}", slow::page().trim_end())
        .replace("{growth}", growth(&report.growth).trim_end())
        .replace("{memory}", memory(&report.memory).trim_end())
}

fn rows(rows: &[Row]) -> String {
    let mut table =
        "| case | floor | ratio | target | | figures: ours and the floor's |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let _cannot_fail = writeln!(
            table,
            "| {} | {} | {:.2} | {} | {} | {} |",
            row.case,
            row.floor,
            row.ratio,
            row.target(),
            row.verdict(),
            row.figures
        );
    }
    table
}

/// Why each target that is missed is wrong.
fn arguments(rows: &[Row]) -> String {
    let mut list = String::new();
    for row in rows.iter().filter(|row| !row.met) {
        if let Some(why) = row.argued {
            let _cannot_fail = writeln!(list, "- **{}**: {why}", row.case);
        }
    }
    if list.is_empty() {
        return String::new();
    }
    format!(
        "**Argued** are targets that turned out to be wrong:\n\n{}\n",
        list
    )
}

fn growth(lines: &[Growth]) -> String {
    let counts = lines
        .first()
        .map(|line| line.points.iter().map(|(count, _)| *count));
    let counts: Vec<usize> = counts.into_iter().flatten().collect();
    let mut table = "| µs each |".to_owned();
    for count in &counts {
        let _cannot_fail = write!(table, " {count} |");
    }
    let _cannot_fail = write!(table, "\n|---|{}\n", "---|".repeat(counts.len()));
    for line in lines {
        let _cannot_fail = write!(table, "| {} |", line.of);
        for (_, each) in &line.points {
            let _cannot_fail = write!(table, " {each:.2} |");
        }
        table.push('\n');
    }
    table
}

fn memory(sizes: &[Size]) -> String {
    let mut table = "| one of | bytes | |\n|---|---|---|\n".to_owned();
    for size in sizes {
        let _cannot_fail = writeln!(table, "| {} | {} | {} |", size.of, size.bytes, size.note);
    }
    table
}
