//! A token kept for the next command, where only its owner can read it.

use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::PathBuf;

use advance_core::UnixMillis;
use etcetera::{BaseStrategy as _, choose_base_strategy};
use serde::{Deserialize, Serialize};

use crate::out::to_json;
use crate::problem::Problem;
use crate::stop::Stop;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    pub(super) token: String,
    pub(super) expired_time: u64,
}

/// A token that ends sooner is not worth keeping.
const LEFT: u64 = 60_000;

pub(super) struct Cache(PathBuf);

impl Cache {
    /// The file for this account at this host; its name gives neither away.
    pub(super) fn of(base_url: &str, access_key: &str) -> Result<Self, Stop> {
        let strategy = choose_base_strategy().map_err(|error| {
            Stop::from(Problem::usage("there is no home folder to keep a token in").caused_by(&error))
        })?;
        let mut hasher = DefaultHasher::new();
        (base_url, access_key).hash(&mut hasher);
        let name = format!("token-{:016x}.json", hasher.finish());
        Ok(Self(strategy.cache_dir().join("advance").join(name)))
    }

    /// The token that is kept, if it lives long enough to be of use.
    pub(super) fn read(&self, now: UnixMillis) -> Option<Kept> {
        let kept: Kept = serde_json::from_str(&fs::read_to_string(&self.0).ok()?).ok()?;
        (kept.expired_time > now.get().saturating_add(LEFT)).then_some(kept)
    }

    pub(super) fn keep(&self, kept: &Kept) -> Result<(), Stop> {
        let text = to_json(kept)?;
        self.write(&text).map_err(|error| {
            let message = format!("cannot keep the token in {}", self.0.display());
            Problem::local("file", message).caused_by(&error).into()
        })
    }

    /// It is never there with more rights than it shall have, nor half.
    fn write(&self, text: &str) -> std::io::Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let part = self.0.with_extension("part");
        let _ = fs::remove_file(&part);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&part)?.write_all(text.as_bytes())?;
        fs::rename(&part, &self.0)
    }
}
