//! The keys, without asking anybody.

use advance_core::Credentials;

use super::report::Report;
use crate::settings::{Found, Settings};
use crate::stop::Stop;

const WHERE: &str = "copy it again from the Websaas Platform → Account → Account Management";

const NOT_SET: &str = "put both keys into these variables, or into a profile (`advance config --help`); without an account, \
                       `advance sandbox` has keys";

/// Both keys, if they can be sent.
pub(super) fn check(settings: &Settings, report: &mut Report<'_>) -> Result<Option<Credentials>, Stop> {
    let access_key = one("accessKey", "ADVANCE_ACCESS_KEY", settings.access_key(), report)?;
    let secret_key = one("secretKey", "ADVANCE_SECRET_KEY", settings.secret_key(), report)?;
    let (Some(access_key), Some(secret_key)) = (access_key, secret_key) else {
        return Ok(None);
    };
    if access_key.value == secret_key.value {
        report.failure("keys", "accessKey and secretKey are the same", WHERE)?;
        return Ok(None);
    }
    let says = |key: &Found, word: &str| key.value.to_ascii_lowercase().contains(word);
    if says(&access_key, "secret") && says(&secret_key, "access") {
        report.failure(
            "keys",
            "accessKey and secretKey seem to be swapped, by what they contain",
            "swap them",
        )?;
        return Ok(None);
    }
    match Credentials::new(access_key.value, secret_key.value) {
        Ok(credentials) => Ok(Some(credentials)),
        Err(error) => {
            report.failure("keys", &crate::problem::rule(&error), WHERE)?;
            Ok(None)
        }
    }
}

fn one(
    name: &'static str,
    variable: &str,
    found: Result<Option<Found>, Stop>,
    report: &mut Report<'_>,
) -> Result<Option<Found>, Stop> {
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => {
            report.failure(name, &format!("it is not set (by {variable})"), NOT_SET)?;
            return Ok(None);
        }
        Err(Stop::Problem(problem)) => {
            report.failure(name, problem.message(), "mend the setting")?;
            return Ok(None);
        }
        Err(stop) => return Err(stop),
    };
    let source = &found.source;
    if let Some(flaw) = flaw(&found.value) {
        report.failure(name, &format!("{flaw} (from {source})"), WHERE)?;
        return Ok(None);
    }
    report.ok(name, &format!("{} characters (from {source})", found.value.len()))?;
    Ok(Some(found))
}

/// What happens to keys on their way from a page to a variable.
fn flaw(key: &str) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    let quoted = |quote: char| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote);
    if key.starts_with('\u{feff}') {
        Some("it begins with a byte order mark, which an editor put there")
    } else if key.ends_with(['\n', '\r']) {
        Some("it ends with a line break")
    } else if key.trim() != key {
        Some("it has blanks around it")
    } else if quoted('"') || quoted('\'') || key.starts_with(['“', '‘']) {
        Some("it has quotes around it")
    } else if key.contains(char::is_whitespace) {
        Some("it has blanks in it")
    } else if !key.is_ascii() {
        Some("it has characters that no key has")
    } else if placeholder(&lower) {
        Some("it is a placeholder, as examples have it")
    } else {
        None
    }
}

fn placeholder(lower: &str) -> bool {
    let bracketed = lower.starts_with(['<', '$', '{', '%']) || lower.contains("...");
    let words = ["your", "changeme", "placeholder", "todo", "example", "insert"];
    let one_letter = lower.len() > 2 && lower.chars().all(|c| c == 'x' || c == '*');
    bracketed || one_letter || words.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_keys_is_named() {
        for (key, named) in [
            ("\u{feff}abc", "byte order mark"),
            ("abc\n", "line break"),
            (" abc", "around"),
            ("\"abc\"", "quotes"),
            ("“abc”", "quotes"),
            ("a bc", "in it"),
            ("abç", "characters"),
            ("YOUR_ACCESS_KEY", "placeholder"),
            ("<accessKey>", "placeholder"),
            ("xxxxxxxx", "placeholder"),
            ("$KEY", "placeholder"),
        ] {
            assert!(flaw(key).unwrap().contains(named), "{key:?}");
        }
        assert_eq!(flaw("sampleaccesskey"), None);
        assert_eq!(flaw("0f9d3c"), None);
    }
}
