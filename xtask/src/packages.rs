//! The crates of the workspace that are published, as `cargo metadata` tells: a new crate is gated without being listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::command::{cargo, output};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    manifest_path: PathBuf,
    /// The registries that it may be published to: any, if there is none.
    publish: Option<Vec<String>>,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) repository: Option<String>,
    features: BTreeMap<String, Vec<String>>,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
    /// `*`, if it is named by its path alone.
    req: String,
    path: Option<PathBuf>,
}

impl Dependency {
    fn is_left_out(&self) -> bool {
        self.path.is_some() && self.kind.as_deref() == Some("dev") && self.req == "*"
    }
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Package {
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    pub(crate) fn is_library(&self) -> bool {
        self.targets
            .iter()
            .any(|target| target.kind.iter().any(|kind| kind == "lib"))
    }

    /// The features that a reader of the documentation is shown: all but what breaks rules on purpose.
    pub(crate) fn shown_features(&self) -> BTreeSet<&str> {
        let names = self.features.keys().map(String::as_str);
        names
            .filter(|name| !matches!(*name, "sabotage" | "default"))
            .collect()
    }

    /// The strings of a list in `[package.metadata.…]`.
    pub(crate) fn listed(&self, path: &str) -> Option<BTreeSet<&str>> {
        let list = self.metadata.pointer(path)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    }

    /// The development dependencies without a version, which are left out of what is published.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = &str> {
        let left_out = self
            .dependencies
            .iter()
            .filter(|dependency| dependency.is_left_out());
        left_out.map(|dependency| dependency.name.as_str())
    }

    /// The crates of this workspace that it needs before it can be published.
    fn needs<'a>(&'a self, all: &'a [Self]) -> impl Iterator<Item = &'a str> {
        let published = self
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some() && !dependency.is_left_out());
        published
            .map(|dependency| dependency.name.as_str())
            .filter(|name| all.iter().any(|package| package.name == *name))
    }
}

/// The published crates, by their names.
pub(crate) fn published() -> Option<Vec<Package>> {
    let text = output(cargo(&[
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--locked",
    ]))?;
    let metadata: Metadata = serde_json::from_str(&text).ok()?;
    let published = metadata
        .packages
        .into_iter()
        .filter(|package| package.publish.is_none());
    Some(published.collect())
}

/// The order to publish in: each after what it needs. None, if two need each other.
pub(crate) fn in_order(all: &[Package]) -> Option<Vec<&Package>> {
    let mut left: Vec<&Package> = all.iter().collect();
    let mut order: Vec<&Package> = Vec::new();
    while !left.is_empty() {
        let ready = left.iter().position(|package| {
            package
                .needs(all)
                .all(|name| order.iter().any(|before| before.name == name))
        })?;
        order.push(left.remove(ready));
    }
    Some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, &str)]) -> Package {
        let dependency = |(name, kind, req): &(&str, Option<&str>, &str)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            req: (*req).to_owned(),
            path: Some(PathBuf::from("/there")),
        };
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            manifest_path: PathBuf::from("/here/Cargo.toml"),
            publish: None,
            description: None,
            license: None,
            readme: None,
            repository: None,
            features: BTreeMap::new(),
            dependencies: dependencies.iter().map(dependency).collect(),
            targets: Vec::new(),
            metadata: Value::Null,
        }
    }

    fn names(all: &[Package]) -> Option<Vec<&str>> {
        Some(
            in_order(all)?
                .iter()
                .map(|package| package.name.as_str())
                .collect(),
        )
    }

    #[test]
    fn each_comes_after_what_it_needs_and_a_test_by_path_is_no_need() {
        let all = [
            package("a", &[("b", None, "^0.1"), ("c", Some("dev"), "*")]),
            package("b", &[]),
            package("c", &[("a", None, "^0.1"), ("elsewhere", None, "^1")]),
        ];
        assert_eq!(names(&all), Some(vec!["b", "a", "c"]));
    }

    #[test]
    fn two_that_need_each_other_have_no_order() {
        let all = [
            package("a", &[("b", Some("dev"), "^0.1")]),
            package("b", &[("a", None, "^0.1")]),
        ];
        assert_eq!(names(&all), None);
    }
}
