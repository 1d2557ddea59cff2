//! The settings file: TOML, with named profiles.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy as _, choose_base_strategy};
use serde::Deserialize;

use super::{Found, Name, Source, environment};
use crate::problem::Problem;
use crate::stop::Stop;

/// What a file may say, at its top for all profiles or in one of them.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    base_url: Option<String>,
    insecure_host: Option<String>,
    access_key: Option<String>,
    access_key_file: Option<String>,
    secret_key: Option<String>,
    secret_key_file: Option<String>,
    proxy: Option<String>,
    no_proxy: Option<String>,
    ca_file: Option<String>,
}

impl Values {
    fn get(&self, name: Name) -> Option<&str> {
        match name {
            Name::BaseUrl => &self.base_url,
            Name::InsecureHost => &self.insecure_host,
            Name::AccessKey => &self.access_key,
            Name::AccessKeyFile => &self.access_key_file,
            Name::SecretKey => &self.secret_key,
            Name::SecretKeyFile => &self.secret_key_file,
            Name::Proxy => &self.proxy,
            Name::NoProxy => &self.no_proxy,
            Name::CaFile => &self.ca_file,
        }
        .as_deref()
        .filter(|value| !value.is_empty())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    profile: Option<String>,
    #[serde(default)]
    all: Values,
    #[serde(default)]
    profiles: BTreeMap<String, Values>,
}

/// One profile on top of what holds for all.
pub(crate) struct Profile {
    path: PathBuf,
    exists: bool,
    name: Option<String>,
    contents: Contents,
}

impl Profile {
    /// The profile of this name, or the one that the environment or the file names, or what holds for all.
    pub(super) fn load(name: Option<&str>) -> Result<Self, Stop> {
        let (path, required) = place()?;
        let (contents, exists) = match fs::read_to_string(&path) {
            Ok(text) => (read(&path, &text)?, true),
            Err(error) if error.kind() == ErrorKind::NotFound && !required => (Contents::default(), false),
            Err(error) => {
                let message = format!("cannot read the settings in {}", path.display());
                return Err(Problem::usage(message).caused_by(&error).into());
            }
        };
        let named = match name {
            Some(name) => Some((name.to_owned(), "--profile")),
            None => environment("ADVANCE_PROFILE")?.map(|name| (name, "ADVANCE_PROFILE")),
        };
        let (name, by) = match named {
            Some((name, by)) => (Some(name), by),
            None => (contents.profile.clone(), "its own line `profile`"),
        };
        if let Some(name) = name
            .as_ref()
            .filter(|name| !contents.profiles.contains_key(*name))
        {
            let known: Vec<&str> = contents.profiles.keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            let path = path.display();
            return Err(Problem::usage(format!(
                "{path} has no profile {name}, which {by} asks for; it has: {known}"
            ))
            .into());
        }
        Ok(Self {
            path,
            exists,
            name,
            contents,
        })
    }

    pub(super) fn get(&self, name: Name) -> Option<Found> {
        let own = self.name.as_ref().and_then(|profile| {
            let value = self.contents.profiles.get(profile)?.get(name)?;
            Some((value, Some(profile.clone())))
        });
        let (value, profile) = own.or_else(|| Some((self.contents.all.get(name)?, None)))?;
        Some(Found {
            value: value.to_owned(),
            source: Source::File(self.path.clone(), profile),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn exists(&self) -> bool {
        self.exists
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Where the file is, and whether it must be there.
fn place() -> Result<(PathBuf, bool), Stop> {
    if let Some(path) = environment("ADVANCE_CONFIG")? {
        return Ok((path.into(), true));
    }
    // Without a home there is no file either.
    let folder = choose_base_strategy().map_or_else(|_| PathBuf::from("."), |strategy| strategy.config_dir());
    Ok((folder.join("advance").join("config.toml"), false))
}

/// Says which line is wrong. The line itself may hold a key.
fn read(path: &Path, text: &str) -> Result<Contents, Stop> {
    let contents: Contents = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        });
        let said = error.message();
        let what = if said.starts_with("unknown field") {
            said
        } else {
            "it is not TOML of the documented kind"
        };
        Problem::usage(format!(
            "{}, line {line}: {what}; `advance config --help` shows an example",
            path.display()
        ))
    })?;
    let secret = contents
        .profiles
        .values()
        .chain([&contents.all])
        .any(|values| values.secret_key.is_some());
    if secret && readable_by_others(path) {
        let path = path.display();
        return Err(Problem::usage(format!(
            "{path} holds a secret_key and others can read it; run `chmod 600 {path}`, or name a file of its own with secret_key_file"
        ))
        .into());
    }
    Ok(contents)
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}
