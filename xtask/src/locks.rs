//! Every workspace has a lock file of its own, and each follows when a crate of ours changes its dependencies.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{cargo, passes, root};

/// Fails for a lock file that is behind, which would otherwise be found by the gate that builds its workspace.
pub(crate) fn check() -> bool {
    let mut found = Vec::new();
    find(&root(), &mut found);
    found.iter().all(|folder| {
        let mut command = cargo(&["update", "--workspace", "--locked", "--quiet"]);
        command.current_dir(folder);
        let current = passes(command);
        if !current {
            eprintln!("`cargo update --workspace` in {} mends it", folder.display());
        }
        current
    })
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Cargo.lock").exists() {
        found.push(folder.to_owned());
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.path().is_dir() && !hidden && entry.file_name() != "target" {
            find(&entry.path(), found);
        }
    }
}
