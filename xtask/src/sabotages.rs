//! The rules that can be broken on purpose, and which task notices: `cargo xtask sabotages`.
//!
//! Each task has the same manner: `--sabotage list` names what it can break, one a line. `--sabotage NAME` exits with 1 if
//! that is noticed, and says by which rule; it exits with 0 if it is not.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::command::{output, root};
use crate::{conformance, explore, simulate};

/// Where the table is kept.
const TABLE: &str = "tests/SABOTAGES.md";

const HEAD: &str = "# Which check notices which broken rule

Written by `cargo xtask sabotages --write`; `cargo xtask release-gates sabotages` finds every difference. Each rule is broken on purpose, one
at a time. A name is that of the rule by which the task fails; a dash says that it passes, so that the rule is not
watched there. The simulation and the exploration break rules of the session, the conformance suite those of a transport.
";

/// A task, as it is called, and what breaks in it.
struct Watcher {
    name: &'static str,
    task: fn(&[&str]) -> Command,
}

const OF_THE_SESSION: [Watcher; 2] = [
    Watcher {
        name: "simulate",
        task: simulate::simulation,
    },
    Watcher {
        name: "explore",
        task: explore::exploration,
    },
];

const OF_A_TRANSPORT: [Watcher; 1] = [Watcher {
    name: "conformance",
    task: conformance::suite,
}];

/// Every rule is noticed, as the table says.
pub(crate) fn check() -> bool {
    run(false)
}

/// Breaks every rule, and compares what notices it with the table; or writes the table.
pub(crate) fn run(write: bool) -> bool {
    let mut found = HEAD.to_owned();
    let mut watched = true;
    for (what, watchers) in [
        ("session", &OF_THE_SESSION[..]),
        ("transport", &OF_A_TRANSPORT[..]),
    ] {
        match table(what, watchers, &mut found) {
            Some(all) => watched &= all,
            None => return false,
        }
    }
    if !watched {
        eprintln!("a rule is broken, and nothing notices");
        return false;
    }
    let path = root().join(TABLE);
    if write {
        return fs::write(path, found).is_ok();
    }
    let same = fs::read_to_string(path).is_ok_and(|kept| kept == found);
    if !same {
        eprintln!(
            "{TABLE} says something else than this; `cargo xtask sabotages --write` writes it\n{found}"
        );
    }
    same
}

/// Adds the table of these watchers. Says whether each rule is noticed by one of them; nothing if one could not be asked.
fn table(what: &str, watchers: &[Watcher], found: &mut String) -> Option<bool> {
    let names: Vec<&str> = watchers.iter().map(|watcher| watcher.name).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(
        found,
        "\n| rule of the {what} | {} |\n|---|{}",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    let mut all = true;
    for sabotage in sabotages(watchers.first()?.task)? {
        let mut row = format!("| {sabotage} |");
        let mut noticed = false;
        for watcher in watchers {
            let rule = notices((watcher.task)(&["--sabotage", &sabotage]), &sabotage)?;
            noticed |= rule != "–";
            let _ = write!(row, " {rule} |");
        }
        println!("{row}");
        all &= noticed;
        let _ = writeln!(found, "{row}");
    }
    Some(all)
}

/// The names that a task's own `--sabotage list` prints. None is a failure of its own.
fn sabotages(task: fn(&[&str]) -> Command) -> Option<Vec<String>> {
    let listed = output(task(&["--sabotage", "list"]))?;
    let names: Vec<String> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    (!names.is_empty()).then_some(names)
}

/// The rule by which a task fails; a dash if it passes. Nothing if it could not be built or run.
fn notices(mut command: Command, sabotage: &str) -> Option<String> {
    let run = command.output().ok()?;
    let text = String::from_utf8_lossy(&run.stdout);
    let said = format!("{sabotage} is noticed by ");
    let rule = text
        .lines()
        .find_map(|line| line.strip_prefix(&said)?.split(',').next());
    match (run.status.code(), rule) {
        (Some(0), _) => Some("–".to_owned()),
        (Some(1), Some(rule)) => Some(rule.to_owned()),
        _ => {
            eprintln!(
                "{sabotage}: {}\n{text}{}",
                run.status,
                String::from_utf8_lossy(&run.stderr)
            );
            None
        }
    }
}
