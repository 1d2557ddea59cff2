//! What every published crate has beside its code.

use std::collections::BTreeSet;

use crate::packages::Package;

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What is missing, a line each.
pub(super) fn faults(package: &Package) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |is: bool, what: &str| {
        if !is {
            faults.push(format!("{}: {what}", package.name));
        }
    };
    expect(package.description.is_some(), "no description");
    expect(package.license.is_some(), "no license");
    expect(package.readme.is_some(), "no readme");
    for licence in LICENCES {
        // `cargo package` writes the file that a link leads to.
        expect(
            package.folder().join(licence).is_file(),
            &format!("no {licence}; link it to the repository's"),
        );
    }
    let features = package.listed("/docs/rs/features");
    let shown = package.shown_features();
    expect(
        !package.is_library() || features.unwrap_or_default() == shown,
        &format!("package.metadata.docs.rs.features is not {}", quoted(&shown)),
    );
    let rustdoc = package.listed("/docs/rs/rustdoc-args").unwrap_or_default();
    expect(
        !package.is_library() || rustdoc == BTreeSet::from(["--cfg", "docsrs"]),
        "package.metadata.docs.rs.rustdoc-args is not [\"--cfg\", \"docsrs\"]",
    );
    faults
}

fn quoted(names: &BTreeSet<&str>) -> String {
    format!("{names:?}").replace('{', "[").replace('}', "]")
}
