//! The guide as a web site, by mdBook. Its links to files of the repository lead there from the site, too.

use std::fs;
use std::path::Path;

use super::markdown::{includes, resolved};
use super::pages::listed;
use super::{Files, SOURCES};
use crate::command::{passes, root};
use crate::packages::published;
use crate::tools::MDBOOK;

/// Where mdBook writes it, as `book.toml` says.
const SITE: &str = "target/guide";

/// Builds it. True if each of its links leads to a page or to a file of the repository.
pub(crate) fn build() -> bool {
    let built = MDBOOK.command().is_some_and(|mut command| {
        command.args(["build", "xtask/guide"]);
        passes(command)
    });
    if !built {
        return false;
    }
    let files = Files::read();
    let repository = repository();
    let mut faults = Vec::new();
    for page in listed(&files) {
        let page = page.path.trim_start_matches(SOURCES);
        let file = root().join(SITE).join(page.replace(".md", ".html"));
        let Ok(html) = fs::read_to_string(&file) else {
            faults.push(format!("{page}: mdBook made no page of it"));
            continue;
        };
        let (mended, broken) = mended(&files, page, &html, &repository);
        faults.extend(broken.iter().map(|link| format!("{page}: {link} leads nowhere")));
        if fs::write(&file, mended).is_err() {
            faults.push(format!("{page}: it cannot be written"));
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    faults.is_empty()
}

/// Where the files of the repository are, as seen from a page: on the web, once the crates say where, else on this disk.
fn repository() -> String {
    let packages = published().unwrap_or_default();
    let first = packages.first();
    match first.and_then(|package| Some((package.repository.as_deref()?, &package.version))) {
        Some((repository, version)) => format!("{repository}/blob/v{version}/"),
        // Pages are in a folder of the site, which is two folders below the root.
        None => "../../../".to_owned(),
    }
}

/// The page with its links to files of the repository mended, and the links that lead nowhere.
fn mended(files: &Files, page: &str, html: &str, repository: &str) -> (String, Vec<String>) {
    const MARK: &str = "href=\"";
    let (mut text, mut broken) = (String::new(), Vec::new());
    let mut parts = html.split(MARK);
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (link, rest) = part.split_once('"').unwrap_or((part, ""));
        let leads_to = match place(files, page, link) {
            Place::Site => link.to_owned(),
            Place::Repository(path) => format!("{repository}{path}"),
            Place::Nowhere => {
                broken.push(link.to_owned());
                link.to_owned()
            }
        };
        for part in [MARK, &leads_to, "\"", rest] {
            text.push_str(part);
        }
    }
    (text, broken)
}

#[derive(Debug, PartialEq)]
enum Place {
    /// A page or another part of the site, or an address of the web.
    Site,
    Repository(String),
    Nowhere,
}

fn place(files: &Files, page: &str, link: &str) -> Place {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() || path.contains(':') {
        return Place::Site;
    }
    if resolved(page, path).is_some_and(|path| root().join(SITE).join(path).is_file()) {
        return Place::Site;
    }
    // What a page includes brings along links that are meant from where it stands.
    let source = format!("{SOURCES}{page}");
    let included = includes(files.text(&source).unwrap_or_default());
    let included = included.iter().filter_map(|include| resolved(&source, include));
    for from in std::iter::once(source.clone()).chain(included) {
        // mdBook makes `.html` of `.md`.
        let with_md = Path::new(path).with_extension("md");
        for path in [path, &with_md.to_string_lossy()] {
            let found = resolved(&from, path).filter(|found| files.has(found));
            if let Some(found) = found {
                return Place::Repository(match heading {
                    "" => found,
                    heading => format!("{found}#{heading}"),
                });
            }
        }
    }
    Place::Nowhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let page = "{{#include ../../../../crates/a/FAULTS.md}}";
        let texts = [
            ("xtask/guide/src/why/page.md", page),
            ("crates/a/FAULTS.md", ""),
            ("crates/b/QUIRKS.md", ""),
            ("crates/b/lib.rs", ""),
        ];
        Files(
            texts
                .map(|(path, text)| (path.to_owned(), Some(text.to_owned())))
                .into(),
        )
    }

    #[test]
    fn a_file_of_the_repository_is_found_from_the_page_and_from_what_it_includes() {
        for (link, file) in [
            ("../../../../crates/b/lib.rs", "crates/b/lib.rs"),
            ("../../../../crates/b/QUIRKS.html#x", "crates/b/QUIRKS.md#x"),
            ("../b/QUIRKS.html", "crates/b/QUIRKS.md"),
        ] {
            let expected = Place::Repository(file.to_owned());
            assert_eq!(place(&files(), "why/page.md", link), expected, "{link}");
        }
        assert_eq!(place(&files(), "why/page.md", "../b/GONE.html"), Place::Nowhere);
        assert_eq!(
            place(&files(), "why/page.md", "https://example.com/a"),
            Place::Site
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_and_the_rest_of_the_page_stays() {
        let html = "<a href=\"#top\">a</a> <a href=\"../b/lib.rs\">b</a> <a href=\"../c.html\">c</a>";
        let (text, broken) = mended(&files(), "why/page.md", html, "R/");
        assert_eq!(text, html.replace("../b/lib.rs", "R/crates/b/lib.rs"));
        assert_eq!(broken, ["../c.html"]);
    }
}
