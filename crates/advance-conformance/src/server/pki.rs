//! Certificates, good and bad, made anew in every process.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// A name that resolves nowhere (RFC 6761): only a proxy leads there.
pub(crate) const BEHIND_A_PROXY: &str = "conformance.test";

/// A certificate with its key: who a TLS server says it is.
#[derive(Clone)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    config: Arc<ServerConfig>,
}

type Made<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Identity {
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Made<Self> {
        Self::with(certificate, key.serialize_der(), None)
    }

    /// The same, but it asks each client for a certificate of this authority.
    fn asking(self, authority: &CertificateDer<'static>) -> Made<Self> {
        Self::with(self.certificate, self.key, Some(authority))
    }

    fn with(
        certificate: CertificateDer<'static>,
        key: Vec<u8>,
        asks_for: Option<&CertificateDer<'static>>,
    ) -> Made<Self> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match asks_for {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.clone())?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.clone()));
        let config = builder.with_single_cert(vec![certificate.clone()], private)?;
        Ok(Self {
            certificate,
            key,
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
    root_pem: String,
    stranger: Vec<u8>,
    client: (String, String),
    /// Signed by the authority, for 127.0.0.1 and for the name that is reached through a proxy.
    pub good: Identity,
    /// The same, but over since 2001.
    pub expired: Identity,
    /// Signed by the authority, for another host.
    pub wrong_host: Identity,
    /// Signed by the authority, but an authority itself (`CA:TRUE`).
    pub authority: Identity,
    /// As `good`, and it asks each client for a certificate of the authority.
    pub asking: Identity,
    /// Signed by itself only.
    pub self_signed: Identity,
    /// Signed by an authority that the client was not told to trust.
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
            root_pem: trusted.pem(),
            good: signed(&named()?, &trusted)?,
            expired: signed(&expired, &trusted)?,
            wrong_host: signed(&elsewhere, &trusted)?,
            authority: signed(&above()?, &trusted)?,
            asking: signed(&here(), &trusted)?.asking(trusted.der())?,
            client: client(&trusted)?,
            stranger: stranger.der().to_vec(),
            self_signed: Identity::new(self_signed.der().clone(), &lonely)?,
            unknown_authority: signed(&here(), &stranger)?,
        })
    }

    /// The certificate of the authority, as DER: what a client under test is told to trust.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// The same in PEM, as a platform's bundle has it.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// The certificate of another authority, as DER, which signed nothing but `unknown_authority`.
    pub fn other_root(&self) -> &[u8] {
        &self.stranger
    }

    /// A client's certificate that the authority signed, and its key, both in PEM.
    pub fn client(&self) -> (&str, &str) {
        (&self.client.0, &self.client.1)
    }
}

/// A server that shows an authority's certificate, as homemade certificates often are.
fn above() -> Result<CertificateParams, rcgen::Error> {
    let mut params = named()?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(params)
}

fn client(authority: &Authority) -> Result<(String, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "conformance client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, authority)?.pem(), key.serialize_pem()))
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

/// The same server, by the name that only a proxy knows as well.
fn named() -> Result<CertificateParams, rcgen::Error> {
    let mut params = here();
    params
        .subject_alt_names
        .push(SanType::DnsName(BEHIND_A_PROXY.try_into()?));
    Ok(params)
}

fn signed(
    params: &CertificateParams,
    authority: &Authority,
) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Identity::new(certificate.der().clone(), &key)
}
