//! The README, the guide and every other Markdown file: links, pages, tables and snippets.

mod book;
mod llms;
mod markdown;
mod pages;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::command::{cargo, passes, root};

/// The sources of the guide, from the root of the repository.
const SOURCES: &str = "xtask/guide/src/";

/// The files of the repository by their paths from its root, with `/`. Of Markdown, the text as well.
pub(crate) struct Files(BTreeMap<String, Option<String>>);

impl Files {
    fn read() -> Self {
        let mut found = BTreeMap::new();
        find(&root(), "", &mut found);
        Self(found)
    }

    /// Whether there is a file of this path, or a folder with one in it.
    fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let mut below = self.0.range(folder.clone()..);
        self.0.contains_key(path) || below.next().is_some_and(|(path, _)| path.starts_with(&folder))
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.as_deref()
    }

    fn markdown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }
}

fn find(folder: &Path, name: &str, found: &mut BTreeMap<String, Option<String>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = format!("{name}{}", entry.file_name().to_string_lossy());
        let built = ["target", ".git"].iter().any(|built| entry.file_name() == *built);
        if path.is_dir() && !built {
            find(&path, &format!("{name}/"), found);
        } else if path.is_file() {
            let markdown = path.extension().is_some_and(|extension| extension == "md");
            let text = markdown.then(|| fs::read_to_string(&path).ok());
            found.insert(name, text.flatten());
        }
    }
}

pub(crate) use book::build;

/// Links lead somewhere, every page is listed, the tables are those of the code, and the snippets compile.
pub(crate) fn check() -> bool {
    run(false)
}

/// The same; or writes first what is generated.
pub(crate) fn run(write: bool) -> bool {
    let files = Files::read();
    let mut faults = markdown::faults(&files);
    faults.extend(pages::faults(&files));
    faults.extend(llms::faults(&files, write));
    for fault in &faults {
        eprintln!("{fault}");
    }
    let tests = |arguments: &[&str]| {
        let mut command =
            cargo(&[&["test", "--quiet", "--locked", "-p", "advance-tests"], arguments].concat());
        if write {
            command.env("ADVANCE_WRITE_TABLES", "1");
        }
        passes(command)
    };
    faults.is_empty() && tests(&["--test", "guide"]) && tests(&["--doc"])
}
