//! Where pending verifications are kept.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use advance_collector::StoreError;
use advance_collector::outbox::Outbox;
use advance_store_sqlite::SqliteStore;

use crate::problem::Problem;
use crate::service::ledger::Ledger;
use crate::settings::environment;
use crate::stop::Stop;

/// The option that every task has.
#[derive(clap::Args, Clone)]
pub(super) struct Place {
    // Not clap's `env`: to that, an empty variable is a value.
    /// Where they are kept: sqlite: and a path [env: ADVANCE_STORE]
    #[arg(long, value_name = "sqlite:PATH")]
    store: Option<At>,
}

const VARIABLE: &str = "ADVANCE_STORE";

#[derive(Clone)]
struct At(PathBuf);

impl FromStr for At {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("sqlite:") {
            Some("") | None => Err("must be sqlite: and a path, such as sqlite:pending.db"),
            Some(path) => Ok(Self(path.into())),
        }
    }
}

impl Place {
    /// Opens the store, and makes it if it is not there.
    pub(super) fn open(&self) -> Result<SqliteStore, Stop> {
        SqliteStore::open(&self.file()?).map_err(failed)
    }

    /// The file where letters and links are kept as well.
    pub(super) fn file(&self) -> Result<PathBuf, Stop> {
        if let Some(At(path)) = &self.store {
            return Ok(path.clone());
        }
        let Some(text) = environment(VARIABLE)? else {
            let hint = "say --store sqlite:pending.db, or put it into ADVANCE_STORE";
            return Err(Problem::usage("where the verifications are kept is not said")
                .hint(hint)
                .into());
        };
        match text.parse() {
            Ok(At(path)) => Ok(path),
            Err(rule) => Err(Problem::usage(format!("{VARIABLE} {rule}")).into()),
        }
    }

    /// Opens the outbox, which is that of the store.
    pub(super) fn outbox(&self) -> Result<Arc<dyn Outbox>, Stop> {
        // A connection of its own: what is collected and what is delivered do not wait for each other.
        Ok(Arc::new(self.open()?))
    }

    /// Opens what is kept of links that were made, which is in the same file.
    pub(super) fn ledger(&self) -> Result<Ledger, Stop> {
        Ledger::open(&self.file()?).map_err(failed)
    }

    /// Opens a store that has to be there.
    pub(super) fn open_existing(&self) -> Result<SqliteStore, Stop> {
        let file = self.file()?;
        if !file.exists() {
            let message = format!("there is no store at {}", file.display());
            return Err(Problem::usage(message)
                .hint("`advance collect add` makes one")
                .into());
        }
        self.open()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: StoreError) -> Stop {
    let problem = Problem::local("store", error.to_string());
    match std::error::Error::source(&error) {
        Some(source) => problem.caused_by(source).into(),
        None => problem.into(),
    }
}
