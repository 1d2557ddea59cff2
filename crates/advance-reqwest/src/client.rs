//! The client in one line.

use std::hash::{BuildHasher as _, RandomState};

use advance_core::{Config, Credentials, Error};
use advance_net::env;

use crate::ReqwestTransport;

/// The core's async client over this transport.
pub type Client = advance_core::AsyncClient<ReqwestTransport>;

/// A client over a new [`ReqwestTransport`], with entropy from the standard library.
///
/// To bring your own transport or entropy, use [`advance_core::AsyncClient::new`].
///
/// # Errors
/// Those of [`ReqwestTransport::new`].
pub fn client(config: Config, credentials: Credentials) -> Result<Client, Error> {
    // Its keys differ each time. They spread retries; no secret depends on them.
    let seed = RandomState::new().hash_one(());
    Ok(Client::new(ReqwestTransport::new()?, config, credentials, seed))
}

/// A client as the environment says, under the names that the command-line tool has; see [`env`](crate::env).
///
/// # Errors
/// Those of [`ReqwestTransport::new`], and [`ErrorKind::Invalid`](advance_core::ErrorKind::Invalid) where a variable breaks a rule
/// or a key is missing.
pub fn from_env() -> Result<Client, Error> {
    client(env::config()?, env::credentials()?)
}
