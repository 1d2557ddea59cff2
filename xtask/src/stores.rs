//! Stores and the collector: struck in the model, and as real processes.

use std::process::Command;

use crate::command::{cargo, passes};

/// Each protection, and the tasks that must fail without it.
const SABOTAGES: [(&str, &[&str]); 5] = [
    ("intent", &["simulate", "--seeds", "2000", "--start", "0"]),
    ("fence", &["simulate", "--seeds", "2000", "--start", "0"]),
    ("attempt-id", &["simulate", "--seeds", "2000", "--start", "0"]),
    ("synchronous", &["simulate", "--seeds", "2000", "--start", "0"]),
    ("synchronous", &["power", "--ids", "40"]),
];

/// Hands its arguments on.
pub(crate) fn run(arguments: &[&str]) -> bool {
    passes(stores(arguments))
}

fn stores(arguments: &[&str]) -> Command {
    let base = [
        "run",
        "--quiet",
        "--profile",
        "checked",
        "--locked",
        "-p",
        "advance-tests",
        "--features",
        "sabotage",
        "--bin",
        "stores",
        "--",
    ];
    cargo(&[&base, arguments].concat())
}

/// What a gate has time for.
pub(crate) fn ci() -> bool {
    run(&["explore"])
        && run(&["simulate", "--seeds", "3000"])
        && run(&["chaos", "--ids", "500", "--kills", "10", "--stops", "1"])
        && run(&["power", "--ids", "60"])
        && SABOTAGES.iter().all(|(name, task)| is_noticed(name, task))
}

/// The whole: some minutes, most of them waits for the disk.
pub(crate) fn long() -> bool {
    let wild = [
        "chaos", "--ids", "10000", "--kills", "100", "--stops", "3", "--sleep",
    ];
    run(&["explore", "--twice"])
        && run(&["simulate", "--seeds", "200000"])
        && run(&wild)
        && run(&[&wild[..], &["--per-poll"]].concat())
        && run(&["power", "--ids", "500"])
        && ["10000", "1000000"]
            .iter()
            .all(|rows| run(&["speed", "--rows", rows]))
}

/// Whether an invariant failed. A run that could not be built exits in another way.
pub(crate) fn is_noticed(sabotage: &str, task: &[&str]) -> bool {
    let exit = stores(&[task, &["--sabotage", sabotage]].concat()).status();
    let noticed = exit.is_ok_and(|exit| exit.code() == Some(1));
    if !noticed {
        eprintln!("{sabotage}: {} did not fail by an invariant", task[0]);
    }
    noticed
}
