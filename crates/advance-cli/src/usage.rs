//! A command line that is none. For a program, nothing of it is repeated: it may hold a key.

use std::env;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::out::{Out, Talk};
use crate::problem::Problem;
use crate::report;
use crate::stop::Stop;

/// Shows the help that was asked for, or says what is wrong.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    let json = error.use_stderr() && asks_for_json();
    let message = if is_stray_value(error) {
        // It may be a key that somebody tried to pass, so no reader gets to see it.
        "there is one argument too many; keys come from the environment and are never arguments".to_owned()
    } else if json {
        in_own_words(error)
    } else {
        error.exit()
    };
    let problem = Problem::usage(format!("{message}; see `advance --help`"));
    report::stop(&Stop::from(problem), &Out::new(json, Talk::Normal))
}

/// The option itself was never read, as the rest was not understood. What comes after `--` is a value.
fn asks_for_json() -> bool {
    env::args_os()
        .skip(1)
        .take_while(|word| word != "--")
        .any(|word| word == "--json")
}

/// Whether somebody wrote a bare word where none belongs.
fn is_stray_value(error: &clap::Error) -> bool {
    let word = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.as_str(),
        _ => return false,
    };
    error.kind() == ErrorKind::UnknownArgument && !word.starts_with("--")
}

/// What clap has to say, with the names that this program has given to its arguments and with no others.
fn in_own_words(error: &clap::Error) -> String {
    let mut text = error
        .kind()
        .as_str()
        .unwrap_or("the command line cannot be read")
        .to_owned();
    let named = match error.kind() {
        // That is what was typed.
        ErrorKind::UnknownArgument => None,
        _ => error.get(ContextKind::InvalidArg).and_then(list),
    };
    if let Some(names) = named {
        text += &format!(": {names}");
    }
    let among = |kinds: [ContextKind; 2]| kinds.into_iter().find_map(|kind| error.get(kind).and_then(list));
    if let Some(names) = among([ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]) {
        text += &format!("; did you mean {names}?");
    }
    if let Some(names) = among([ContextKind::ValidValue, ContextKind::ValidSubcommand]) {
        text += &format!("; it may be {names}");
    }
    text
}

fn list(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) if !words.is_empty() => Some(words.join(", ")),
        _ => None,
    }
}
