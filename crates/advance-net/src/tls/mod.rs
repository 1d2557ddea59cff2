//! The settings of TLS.

#[cfg(feature = "rustls")]
mod config;
mod hint;
mod pem;
#[cfg(feature = "rustls")]
mod provider;
#[cfg(feature = "rustls")]
mod verifier;

use std::fmt;

use advance_core::transport::{Failure, FailureKind, Sent};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

pub use hint::{HTTP2_ONLY, Hinted};
#[cfg(feature = "rustls")]
pub use {
    config::rustls_config,
    hint::remedy,
    provider::{install_default_provider, provider},
};

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// What TLS is to be like. Empty means: the platform's roots, no certificate of our own, every safe version.
#[derive(Default)]
pub struct Tls {
    roots: Vec<CertificateDer<'static>>,
    only: bool,
    identity: Option<Identity>,
    pub(crate) min: Option<TlsVersion>,
    pub(crate) max: Option<TlsVersion>,
    #[cfg(feature = "rustls")]
    pub(crate) preconfigured: Option<Box<rustls::ClientConfig>>,
}

/// A certificate of our own.
pub struct Identity {
    /// Leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's.
    pub key: PrivateKeyDer<'static>,
}

impl Tls {
    pub(crate) fn add_roots(&mut self, text: &[u8]) -> Result<(), Failure> {
        let certificates = pem::certificates(text)
            .ok_or_else(|| refused("a root certificate is neither PEM with a certificate nor DER"))?;
        self.roots.extend(certificates);
        Ok(())
    }

    pub(crate) fn only_roots(&mut self, text: &[u8]) -> Result<(), Failure> {
        self.only = true;
        self.add_roots(text)
    }

    pub(crate) fn identity(&mut self, chain: &[u8], key: &[u8]) -> Result<(), Failure> {
        let chain = pem::certificates(chain)
            .ok_or_else(|| refused("the identity's certificate is neither PEM with a certificate nor DER"))?;
        let key = pem::private_key(key).ok_or_else(|| {
            refused("the identity's private key is not PEM with a key that is not encrypted")
        })?;
        self.identity = Some(Identity { chain, key });
        Ok(())
    }

    /// The authorities that were named.
    pub fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    /// Whether no other authority is to be trusted.
    pub fn only_these_roots(&self) -> bool {
        self.only
    }

    /// The certificate of our own.
    pub fn own(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Whether TLS of this version may be spoken.
    pub fn allows(&self, version: TlsVersion) -> bool {
        self.min.is_none_or(|min| version >= min) && self.max.is_none_or(|max| version <= max)
    }

    /// The lowest and the highest version that was named.
    pub fn versions(&self) -> (Option<TlsVersion>, Option<TlsVersion>) {
        (self.min, self.max)
    }

    /// Whether nothing was said.
    pub fn is_default(&self) -> bool {
        self.roots.is_empty()
            && !self.only
            && self.identity.is_none()
            && self.min.is_none()
            && self.max.is_none()
    }
}

/// A setting that cannot be kept.
pub fn refused(why: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Tls, Sent::No).with_source(why.into())
}

/// Nothing of the key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("roots", &self.roots.len())
            .field("only_these_roots", &self.only)
            .field("identity", &self.identity.is_some())
            .field("versions", &self.versions())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}
