//! Verifications in a Postgres database, for workers on many machines.

use std::sync::Arc;

use advance_collector::{Store, StoreErrorKind};
use advance_store_postgres::PostgresOptions;
use advance_store_postgres::tokio_postgres::Config;

use super::store::failed;
use crate::net::collect::Kept;
use crate::problem::Problem;
use crate::settings::environment;
use crate::stop::Stop;

/// The variable that libpq has for it: on a command line others would see it.
const PASSWORD: &str = "PGPASSWORD";

/// A database, as it was given.
pub(super) struct Database(Config);

impl Database {
    /// A URL, or `postgres:` and what libpq calls a connection string. The error does not show what was given.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let is_url = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        let string = if is_url {
            text
        } else {
            text.split_once(':').map_or("", |(_, string)| string)
        };
        let config: Option<Config> = string.parse().ok();
        config
            .filter(|config| !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty())
            .map(Self)
            .ok_or(
                "must be a database such as postgres://worker@db.example/kyc?sslmode=require, or \
                 postgres:host=/run/postgresql dbname=kyc",
            )
    }

    /// Opens the store, and makes its tables or brings them up to date if that is needed.
    pub(super) fn open(self) -> Result<Kept, Stop> {
        Kept::database(self.options()?).map_err(failed)
    }

    /// Opens a store whose tables have to be there.
    pub(super) fn open_existing(self) -> Result<Arc<dyn Store>, Stop> {
        let options = self.options()?.without_migrations().without_listening();
        match options.connect_blocking() {
            Ok(store) => Ok(Arc::new(store)),
            Err(error) if error.kind() == StoreErrorKind::OtherVersion => {
                let problem = Problem::local("store", error.to_string()).caused_by(&error);
                let hint = "`advance collect add` and `run` make the tables, or bring them to this version";
                Err(problem.hint(hint).into())
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn options(mut self) -> Result<PostgresOptions, Stop> {
        if self.0.get_password().is_none()
            && let Some(password) = environment(PASSWORD)?
        {
            self.0.password(password);
        }
        Ok(PostgresOptions::with_config(self.0))
    }
}
