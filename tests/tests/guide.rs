//! The tables of the README and the guide say what the code says. `cargo xtask guide --write` writes them.
#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is reported")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use advance_core::error::ProtocolFault;
use advance_core::transport::{FailureKind, Phase};
use advance_core::{Code, Error, ErrorKind, Ktp};
use advance_sandbox::Scenario;
use advance_sandbox::model::{FIDELITY, Place, Source};

/// Compares a table with what stands between its anchors, which mdBook reads as well; or writes it there.
fn keep(file: &str, anchor: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- ANCHOR: {anchor} -->\n");
    let end = format!("<!-- ANCHOR_END: {anchor} -->");
    let (before, rest) = text.split_once(&begin).unwrap();
    let (kept, after) = rest.split_once(&end).unwrap();
    if env::var_os("ADVANCE_WRITE_TABLES").is_some() {
        fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(kept, table, "`cargo xtask guide --write` writes {file}");
    }
}

/// The same of a schema: the fields of a card are the properties from the first one on.
fn keep_fields(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let names = Ktp::default().fields().map(|(name, _)| name);
    let first = text.find(&format!("\"{}\": {{", names[0])).unwrap();
    let begin = text[..first].rfind('\n').unwrap() + 1;
    let indent = &text[begin..first];
    let end = first + text[first..].find(&format!("\n{}}}", &indent[2..])).unwrap();
    let fields = names.map(|name| {
        let lines = [
            &format!("\"{name}\": {{"),
            "  \"type\": [",
            "    \"string\",",
            "    \"null\"",
            "  ]",
            "}",
        ];
        lines.map(|line| format!("{indent}{line}")).join("\n")
    });
    let fields = fields.join(",\n");
    if env::var_os("ADVANCE_WRITE_TABLES").is_some() {
        fs::write(&path, format!("{}{fields}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(
            &text[begin..end],
            fields,
            "`cargo xtask guide --write` writes {file}"
        );
    }
}

/// A table of Markdown. A bar in a cell would end it.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    for row in rows {
        let cells = row.map(|cell| cell.replace('|', "\\|"));
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table
}

fn source(source: Source) -> String {
    match source {
        Source::Documented => "documented",
        Source::Sibling => "known from a sibling product",
        Source::Guess => "a guess",
    }
    .to_owned()
}

/// Rows with the same answer become one; what they are about stands in their first cell.
fn joined<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<[String; N]> {
    let mut joined: Vec<[String; N]> = Vec::new();
    for row in rows {
        match joined.iter_mut().find(|known| known[1..] == row[1..]) {
            Some(known) => write!(known[0], ", {}", row[0]).unwrap(),
            None => joined.push(row),
        }
    }
    joined
}

#[test]
fn the_readme_says_what_to_do_about_each_code_and_what_it_costs() {
    let rows = Code::ALL.iter().map(|code| {
        let what_to_do = match code {
            Code::Success => "look at the verdict",
            _ => Error::of_code(code.clone()).advice().explanation(),
        };
        let charged = if code.is_documented_free() {
            "no"
        } else {
            "the reply says"
        };
        [format!("`{code}`"), what_to_do.to_owned(), charged.to_owned()]
    });
    keep(
        "README.md",
        "codes",
        &table(["code", "what to do", "charged?"], joined(rows)),
    );
}

#[test]
fn the_guide_names_every_kind_of_error_without_a_code() {
    let kinds = [
        ErrorKind::Invalid,
        ErrorKind::Transport(FailureKind::Connect),
        ErrorKind::Transport(FailureKind::Tls),
        ErrorKind::Transport(FailureKind::Proxy),
        ErrorKind::Transport(FailureKind::Timeout(Phase::Exchange)),
        ErrorKind::Transport(FailureKind::Reset),
        ErrorKind::Transport(FailureKind::Body),
        ErrorKind::Transport(FailureKind::TooLarge),
        ErrorKind::Transport(FailureKind::Http),
        ErrorKind::Transport(FailureKind::Refused),
        ErrorKind::Transport(FailureKind::Other),
        ErrorKind::Protocol(ProtocolFault::Redirect),
        ErrorKind::Protocol(ProtocolFault::Status(404)),
        ErrorKind::Protocol(ProtocolFault::Status(503)),
        ErrorKind::Protocol(ProtocolFault::NotJson),
        ErrorKind::Protocol(ProtocolFault::Empty),
        ErrorKind::Protocol(ProtocolFault::Encoding),
        ErrorKind::Decode,
        ErrorKind::MissingData,
        ErrorKind::DeadToken,
        ErrorKind::Deadline,
        ErrorKind::LinkExpired,
        ErrorKind::ChargeLimit,
        ErrorKind::ImageExpired,
        ErrorKind::NotAPicture,
        ErrorKind::NotFinished,
    ];
    let rows = kinds.map(|kind| {
        let advice = Error::of_kind(kind).advice().explanation().to_owned();
        [format!("`{kind:?}`"), advice]
    });
    let table = table(["`ErrorKind`", "what to do"], joined(rows));
    keep("xtask/guide/src/reference/codes.md", "kinds", &table);
}

#[test]
fn the_guide_has_every_scenario() {
    let rows = Scenario::all().map(|scenario| {
        let place = match scenario.place {
            Place::UserId => "userId",
            Place::AccessKey => "access key",
        };
        let name = format!("`{}`", scenario.name());
        [
            name,
            place.to_owned(),
            scenario.help.to_owned(),
            source(scenario.source),
        ]
    });
    let head = ["name", "given as", "what happens", "known?"];
    keep(
        "xtask/guide/src/reference/sandbox.md",
        "scenarios",
        &table(head, rows),
    );
}

#[test]
fn the_guide_says_what_of_the_sandbox_is_known() {
    let rows = FIDELITY
        .iter()
        .map(|row| [row.behaviour.to_owned(), source(row.source)]);
    keep(
        "xtask/guide/src/reference/sandbox.md",
        "fidelity",
        &table(["the sandbox", "known?"], rows),
    );
}

#[test]
fn the_schemas_have_every_field_of_a_card() {
    for command in ["demo", "inspect", "result", "wait"] {
        keep_fields(&format!("crates/advance-cli/schemas/{command}.json"));
    }
}

#[test]
fn the_guide_has_the_exit_statuses() {
    let code = include_str!("../../crates/advance-cli/src/exit.rs");
    let (_, rest) = code.split_once("TABLE: &str = \"\\\n").unwrap();
    let (statuses, _) = rest.split_once("\";").unwrap();
    keep(
        "xtask/guide/src/reference/command.md",
        "exit",
        &format!("```text\n{statuses}\n```\n"),
    );
}
