//! Where pending verifications are kept.

use std::path::PathBuf;
use std::sync::Arc;

use advance_collector::outbox::Outbox;
use advance_collector::{Store, StoreError};
use advance_store_sqlite::SqliteStore;

#[cfg(feature = "postgres")]
use super::postgres::Database;
use crate::net::collect::Kept;
use crate::problem::Problem;
use crate::service::ledger::Ledger;
use crate::settings::environment;
use crate::stop::Stop;

/// The option that every task has.
#[derive(clap::Args, Clone)]
pub(super) struct Place {
    // Not clap's `env`: to that, an empty variable is a value. And no parser of clap's: it shows a value that is wrong, which may
    // hold a password.
    /// Where they are kept: sqlite: and a path, or a database as postgres://USER@HOST/NAME, whose password is that of
    /// PGPASSWORD [env: ADVANCE_STORE]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

const VARIABLE: &str = "ADVANCE_STORE";

/// A place, as it was given.
enum At {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Database(Box<Database>),
}

impl At {
    /// Says how a place is given if this is none, and not what was given.
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => Database::parse(text).map(Box::new).map(Self::Database),
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => {
                Err("must be sqlite: and a path: this program was built without feature postgres")
            }
            _ => Err("must be sqlite: and a path, such as sqlite:pending.db, or postgres://USER@HOST/NAME"),
        }
    }
}

impl Place {
    fn at(&self) -> Result<At, Stop> {
        let (text, whence) = match &self.store {
            Some(text) => (text.clone(), "--store"),
            None => (environment(VARIABLE)?.unwrap_or_default(), VARIABLE),
        };
        if self.store.is_none() && text.is_empty() {
            let hint = "say --store sqlite:pending.db, or put it into ADVANCE_STORE";
            return Err(Problem::usage("where the verifications are kept is not said")
                .hint(hint)
                .into());
        }
        At::parse(&text).map_err(|rule| Problem::usage(format!("{whence} {rule}")).into())
    }

    /// Opens the store, and makes it if it is not there.
    pub(super) fn open(&self) -> Result<Kept, Stop> {
        match self.at()? {
            At::File(path) => Ok(Kept::file(SqliteStore::open(&path).map_err(failed)?)),
            #[cfg(feature = "postgres")]
            At::Database(database) => database.open(),
        }
    }

    /// Opens a store that has to be there.
    pub(super) fn open_existing(&self) -> Result<Arc<dyn Store>, Stop> {
        match self.at()? {
            At::File(path) if !path.exists() => {
                let message = format!("there is no store at {}", path.display());
                Err(Problem::usage(message)
                    .hint("`advance collect add` makes one")
                    .into())
            }
            At::File(path) => Ok(Arc::new(SqliteStore::open(&path).map_err(failed)?)),
            #[cfg(feature = "postgres")]
            At::Database(database) => database.open_existing(),
        }
    }

    /// The file where letters and links are kept as well.
    pub(super) fn file(&self) -> Result<PathBuf, Stop> {
        match self.at()? {
            At::File(path) => Ok(path),
            #[cfg(feature = "postgres")]
            At::Database(_) => Err(needs_file()),
        }
    }

    /// Opens what a service keeps beside the verifications, if there is a file for it.
    pub(super) fn beside(&self) -> Result<Option<Beside>, Stop> {
        if !matches!(self.at()?, At::File(_)) {
            return Ok(None);
        }
        Ok(Some(Beside {
            outbox: self.outbox()?,
            ledger: Arc::new(self.ledger()?),
        }))
    }

    /// Opens the outbox, which is that of the store.
    pub(super) fn outbox(&self) -> Result<Arc<dyn Outbox>, Stop> {
        // A connection of its own: what is collected and what is delivered do not wait for each other.
        SqliteStore::open(self.file()?)
            .map(|store| Arc::new(store) as Arc<dyn Outbox>)
            .map_err(failed)
    }

    /// Opens what is kept of links that were made, which is in the same file.
    pub(super) fn ledger(&self) -> Result<Ledger, Stop> {
        Ledger::open(&self.file()?).map_err(failed)
    }
}

/// What a service keeps in the file of the store: webhooks, and links that were made.
pub(super) struct Beside {
    pub(super) outbox: Arc<dyn Outbox>,
    pub(super) ledger: Arc<Ledger>,
}

/// There is no such file.
pub(super) fn needs_file() -> Stop {
    let hint = "with Postgres, `advance collect run` prints outcomes, and they stay in the table advance_verification";
    Problem::usage("webhooks, the intake and the monitor need a store that is an SQLite file")
        .hint(hint)
        .into()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: StoreError) -> Stop {
    let problem = Problem::local("store", error.to_string());
    match std::error::Error::source(&error) {
        Some(source) => problem.caused_by(source).into(),
        None => problem.into(),
    }
}
