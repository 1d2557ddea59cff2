//! Settings from the environment, under the names that the command-line tool has.
//!
//! | variable | |
//! |---|---|
//! | `ADVANCE_BASE_URL` | where the API lives; plain `http` for this very machine alone |
//! | `ADVANCE_INSECURE_HOST` | the one other host that is reached over plain `http`: a sandbox's |
//! | `ADVANCE_ACCESS_KEY`, `ADVANCE_SECRET_KEY` | the keys |
//! | `ADVANCE_ACCESS_KEY_FILE`, `ADVANCE_SECRET_KEY_FILE` | files with one key each, as containers mount secrets; the variables above go first |
//!
//! An empty variable counts as none. Proxies and certificates are the transport's: see [`Builder`](crate::Builder).

use std::env::{self, VarError};
use std::fs;

use advance_core::{Config, Credentials, Error};

/// The configuration that the environment has, or the default.
///
/// # Errors
/// [`ErrorKind::Invalid`](advance_core::ErrorKind::Invalid) where a value breaks a rule.
pub fn config() -> Result<Config, Error> {
    Config::from_vars(var)
}

/// The keys that the environment has.
///
/// # Errors
/// [`ErrorKind::Invalid`](advance_core::ErrorKind::Invalid), naming the variable or the key and the rule, never the value.
pub fn credentials() -> Result<Credentials, Error> {
    Credentials::from_vars(|name| match var(name)? {
        Some(key) if !key.is_empty() => Ok(Some(key)),
        _ => key_file(name),
    })
}

fn var(name: &str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::invalid(known(name), "is not valid text; copy it again")),
    }
}

/// A file with one key, and the line break that editors put at the end.
fn key_file(name: &str) -> Result<Option<String>, Error> {
    let named = if name == "ADVANCE_ACCESS_KEY" {
        "ADVANCE_ACCESS_KEY_FILE"
    } else {
        "ADVANCE_SECRET_KEY_FILE"
    };
    let Some(path) = var(named)?.filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let mut key = fs::read_to_string(path).map_err(|error| {
        Error::invalid(
            named,
            format_args!("names a file that cannot be read ({})", error.kind()),
        )
    })?;
    if key.ends_with('\n') {
        key.pop();
        if key.ends_with('\r') {
            key.pop();
        }
    }
    if key.is_empty() {
        return Err(Error::invalid(named, "names a file that is empty"));
    }
    Ok(Some(key))
}

/// The name as an error repeats it.
fn known(name: &str) -> &'static str {
    const NAMES: [&str; 6] = [
        "ADVANCE_BASE_URL",
        "ADVANCE_INSECURE_HOST",
        "ADVANCE_ACCESS_KEY",
        "ADVANCE_SECRET_KEY",
        "ADVANCE_ACCESS_KEY_FILE",
        "ADVANCE_SECRET_KEY_FILE",
    ];
    NAMES
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("a variable")
}
