//! The crypto provider of rustls: the only file of the transports that names one.

use rustls::crypto::{CryptoProvider, ring};

/// The provider of our own clients: *ring*, which builds without cmake.
pub fn provider() -> CryptoProvider {
    ring::default_provider()
}

/// Installs *ring* as the process's default provider, unless there is one.
///
/// Our own clients name their provider and do not need it; others do, because of us. reqwest's feature that we turn on
/// makes an application's own `reqwest::Client::new()` panic where there is no default. And *ring* beside a provider that
/// another crate turned on makes `rustls::ClientConfig::builder()` panic, for rustls will not choose between two.
///
/// Every constructor of a transport does this. An application that makes a client of its own before that calls it first.
/// One that wants another provider installs that one at its start: what is there stays.
pub fn install_default_provider() {
    if CryptoProvider::get_default().is_none() {
        // A lost race means that there is one now.
        let _ = provider().install_default();
    }
}
