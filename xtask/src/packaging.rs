//! What is published of each crate: its tarball says whose it is and how it is used, builds, and passes its own tests.

mod manifest;
mod sources;
mod unpacked;

use std::path::{Path, PathBuf};

use crate::command::{cargo, passes, root};
use crate::packages::{Package, published};

/// The manifests, then each tarball, unpacked away from the repository: its library, programs, examples and tests.
pub(crate) fn check() -> bool {
    manifests() && tarballs().is_some_and(|folder| tested(&folder))
}

/// Every crate has a README, both licences, says how its documentation is built, and has all that its sources name.
pub(crate) fn manifests() -> bool {
    let Some(packages) = published() else {
        eprintln!("cargo metadata failed");
        return false;
    };
    let faults = packages.iter().flat_map(|package| {
        let mut faults = manifest::faults(package);
        faults.extend(sources::faults(package));
        faults
    });
    let faults: Vec<String> = faults.collect();
    for fault in &faults {
        eprintln!("{fault}");
    }
    faults.is_empty()
}

/// Makes the tarballs, and a workspace of what is in them. None, if that failed, which was printed then.
pub(crate) fn tarballs() -> Option<PathBuf> {
    let packages = published()?;
    let mut command = cargo(&["package", "--quiet", "--no-verify", "--locked", "--allow-dirty"]);
    for package in &packages {
        command.args(["--package", &package.name]);
    }
    if !passes(command) {
        return None;
    }
    let made = packages.iter().map(tarball).collect::<Vec<_>>();
    match unpacked::workspace(&packages, &made) {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("the tarballs cannot be unpacked: {error}");
            None
        }
    }
}

pub(crate) fn tarball(package: &Package) -> PathBuf {
    root()
        .join("target/package")
        .join(format!("{}-{}.crate", package.name, package.version))
}

/// Libraries, programs, examples, tests and the programs of the documentation.
fn tested(folder: &Path) -> bool {
    let mut command = cargo(&["test", "--quiet", "--workspace"]);
    command
        .current_dir(folder)
        // The dependencies are built there already.
        .env("CARGO_TARGET_DIR", root().join("target"));
    passes(command)
}
