//! The tarballs' contents, as a workspace in which they find each other.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{passes, root};
use crate::packages::Package;

/// Unpacks them, and returns the workspace's folder.
///
/// It is not below the repository, where a crate would find files that are not in its tarball.
pub(super) fn workspace(packages: &[Package], tarballs: &[PathBuf]) -> io::Result<PathBuf> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for tarball in tarballs {
        let mut tar = Command::new("tar");
        // `m`: the files are as old as their unpacking. In a tarball of cargo all have one date, so that cargo would take what
        // an earlier run has built for up to date.
        tar.arg("xzmf").arg(tarball).current_dir(&folder);
        if !passes(tar) {
            return Err(io::Error::other(format!("tar xzf {}", tarball.display())));
        }
    }
    fs::write(folder.join("Cargo.toml"), manifest(packages))?;
    // The versions that everything else was tested with.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}

/// One for each checkout, so that two can be tested at a time.
fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    root().hash(&mut hasher);
    std::env::temp_dir().join(format!("advance-packaging-{:x}", hasher.finish()))
}

fn manifest(packages: &[Package]) -> String {
    let mut text = String::from("[workspace]\nresolver = \"3\"\nmembers = [");
    let folder = |package: &Package| format!("{}-{}", package.name, package.version);
    // Writing to a string cannot fail.
    for package in packages {
        let _ = write!(text, "{:?}, ", folder(package));
    }
    text.push_str("]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n[patch.crates-io]\n");
    for package in packages {
        let _ = writeln!(text, "{} = {{ path = {:?} }}", package.name, folder(package));
    }
    text
}
