//! The rules that a task can break, by the names that it prints itself.

use std::process::Command;

use crate::command::output;

/// The names that a task's own `--sabotage list` prints, one a line. None is a failure of its own.
pub(crate) fn sabotages(task: fn(&[&str]) -> Command) -> Vec<String> {
    let names: Vec<String> = output(task(&["--sabotage", "list"]))
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        vec!["none-was-listed".to_owned()]
    } else {
        names
    }
}
