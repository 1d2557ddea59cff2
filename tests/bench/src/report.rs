//! All that was measured.

use std::fmt::Write as _;

use serde::Serialize;

use crate::callgrind;
use crate::case::Case;
use crate::growth::{self, Growth, Size};
use crate::measure::{self, Measured};
use crate::net::{self, Amount, Counts};
use crate::row::{Row, Target};
use crate::threads;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub quick: bool,
    pub machine: Machine,
    pub pure: Vec<Pure>,
    pub rows: Vec<Row>,
    pub adapters: Vec<Counts>,
    pub growth: Vec<Growth>,
    pub memory: Vec<Size>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    pub architecture: &'static str,
    pub cores: usize,
    /// Whether valgrind counted instructions.
    pub counted: bool,
}

/// What was counted of a pure case.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pure {
    pub name: &'static str,
    pub allocations: u64,
    pub instructions: Option<u64>,
    pub floor_instructions: Option<u64>,
}

impl Report {
    pub fn made(cases: &[Case], quick: bool) -> Self {
        let measured = measure::rounds(cases, if quick { 20 } else { 100 });
        let counted = callgrind::count(cases.len());
        let counts = |index: usize| counted.as_ref().and_then(|counted| counted.get(index)).copied();
        let pure: Vec<Pure> = (cases.iter().zip(&measured).enumerate())
            .map(|(index, (case, measured))| Pure {
                name: case.name,
                allocations: measured.allocations,
                instructions: counts(index).map(|(ours, _)| ours),
                floor_instructions: counts(index).map(|(_, theirs)| theirs),
            })
            .collect();
        let mut rows: Vec<Row> = (cases.iter().zip(&measured).zip(&pure))
            .map(|((case, measured), pure)| pure_row(case, measured, pure))
            .collect();
        let (rounds, calls) = if quick { (3, 4_000) } else { (5, 20_000) };
        rows.extend(threads::measure(rounds, calls));
        let (more, adapters) = net::measure(Amount {
            rounds: rounds * 4,
            calls: if quick { 1_000 } else { 4_000 },
            many: if quick { 1_000 } else { 10_000 },
        });
        rows.extend(more);
        let most = if quick { 1_000 } else { growth::most() };
        let (more, memory) = growth::rows(most.min(100_000));
        rows.extend(more);
        Self {
            quick,
            machine: Machine {
                architecture: std::env::consts::ARCH,
                cores: std::thread::available_parallelism().map_or(1, usize::from),
                counted: counted.is_some(),
            },
            pure,
            rows,
            adapters,
            growth: growth::lines(most),
            memory,
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and texts")
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let _cannot_fail = writeln!(
                text,
                "{:7} {:44} {:6.2} ({}), {}",
                row.verdict(),
                row.case,
                row.ratio,
                row.target(),
                row.figures
            );
        }
        for growth in &self.growth {
            let points = growth
                .points
                .iter()
                .map(|(count, each)| format!("{count}: {each:.2}"));
            let points: Vec<_> = points.collect();
            let _cannot_fail = writeln!(text, "µs each of {}: {}", growth.of, points.join(", "));
        }
        for size in &self.memory {
            let _cannot_fail = writeln!(text, "{:6} bytes: {} ({})", size.bytes, size.of, size.note);
        }
        for counts in &self.adapters {
            let _cannot_fail = writeln!(
                text,
                "{}: {} allocations a call; {} connections opened anew in {} calls",
                counts.name, counts.allocations, counts.connections, counts.calls
            );
        }
        let count = |verdict| self.rows.iter().filter(|row| row.verdict() == verdict).count();
        let _cannot_fail = writeln!(
            text,
            "{} rows: {} met, {} argued, {} missed",
            self.rows.len(),
            count("met"),
            count("argued"),
            count("missed")
        );
        if !self.machine.counted {
            text.push_str("valgrind is not on this machine: instructions were not counted\n");
        }
        text
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
fn pure_row(case: &Case, measured: &Measured, pure: &Pure) -> Row {
    let mut figures = format!("{:.0} and {:.0} ns", measured.nanos, measured.floor_nanos);
    let _cannot_fail = write!(
        figures,
        ", {} and {} allocations",
        measured.allocations, measured.floor_allocations
    );
    if let (Some(ours), Some(theirs)) = (pure.instructions, pure.floor_instructions) {
        let _cannot_fail = write!(figures, ", {:.2}× in instructions", ours as f64 / theirs as f64);
    }
    let target = Target::AtMost(case.target);
    let mut row = Row::new(case.name, case.floor, measured.ratio, target, figures);
    row.met &= case.allocations.is_none_or(|most| measured.allocations <= most);
    row
}
