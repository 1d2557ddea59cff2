//! A certificate of the sandbox's own, by an authority that is thrown away with it.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::start_error::StartError;

/// A server's side of TLS, and the authority that clients have to trust, as PEM.
pub(super) struct Certificate {
    pub(super) acceptor: TlsAcceptor,
    pub(super) authority: String,
}

/// A certificate for these names and addresses.
pub(super) fn make(names: &[String]) -> Result<Certificate, StartError> {
    let issuer = authority().map_err(|error| StartError::Tls(error.to_string()))?;
    let key = KeyPair::generate().map_err(|error| StartError::Tls(error.to_string()))?;
    let signed = params(names)
        .and_then(|params| params.signed_by(&key, &issuer))
        .map_err(|error| StartError::Tls(error.to_string()))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![signed.der().clone()], key)
        })
        .map_err(|error| StartError::Tls(error.to_string()))?;
    Ok(Certificate {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        authority: issuer.pem(),
    })
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(
        DnType::CommonName,
        "advance sandbox, not to be trusted by anything but tests",
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn params(names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.use_authority_key_identifier_extension = true;
    for name in names {
        let name = match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        };
        params.subject_alt_names.push(name);
    }
    Ok(params)
}
