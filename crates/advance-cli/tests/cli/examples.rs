//! Every example in the help, the manual pages and the README is run, in a folder of its own, against a sandbox.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{SandboxProcess, advance, link, run, with_keys};

/// That of the sample keys at the time that the help names.
const SIGNATURE: &str = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5";

/// All commands, with those below them, as the help of each lists them.
fn commands() -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while let Some(command) = all.get(at).cloned() {
        at += 1;
        let text = help(&command, "200");
        let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| line.starts_with("  ")) {
            let name = line[2..].split_whitespace().next().unwrap();
            // A long description goes on below, further in.
            if name != "help" && !line.starts_with("   ") {
                all.push([&command[..], &[name.to_owned()]].concat());
            }
        }
    }
    assert!(all.len() > 30, "{all:?}");
    all
}

/// The help of a command.
fn help(command: &[String], columns: &str) -> String {
    let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    run(advance(&words).env("COLUMNS", columns)).succeeded().stdout
}

/// The lines below `Examples:`.
fn examples(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("Examples:"))
        .skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

fn from_help() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for command in commands() {
        let found = examples(&help(&command, "200"));
        assert!(
            command.len() == 2 || !found.is_empty(),
            "{command:?} has no example"
        );
        all.extend(found);
    }
    all
}

/// The lines of the README's shell blocks that call this program.
fn from_readme() -> BTreeSet<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let mut inside = false;
    let mut all = BTreeSet::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.starts_with("advance ") {
            all.insert(line.split(" #").next().unwrap().trim().to_owned());
        }
    }
    assert!(all.len() > 3, "{all:?}");
    all
}

#[test]
fn each_example_works() {
    let sandbox = SandboxProcess::start(&[]);
    let folder = TempDir::new().unwrap();
    let id = link(&sandbox, "sbx-ok");
    let unfinished = link(&sandbox, "somebody");
    fs::write(folder.path().join("ids.txt"), &id).unwrap();
    fs::write(folder.path().join("customers.csv"), format!("name,id\nA,{id}\n")).unwrap();
    let reply = include_str!("../../../advance-core/fixtures/get-result.success.json");
    fs::write(folder.path().join("reply.json"), reply).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_advance"), folder.path().join("advance")).unwrap();
    let mut all: Vec<String> = from_help().union(&from_readme()).cloned().collect();
    // What changes how the verification ended comes late, and what forgets everything last.
    all.sort_by_key(|example| (example.contains(" reset"), example.contains(" finish")));
    assert!(all.len() > 30, "{all:?}");
    for example in all {
        // It serves until it is told to end, which other tests see.
        if example == "advance sandbox" || example.starts_with("advance sandbox --listen") {
            continue;
        }
        // What comes from the network is put in its place.
        let line = example
            .replace("curl -i https://api.advance.ai/", "cat reply.json")
            .replace("finish SIGNATURE_ID", &format!("finish {unfinished}"))
            .replace("SIGNATURE_ID", &id)
            .replace("--check SIGNATURE", &format!("--check {SIGNATURE}"));
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(&line)
            .current_dir(folder.path())
            .env("PATH", &path);
        for (name, value) in with_keys(&[]).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let output = shell.env("ADVANCE_BASE_URL", &sandbox.base_url).output().unwrap();
        let ends = output.status.code().unwrap();
        assert_eq!(ends, 0, "{example}: {output:?}");
        for restore in [
            &["sandbox", "fault", "--clear"][..],
            &["sandbox", "clock", "--real"],
        ] {
            run(with_keys(restore).env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
        }
    }
}

#[test]
fn manual_pages_are_written_for_each_command_and_say_the_same() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    run(&mut advance(&["man", "--dir", dir])).succeeded();
    for command in commands() {
        let name = format!("advance-{}", command.join("-"));
        let name = name.trim_end_matches('-');
        let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
        for example in examples(&help(&command, "200")) {
            let shown = example.replace('-', "\\-");
            assert!(
                page.contains(&shown) || page.contains(&example),
                "{name}: {example}"
            );
        }
    }
}

#[test]
fn completions_are_there_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&mut advance(&["completions", shell])).succeeded().stdout;
        assert!(script.contains("exit-status"), "{shell}");
    }
}

#[test]
fn help_fits_a_terminal_of_eighty_columns_and_tells_the_exit_status() {
    for command in commands() {
        let narrow = help(&command, "80");
        for line in narrow.lines().filter(|line| !line.starts_with("Usage:")) {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
        // An example that is broken cannot be copied.
        assert_eq!(examples(&narrow), examples(&help(&command, "200")), "{command:?}");
    }
    let help = help(&[], "80");
    assert!(
        help.contains("130  interrupted") && !help.contains('\u{1b}'),
        "{help}"
    );
    let version = run(&mut advance(&["--version"])).succeeded().stdout;
    assert!(
        version.starts_with(concat!("advance ", env!("CARGO_PKG_VERSION"))) && version.contains('-'),
        "{version}"
    );
}
