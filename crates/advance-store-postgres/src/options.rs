//! How a store is reached.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use advance_collector::{StoreError, StoreErrorKind};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use crate::connect::Connector;
use crate::{BlockingPostgresStore, PostgresStore};

/// How a store is reached: where, over what, with how many connections.
///
/// ```no_run
/// # async fn connect() -> Result<(), advance_collector::StoreError> {
/// use advance_store_postgres::PostgresOptions;
///
/// let store = PostgresOptions::new("postgresql://worker@db.example/kyc?sslmode=require")?.connect().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    config: Config,
    pub(crate) direct: Option<Config>,
    make: Option<Arc<Make>>,
    pub(crate) connections: NonZeroUsize,
    pub(crate) patience: Duration,
    pub(crate) migrates: bool,
    pub(crate) listens: bool,
}

/// Makes what connects by a configuration.
type Make = dyn Fn(Config) -> Connector + Send + Sync;

/// Four connections: as many as a worker of usual size has use for.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// No operation takes longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

impl PostgresOptions {
    /// Reaches the database at this connection string, of either form that libpq knows. With `sslmode=require` nothing goes
    /// over the network in the clear; certificates are verified whenever there is TLS.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] if it is none. It is not shown, for it may hold a password.
    pub fn new(connection_string: &str) -> Result<Self, StoreError> {
        Ok(Self::with_config(parse(connection_string)?))
    }

    /// Reaches the database of this configuration.
    pub fn with_config(config: Config) -> Self {
        Self {
            config,
            direct: None,
            make: None,
            connections: CONNECTIONS,
            patience: PATIENCE,
            migrates: true,
            listens: true,
        }
    }

    /// How many connections there are at the most, beside the one that listens: 4 unless told otherwise.
    #[must_use]
    pub const fn connections(mut self, limit: NonZeroUsize) -> Self {
        self.connections = limit;
        self
    }

    /// How long an operation may take, from its wait for a connection to its last answer: 10 s unless told otherwise.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Applies no migration: a person does, by the files of `migrations/`. A schema of another version is an error then.
    #[must_use]
    pub const fn without_migrations(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// Polls only: this process neither listens for nudges nor notifies others of its own. A nudge is noticed at the next
    /// look, 200 ms later at the most unless the [`Pace`](advance_collector::Pace) says otherwise.
    #[must_use]
    pub const fn without_listening(mut self) -> Self {
        self.listens = false;
        self
    }

    /// Listens for nudges over a connection of this string, past a proxy that pools transactions.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn listen_at(mut self, connection_string: &str) -> Result<Self, StoreError> {
        self.direct = Some(parse(connection_string)?);
        Ok(self)
    }

    /// TLS by this configuration: roots of the database's own, or a client certificate.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn tls(self, config: rustls::ClientConfig) -> Self {
        self.connector(tokio_postgres_rustls::MakeRustlsConnect::new(config))
    }

    /// TLS, or something in its place, by this connector.
    #[must_use]
    pub fn connector<T>(mut self, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        self.make = Some(Arc::new(move |config| Connector::new(config, tls.clone())));
        self
    }

    /// Opens the store, for tasks of the tokio runtime that this is called on.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`], `Denied` or `OtherVersion` above all.
    pub async fn connect(self) -> Result<PostgresStore, StoreError> {
        PostgresStore::open(&self).await
    }

    /// Opens the store, for threads.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_blocking(self) -> Result<BlockingPostgresStore, StoreError> {
        BlockingPostgresStore::open(self)
    }

    /// Makes connections for transactions, and those that listen.
    pub(crate) fn connectors(&self) -> Result<[Connector; 2], StoreError> {
        let config = self.prepared(&self.config);
        let direct = self.direct.as_ref().map(|direct| self.prepared(direct));
        let direct = direct.unwrap_or_else(|| config.clone());
        let make = match &self.make {
            Some(make) => Arc::clone(make),
            None => over_default_tls([&config, &direct])?,
        };
        Ok([make(config), make(direct)])
    }

    fn prepared(&self, config: &Config) -> Config {
        let mut config = config.clone();
        if config.get_application_name().is_none() {
            config.application_name("advance-collector");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(self.patience);
        }
        config
    }
}

fn parse(connection_string: &str) -> Result<Config, StoreError> {
    connection_string.parse().map_err(|_| {
        StoreError::new(StoreErrorKind::Other).with_source("the connection string cannot be understood")
    })
}

#[cfg(feature = "rustls")]
fn over_default_tls(configs: [&Config; 2]) -> Result<Arc<Make>, StoreError> {
    use tokio_postgres::NoTls;
    use tokio_postgres::config::SslMode;

    // A machine without root certificates can do without them where there is no TLS.
    let in_the_clear = |config: &Config| config.get_ssl_mode() == SslMode::Disable;
    if configs.into_iter().all(in_the_clear) {
        return Ok(Arc::new(|config| Connector::new(config, NoTls)));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(rustls_platform_verifier::BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error))?;
    let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls.with_no_client_auth());
    Ok(Arc::new(move |config| {
        if in_the_clear(&config) {
            Connector::new(config, NoTls)
        } else {
            Connector::new(config, tls.clone())
        }
    }))
}

#[cfg(not(feature = "rustls"))]
#[expect(clippy::unnecessary_wraps, reason = "the other half may fail")]
fn over_default_tls(_: [&Config; 2]) -> Result<Arc<Make>, StoreError> {
    Ok(Arc::new(|config| Connector::new(config, tokio_postgres::NoTls)))
}

impl fmt::Debug for PostgresOptions {
    /// Without the connection string, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("connections", &self.connections)
            .field("patience", &self.patience)
            .field("migrates", &self.migrates)
            .field("listens", &self.listens)
            .finish_non_exhaustive()
    }
}
