//! Every link, and every file that a page includes, is there. Addresses of the web are not asked.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Files;

/// What leads nowhere, a line each.
pub(super) fn faults(files: &Files) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in files.markdown() {
        for link in links(text).iter().chain(&includes(text)) {
            if let Some(why) = broken(files, path, link) {
                faults.push(format!("{path}: {link}: {why}"));
            }
        }
    }
    faults
}

pub(super) fn parse(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// The places that the links and pictures of a text lead to.
pub(super) fn links(text: &str) -> Vec<String> {
    let place = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.into_string())
        }
        _ => None,
    };
    parse(text).filter_map(place).collect()
}

/// The files that mdBook puts in the place of a line `{{#include path:anchor}}`.
pub(super) fn includes(text: &str) -> Vec<String> {
    let after = text.split("{{#include ").skip(1);
    after
        .filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned()))
        .collect()
}

/// Why a link of the file `from` leads nowhere.
fn broken(files: &Files, from: &str, link: &str) -> Option<&'static str> {
    // An item of rustdoc, which `cargo doc` checks, or an address of the web.
    if link.contains("::") || link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (place, heading) = link.split_once('#').unwrap_or((link, ""));
    let (place, anchor) = place.split_once(':').unwrap_or((place, ""));
    let path = if place.is_empty() {
        from.to_owned()
    } else {
        match resolved(from, place) {
            Some(path) => path,
            None => return Some("leads out of the repository"),
        }
    };
    if !files.has(&path) {
        return Some("there is no such file");
    }
    let text = files.text(&path).unwrap_or_default();
    if !heading.is_empty() && headings(text).iter().all(|known| known != heading) {
        return Some("there is no such heading");
    }
    if !anchor.is_empty() && !text.contains(&format!("ANCHOR: {anchor}")) {
        return Some("there is no such anchor");
    }
    None
}

/// The path from the root of what `from` calls `place`.
pub(super) fn resolved(from: &str, place: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in place.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of the headings, as GitHub and mdBook make them.
fn headings(text: &str) -> Vec<String> {
    titles(text).iter().map(|(_, title)| slug(title)).collect()
}

/// The headings, in their order.
pub(super) fn titles(text: &str) -> Vec<(HeadingLevel, String)> {
    let mut titles = Vec::new();
    let mut inside: Option<(HeadingLevel, String)> = None;
    for event in parse(text) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => inside = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => titles.extend(inside.take()),
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, title)) = &mut inside {
                    title.push_str(&words);
                }
            }
            _ => {}
        }
    }
    titles
}

fn slug(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let text = "# The first, of `two`\n<!-- ANCHOR: part -->\n";
        let paths = [("a.md", Some(text)), ("b/c.md", Some("")), ("b/d.rs", None)];
        Files(
            paths
                .map(|(path, text)| (path.to_owned(), text.map(str::to_owned)))
                .into(),
        )
    }

    #[test]
    fn what_is_there_is_found_from_where_the_link_stands() {
        for link in [
            "../a.md",
            "../a.md#the-first-of-two",
            "../a.md:part",
            "d.rs",
            "../b",
            "../b/",
            "https://example.com/x#y",
            "advance_core::Client",
        ] {
            assert_eq!(broken(&files(), "b/c.md", link), None, "{link}");
        }
        assert_eq!(broken(&files(), "a.md", "#the-first-of-two"), None);
    }

    #[test]
    fn what_is_not_there_is_named() {
        for link in [
            "a.md",
            "../e.md",
            "../../a.md",
            "../a.md#second",
            "../a.md:whole",
            "#x",
            "/a.md/x",
        ] {
            assert!(broken(&files(), "b/c.md", link).is_some(), "{link}");
        }
    }

    #[test]
    fn links_pictures_references_and_includes_are_read() {
        let text = "[a](x.md) ![b](y.svg) [c][d]\n\n| [e](z.md) |\n|---|\n\n`[no](code.md)`\n\n[d]: w.md\n";
        assert_eq!(links(text), ["x.md", "y.svg", "w.md", "z.md"]);
        assert_eq!(includes("{{#include ../a.md:part}}"), ["../a.md:part"]);
    }
}
