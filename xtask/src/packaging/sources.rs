//! What a tarball's sources name is there when they are built from it.

use std::fs;
use std::path::Path;

use crate::command::{cargo, output};
use crate::packages::Package;

/// The files that name a crate which the published manifest has not, a line each.
///
/// A development dependency by path alone is left out of what is published, and a test or an example that uses it does not
/// build there.
pub(super) fn faults(package: &Package) -> Vec<String> {
    let left_out: Vec<String> = package
        .left_out()
        .map(|name| format!("{}::", name.replace('-', "_")))
        .collect();
    if left_out.is_empty() {
        return Vec::new();
    }
    let list = [
        "package",
        "--list",
        "--locked",
        "--allow-dirty",
        "--package",
        &package.name,
    ];
    let Some(files) = output(cargo(&list)) else {
        return vec![format!("{}: its files cannot be listed", package.name)];
    };
    let sources = files.lines().filter(|file| {
        Path::new(file)
            .extension()
            .is_some_and(|extension| extension == "rs")
    });
    let mut faults = Vec::new();
    for file in sources {
        let text = fs::read_to_string(package.folder().join(file)).unwrap_or_default();
        if let Some(named) = left_out.iter().find(|name| text.contains(name.as_str())) {
            faults.push(format!(
                "{}: {file} names {named}, which is left out of what is published: give it a version, or exclude the file",
                package.name
            ));
        }
    }
    faults
}
