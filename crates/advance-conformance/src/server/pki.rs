//! Certificates, good and bad, made anew in every process.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, SanType,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate with its key: who a TLS server says it is.
#[derive(Clone)]
pub struct Identity {
    config: Arc<ServerConfig>,
}

impl Identity {
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Result<Self, rustls::Error> {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        Ok(Self {
            config: Arc::new(config),
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// An authority to trust, and servers that deserve it or do not.
#[derive(Debug)]
pub struct Pki {
    root: Vec<u8>,
    /// Signed by the authority, for 127.0.0.1.
    pub good: Identity,
    /// The same, but over since 2001.
    pub expired: Identity,
    /// Signed by the authority, for another host.
    pub wrong_host: Identity,
    /// Signed by nobody but itself.
    pub self_signed: Identity,
    /// Signed by an authority that nobody told the client to trust.
    pub unknown_authority: Identity,
}

impl Pki {
    /// Makes all of them.
    ///
    /// # Errors
    /// What the crypto library says, if it can make no key.
    pub fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let trusted = authority("conformance root")?;
        let stranger = authority("nobody's root")?;
        let mut expired = here();
        expired.not_before = date_time_ymd(2000, 1, 1);
        expired.not_after = date_time_ymd(2001, 1, 1);
        let mut elsewhere = CertificateParams::default();
        elsewhere.subject_alt_names = vec![SanType::DnsName("elsewhere.example".try_into()?)];
        let lonely = KeyPair::generate()?;
        let self_signed = here().self_signed(&lonely)?;
        Ok(Self {
            root: trusted.der().to_vec(),
            good: signed(&here(), &trusted)?,
            expired: signed(&expired, &trusted)?,
            wrong_host: signed(&elsewhere, &trusted)?,
            self_signed: Identity::new(self_signed.der().clone(), &lonely)?,
            unknown_authority: signed(&here(), &stranger)?,
        })
    }

    /// The certificate of the authority, as DER: what a client under test is told to trust.
    pub fn root(&self) -> &[u8] {
        &self.root
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

/// A server of this machine.
fn here() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
    params
}

fn signed(
    params: &CertificateParams,
    authority: &Authority,
) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Ok(Identity::new(certificate.der().clone(), &key)?)
}
