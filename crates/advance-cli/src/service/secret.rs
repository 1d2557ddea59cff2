//! Secrets of the service: from the environment or a file, read again on SIGHUP, and never from an argument.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use advance_webhook::Secrets;
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;
use crate::settings::environment;
use crate::stop::Stop;

/// Where a secret comes from.
#[derive(Clone)]
pub(crate) enum Source {
    Environment(&'static str),
    File(PathBuf),
}

impl Source {
    /// The file of the option, else the variable, else the file that another variable names.
    pub(crate) fn find(
        file: Option<&Path>,
        variable: &'static str,
        names_file: &'static str,
    ) -> Result<Option<Self>, Stop> {
        if let Some(file) = file {
            return Ok(Some(Self::File(file.to_owned())));
        }
        if environment(variable)?.is_some() {
            return Ok(Some(Self::Environment(variable)));
        }
        Ok(environment(names_file)?.map(|file| Self::File(file.into())))
    }

    /// Whether it may be another one when it is read again. The environment of a process is what it began with.
    pub(crate) const fn may_change(&self) -> bool {
        matches!(self, Self::File(_))
    }

    pub(crate) fn read(&self) -> Result<String, Stop> {
        match self {
            Self::Environment(name) => Ok(environment(name)?.unwrap_or_default()),
            Self::File(path) => fs::read_to_string(path).map_err(|error| {
                let message = format!("cannot read the secret in {}", path.display());
                Problem::usage(message).caused_by(&error).into()
            }),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Environment(name) => (*name).to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The secrets that sign webhooks.
    pub(crate) fn secrets(&self) -> Result<Secrets, Stop> {
        Secrets::parse(&self.read()?)
            .map_err(|error| Problem::usage(format!("{error} (it came from {})", self.name())).into())
    }

    /// The key of the intake.
    pub(crate) fn key(&self) -> Result<Key, Stop> {
        Key::new(self.read()?.trim_end_matches(['\r', '\n'])).map_err(|rule| {
            Problem::usage(format!("the intake's key {rule} (it came from {})", self.name())).into()
        })
    }
}

/// The intake's key. Only its hash is kept, so that comparing says nothing of where a difference is. Clones are the same.
#[derive(Clone)]
pub(crate) struct Key(Arc<RwLock<[u8; 32]>>);

impl Key {
    pub(crate) fn new(text: &str) -> Result<Self, &'static str> {
        if text.len() < 16 {
            return Err("must have at least 16 characters: openssl rand -hex 24 makes one");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be visible ASCII characters on one line");
        }
        Ok(Self(Arc::new(RwLock::new(hash(text)))))
    }

    pub(crate) fn is(&self, given: &str) -> bool {
        *self.0.read().unwrap_or_else(PoisonError::into_inner) == hash(given)
    }

    /// Takes the place of the one before it, for all clones.
    pub(crate) fn change(&self, other: &Self) {
        let other = *other.0.read().unwrap_or_else(PoisonError::into_inner);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other;
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
