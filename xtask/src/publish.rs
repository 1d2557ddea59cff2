//! `cargo xtask release --dry-run`: what stands between this commit and a release, and the commands that make it.

use std::fs;

use crate::command::{output, root};
use crate::packages::{Package, in_order, published};
use crate::packaging;

/// Stands where the publisher has to write an address.
const CONTACT: &str = "TO-BE-FILLED-IN-BY-THE-PUBLISHER";

/// Publishes nothing. True if a release could be made now.
pub(crate) fn dry_run() -> bool {
    let Some(packages) = published() else {
        eprintln!("cargo metadata failed");
        return false;
    };
    let mut faults = contacts();
    faults.extend(versions(&packages));
    faults.extend(tag(&packages));
    let order = in_order(&packages);
    if order.is_none() {
        faults.push("two crates need each other, so neither can be published first".to_owned());
    }
    if !packaging::manifests() || packaging::tarballs().is_none() {
        faults.push("a tarball cannot be made".to_owned());
    }
    println!("-- tarballs, in the order to publish them");
    let order = order.unwrap_or_default();
    for package in &order {
        let bytes = fs::metadata(packaging::tarball(package)).map_or(0, |file| file.len());
        println!(
            "{:24} {:8} {:6} KiB",
            package.name,
            package.version,
            bytes.div_ceil(1024)
        );
    }
    if !faults.is_empty() {
        println!("-- not yet: {} things are missing", faults.len());
        for fault in &faults {
            println!("   {fault}");
        }
        return false;
    }
    println!("-- ready; after `cargo xtask ci` and `cargo xtask release-gates`:");
    if let Some(first) = order.first() {
        println!("git tag v{0} && git push origin v{0}", first.version);
    }
    for package in &order {
        println!("cargo publish --locked -p {}", package.name);
    }
    true
}

fn contacts() -> Vec<String> {
    let files = ["SECURITY.md", "CODE_OF_CONDUCT.md"].into_iter();
    let open = files.filter(|file| {
        // A file that is not there names no contact.
        fs::read_to_string(root().join(file)).map_or(true, |text| text.contains(CONTACT))
    });
    open.map(|file| format!("{file}: its contact is to be filled in by the publisher"))
        .collect()
}

/// One version everywhere, told in the changelog, and a place where the sources are.
fn versions(packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(first) = packages.first() else {
        return vec!["no crate is published".to_owned()];
    };
    let version = &first.version;
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap_or_default();
    if !changelog
        .lines()
        .any(|line| line.starts_with(&format!("## {version}")))
    {
        faults.push(format!("CHANGELOG.md: nothing is told of {version}"));
    }
    for package in packages {
        if package.version != *version {
            faults.push(format!(
                "{} is {}, {} is {version}",
                package.name, package.version, first.name
            ));
        }
        if package.repository.is_none() {
            faults.push(format!("{}: no `repository`", package.name));
        }
        let asked = format!("{} = {{ path = ", package.name);
        let mut lines = manifest.lines().filter(|line| line.starts_with(&asked));
        if lines.any(|line| !line.contains(&format!("version = {version:?}"))) {
            faults.push(format!(
                "Cargo.toml: workspace.dependencies.{} is not {version}",
                package.name
            ));
        }
    }
    faults
}

/// The tag is new, and the working tree is what it would name.
fn tag(packages: &[Package]) -> Vec<String> {
    let Some(version) = packages.first().map(|package| &package.version) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    match git(&["tag", "--list", &format!("v{version}")]) {
        Some(tags) if tags.trim().is_empty() => {}
        Some(_) => faults.push(format!("the tag v{version} is already there")),
        None => faults.push("git does not answer".to_owned()),
    }
    if git(&["status", "--porcelain"]).is_none_or(|changes| !changes.trim().is_empty()) {
        faults.push("the working tree is not what is committed".to_owned());
    }
    faults
}

/// The newest tag of a version, if one was ever made.
pub(crate) fn last_tag() -> Option<String> {
    let tags = git(&["tag", "--list", "v*", "--sort=-version:refname"])?;
    tags.lines().next().map(str::to_owned)
}

fn git(arguments: &[&str]) -> Option<String> {
    let mut command = std::process::Command::new("git");
    command.args(arguments).current_dir(root());
    output(command)
}
