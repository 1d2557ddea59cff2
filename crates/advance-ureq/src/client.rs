//! The client in one line.

use std::hash::{BuildHasher as _, RandomState};

use advance_core::{Config, Credentials, Error};

use crate::UreqTransport;

/// The core's blocking client over this transport.
pub type Client = advance_core::Client<UreqTransport>;

/// A client over a new [`UreqTransport`], with entropy from the standard library.
///
/// To bring your own transport or entropy, use [`advance_core::Client::new`].
///
/// # Errors
/// Those of [`UreqTransport::new`].
pub fn client(config: Config, credentials: Credentials) -> Result<Client, Error> {
    // Its keys differ each time. They spread retries; no secret depends on them.
    let seed = RandomState::new().hash_one(());
    Ok(Client::new(UreqTransport::new()?, config, credentials, seed))
}
