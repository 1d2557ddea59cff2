//! `llms.txt`: the guide's pages with what each says, for programs that read.

use std::fmt::Write as _;
use std::fs;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Files;
use super::markdown::parse;
use super::pages::listed;
use crate::command::root;

const FILE: &str = "llms.txt";

const HEAD: &str = "# advance

> An unofficial Rust SDK for ADVANCE.AI's H5 document verification: links for people, results, verdicts, charges. It comes
> with a sandbox of the vendor, a collector that survives crashes, and a command.

Begin with [README.md](README.md). Never send keys, tokens, links or pictures anywhere. To change the code, read
[CONTRIBUTING.md](CONTRIBUTING.md).
";

/// Whether the file says something else than the guide; or writes it.
pub(super) fn faults(files: &Files, write: bool) -> Vec<String> {
    let (found, mut faults) = composed(files);
    let path = root().join(FILE);
    if write && fs::write(&path, &found).is_err() {
        faults.push(format!("{FILE}: it cannot be written"));
    }
    if fs::read_to_string(&path).ok() != Some(found) {
        faults.push(format!(
            "{FILE}: it is not what the guide says; `cargo xtask guide --write` writes it"
        ));
    }
    faults
}

fn composed(files: &Files) -> (String, Vec<String>) {
    let (mut text, mut faults) = (HEAD.to_owned(), Vec::new());
    let mut part = String::new();
    for page in listed(files) {
        if page.part != part {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n## {}\n", page.part);
            part = page.part;
        }
        match first_sentence(files.text(&page.path).unwrap_or_default()) {
            Some(says) => drop(writeln!(text, "- [{}]({}): {says}", page.title, page.path)),
            None => faults.push(format!("{}: it does not begin with a sentence", page.path)),
        }
    }
    (text, faults)
}

/// The first sentence below the title, without its marks.
fn first_sentence(page: &str) -> Option<String> {
    let mut words = String::new();
    let paragraph = parse(page).skip_while(|event| !matches!(event, Event::Start(Tag::Paragraph)));
    for event in paragraph.take_while(|event| !matches!(event, Event::End(TagEnd::Paragraph))) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak => words.push(' '),
            _ => {}
        }
    }
    let end = words.find(". ").map_or(words.len(), |end| end + 1);
    words.truncate(end);
    words.ends_with('.').then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_is_that_below_the_title() {
        let page = "# A title\n\nWhat *it* says\nwith `code`. And more.\n\nAnd more.";
        assert_eq!(first_sentence(page).as_deref(), Some("What it says with code."));
        assert_eq!(first_sentence("# A title\n\n- a list"), None);
    }
}
