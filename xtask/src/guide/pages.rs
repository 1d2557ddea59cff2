//! SUMMARY.md lists every page under its own title, and each snippet is one that the tests compile.

use std::collections::BTreeSet;
use std::fs;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::markdown::{parse, titles};
use super::{Files, SOURCES};
use crate::command::root;

/// Where the pages are named whose snippets are compiled.
const COMPILED: &str = "tests/src/guide.rs";

/// A page of the guide, as SUMMARY.md lists it.
pub(super) struct Page {
    pub(super) part: String,
    pub(super) title: String,
    /// From the root of the repository.
    pub(super) path: String,
}

/// The pages in their order.
pub(super) fn listed(files: &Files) -> Vec<Page> {
    let summary = files.text(&format!("{SOURCES}SUMMARY.md")).unwrap_or_default();
    let mut pages = Vec::new();
    let (mut part, mut words) = (String::new(), String::new());
    let mut place = None;
    for event in parse(summary) {
        match event {
            Event::Start(Tag::Heading { .. }) => words.clear(),
            Event::End(TagEnd::Heading(_)) => part.clone_from(&words),
            Event::Start(Tag::Link { dest_url, .. }) => {
                words.clear();
                place = Some(dest_url);
            }
            Event::End(TagEnd::Link) => pages.extend(place.take().map(|place| Page {
                part: part.clone(),
                title: words.clone(),
                path: format!("{SOURCES}{place}"),
            })),
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            _ => {}
        }
    }
    pages
}

/// What is wrong with the pages, a line each.
pub(super) fn faults(files: &Files) -> Vec<String> {
    let pages = listed(files);
    let known: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    let compiled = fs::read_to_string(root().join(COMPILED)).unwrap_or_default();
    let mut faults = Vec::new();
    let mut fault = |path: &str, what: &str| faults.push(format!("{path}: {what}"));
    for (path, text) in files.markdown().filter(|(path, _)| path.starts_with(SOURCES)) {
        if path.ends_with("/SUMMARY.md") {
            continue;
        }
        if !known.contains(path) {
            fault(path, "SUMMARY.md does not list it");
        }
        let languages = languages(text);
        if languages.iter().any(String::is_empty) {
            fault(path, "a fence says no language");
        }
        let rust = languages.iter().any(|language| language.starts_with("rust"));
        if rust && !compiled.contains(path) {
            fault(path, "has Rust in it, and tests/src/guide.rs does not name it");
        }
    }
    for page in &pages {
        let text = files.text(&page.path).unwrap_or_default();
        let title = titles(text).into_iter().next();
        if title != Some((HeadingLevel::H1, page.title.clone())) {
            fault(&page.path, "its title is not that of SUMMARY.md");
        }
    }
    faults
}

fn languages(text: &str) -> Vec<String> {
    let language = |event| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => Some(language.into_string()),
        _ => None,
    };
    parse(text).filter_map(language).collect()
}
