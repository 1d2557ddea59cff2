//! The counts that a change is compared with. They do not depend on how busy a machine is, and hardly on which it is.
//!
//! A pure case fails if it makes more allocations, or if it takes both 15 % more instructions and 15 % more of its floor's:
//! another compiler changes the one or the other, and only a change of ours changes both. An adapter fails if a call makes
//! 15 % more allocations, or if more than one call in a hundred opens a connection.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::report::{Pure, Report};

/// How much more is no fault.
const TOLERANCE: f64 = 1.15;

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Committed {
    pure: BTreeMap<String, Counted>,
    /// Allocations of a call.
    adapters: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    allocations: u64,
    /// On x86-64, as valgrind counts them.
    instructions: Option<u64>,
    floor_instructions: Option<u64>,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("committed.json")
}

pub fn write(report: &Report) -> io::Result<()> {
    let pure = report.pure.iter().map(|case| {
        let counted = Counted {
            allocations: case.allocations,
            instructions: case.instructions,
            floor_instructions: case.floor_instructions,
        };
        (case.name.to_owned(), counted)
    });
    let committed = Committed {
        pure: pure.collect(),
        adapters: gated(report).collect(),
    };
    let mut text = serde_json::to_string_pretty(&committed)?;
    text.push('\n');
    fs::write(path(), text)
}

fn gated(report: &Report) -> impl Iterator<Item = (String, u64)> {
    let counted = report.adapters.iter().filter(|counts| counts.allocations > 0);
    counted.map(|counts| (counts.name.clone(), counts.allocations))
}

/// What is worse than what is committed, a line each.
pub fn faults(report: &Report) -> Vec<String> {
    let read = fs::read_to_string(path()).map_err(|error| error.to_string());
    let committed = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    let committed: Committed = match committed {
        Ok(committed) => committed,
        Err(error) => {
            return vec![format!(
                "{}: {error}; `cargo xtask bench --write`",
                path().display()
            )];
        }
    };
    let mut faults = Vec::new();
    for case in &report.pure {
        match committed.pure.get(case.name) {
            Some(before) => faults.extend(worse(case, before)),
            None => faults.push(format!(
                "{}: nothing is committed; `cargo xtask bench --write`",
                case.name
            )),
        }
    }
    for (name, now) in gated(report) {
        let before = committed.adapters.get(&name).copied().unwrap_or_default();
        if is_more(now, before) {
            faults.push(format!(
                "{name}: {now} allocations a call, {before} are committed"
            ));
        }
    }
    for counts in &report.adapters {
        if counts.connections * 100 > counts.calls as u64 {
            faults.push(format!(
                "{}: {} connections were opened anew in {} calls",
                counts.name, counts.connections, counts.calls
            ));
        }
    }
    faults
}

fn worse(case: &Pure, before: &Counted) -> Option<String> {
    if case.allocations > before.allocations {
        return Some(format!(
            "{}: {} allocations, {} are committed",
            case.name, case.allocations, before.allocations
        ));
    }
    // Other processors have other instructions.
    if std::env::consts::ARCH != "x86_64" {
        return None;
    }
    let (now, floor) = (case.instructions?, case.floor_instructions?);
    let (before, floor_before) = (before.instructions?, before.floor_instructions?);
    // By cross-multiplication: now / floor against before / floor_before.
    let by_the_floor = is_more(now * floor_before, before * floor);
    (is_more(now, before) && by_the_floor)
        .then(|| format!("{}: {now} instructions, {before} are committed", case.name))
}

#[expect(clippy::cast_precision_loss, reason = "a tolerance is no exact number either")]
fn is_more(now: u64, before: u64) -> bool {
    now as f64 > before as f64 * TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(allocations: u64, instructions: u64, floor: u64) -> Pure {
        Pure {
            name: "case",
            allocations,
            instructions: Some(instructions),
            floor_instructions: Some(floor),
        }
    }

    #[test]
    fn more_work_is_told_from_another_compiler() {
        let before = Counted {
            allocations: 3,
            instructions: Some(1_000),
            floor_instructions: Some(500),
        };
        for (now, bad) in [
            (case(3, 1_000, 500), false),
            (case(2, 1_100, 500), false),
            (case(4, 1_000, 500), true),
            // Another compiler: of both, of the floor alone.
            (case(3, 1_300, 650), false),
            (case(3, 1_000, 300), false),
            (case(3, 1_300, 500), cfg!(target_arch = "x86_64")),
        ] {
            assert_eq!(worse(&now, &before).is_some(), bad, "{now:?}");
        }
    }
}
