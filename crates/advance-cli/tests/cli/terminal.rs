//! What a person sees: the commands at a terminal of `script` (util-linux), eighty and forty columns wide.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::process::Command;

use unicode_width::UnicodeWidthStr as _;

use crate::support::{SandboxProcess, link, with_keys};

const REPLY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../advance-core/fixtures/get-result.success.json"
);

/// What a terminal gets to show when a shell runs this line in it, colours and all.
fn shown(sandbox: &SandboxProcess, columns: usize, line: &str) -> String {
    let mut shell = Command::new("script");
    let advance = env!("CARGO_BIN_EXE_advance").strip_suffix("/advance").unwrap();
    let path = format!("{advance}:{}", std::env::var("PATH").unwrap());
    let line = format!("stty rows 40 cols {columns}; {line}");
    shell.args(["--quiet", "--command", &line, "/dev/null"]);
    for (name, value) in with_keys(&[]).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .env("PATH", path)
        .env("TERM", "xterm-256color")
        .env("ADVANCE_BASE_URL", &sandbox.base_url)
        .stdin(std::process::Stdio::null());
    let output = shell
        .output()
        .unwrap_or_else(|error| panic!("`script` (util-linux) is what makes a terminal here: {error}"));
    let text = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
    // A progress bar is drawn over until the line is cleared.
    let seen = |line: &str| line.rsplit(['\r']).next().unwrap().replace("\u{1b}[2K", "");
    text.lines().map(|line| seen(line) + "\n").collect()
}

/// The same without colours.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = escape
            .split_once(|c: char| c.is_ascii_alphabetic())
            .map_or("", |(_, after)| after);
    }
    plain + rest
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let sandbox = SandboxProcess::start(&[]);
    let id = link(&sandbox, "sbx-forged");
    let lines = [
        "advance demo --user-id sbx-forged",
        "advance doctor",
        "env -u ADVANCE_ACCESS_KEY -u ADVANCE_SECRET_KEY advance doctor",
        "advance token",
        "advance link --user-id sbx-nope",
        "advance link --qr --user-id sbx-ok",
        "advance sandbox scenarios",
        "advance sandbox clock --advance 90000; advance doctor; advance token; advance sandbox clock --real",
        &format!("advance result {id} nobody --reveal"),
        &format!("advance wait {id}"),
        &format!("advance inspect {REPLY}"),
    ];
    for columns in [80, 40] {
        for line in lines {
            let text = shown(&sandbox, columns, line);
            assert!(text.len() > 60, "{line}: {text}");
            for row in plain(&text).lines() {
                // What has no blank to break at is a name, a number or the link that was asked for.
                let breakable = row.trim().contains(' ');
                assert!(
                    row.width() <= columns || !breakable,
                    "{line}, {columns} columns: {row}\n{text}"
                );
            }
        }
    }
}

#[test]
fn a_link_is_whole_where_it_was_asked_for_and_cut_elsewhere() {
    let sandbox = SandboxProcess::start(&[]);
    let made = plain(&shown(&sandbox, 60, "advance link --user-id sbx-ok"));
    let (url, rest) = made.split_once("\n\n").unwrap();
    let id = rest
        .lines()
        .find_map(|line| line.strip_prefix("signatureId    "))
        .unwrap();
    assert_eq!(url, format!("{}/s/{id}", sandbox.base_url));
    assert!(crate::support::get(url).contains("<html") || crate::support::get(url).is_empty());

    let result = plain(&shown(&sandbox, 60, &format!("advance result --reveal {id}")));
    let picture = result.lines().find(|line| line.starts_with("  image ")).unwrap();
    assert!(
        picture.ends_with('…') && picture.contains("http://127.0.0.1"),
        "{picture}"
    );
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let sandbox = SandboxProcess::start(&[]);
    for line in [
        "NO_COLOR=1 advance doctor",
        "TERM=dumb advance doctor",
        "CI=true TERM=dumb advance doctor",
        "CI=true TERM=dumb advance doctor --help",
        "advance doctor | cat",
        "NO_COLOR=1 advance doctor --help",
    ] {
        let text = shown(&sandbox, 80, line);
        assert!(text.len() > 100 && !text.contains('\u{1b}'), "{line}: {text}");
    }
}

#[test]
fn ctrl_c_at_a_terminal_says_how_to_go_on() {
    let sandbox = SandboxProcess::start(&[]);
    let id = link(&sandbox, "sbx-never");
    let line = format!("advance wait {id} & sleep 1; kill -INT $!; wait $!; echo \"exit $?\"");
    let text = plain(&shown(&sandbox, 60, &line));
    assert!(
        text.contains("interrupted") && text.contains(&format!("advance wait {id}")),
        "{text}"
    );
    assert!(text.trim_end().ends_with("exit 130"), "{text}");
}

/// Numbers that differ from run to run, as those of a run that is shown.
fn settled(text: &str, sandbox: &SandboxProcess) -> String {
    let text = text.replace(&sandbox.base_url, "http://127.0.0.1:8080");
    let address = sandbox.base_url.strip_prefix("http://").unwrap();
    let text = text
        .replace(address, "127.0.0.1:8080")
        .replace("/nowhere/advance", "~/.config/advance");
    let mut ids = BTreeMap::new();
    let mut settled = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_id = bare.len() == 16 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id {
            let number = ids.len();
            let id = ids.entry(bare.to_owned()).or_insert_with(|| {
                format!(
                    "{:016x}",
                    0xf302_f5d2_454a_85c2_u64.wrapping_mul(2 * number as u64 + 1)
                )
            });
            settled += id;
            settled += &word[bare.len()..];
        } else {
            settled += word;
        }
    }
    let took = |text: String, before: &str| {
        let mut parts = text.split(before);
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |text, part| {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            format!(
                "{text}{before}{}{rest}",
                if rest.len() < part.len() && rest.starts_with(" ms)") {
                    "1"
                } else {
                    &part[..part.len() - rest.len()]
                }
            )
        })
    };
    took(settled, " (")
}

/// The session in the README is what the commands print. `SNAPSHOTS=overwrite cargo test -p advance-cli` records it anew.
#[test]
fn the_session_of_the_readme_is_what_is_printed() {
    let sandbox = SandboxProcess::start(&["--seed", "7"]);
    let lines = [
        "advance doctor",
        "advance link --user-id sbx-forged | advance wait -",
    ];
    let session = lines.map(|line| format!("\u{1b}[1m$ {line}\u{1b}[0m\n{}\n", shown(&sandbox, 80, line)));
    let session = settled(&session.concat(), &sandbox);
    snapbox::assert_data_eq!(
        snapbox::Data::from(session.trim_end().to_owned()).coerce_to(snapbox::data::DataFormat::TermSvg),
        snapbox::file!["../../session.term.svg"]
    );
}
