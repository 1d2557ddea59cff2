//! The platform's judgement of certificates, with its roots loaded when the first handshake needs them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// A container without certificates can make a client, and use it for plain http to itself. A failed load is tried again
/// at the next handshake, so a machine that gets its certificates later heals.
pub(super) struct LazyVerifier {
    added: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    platform: OnceLock<Verifier>,
}

impl LazyVerifier {
    pub(super) fn new(added: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Self {
        Self {
            added,
            provider,
            platform: OnceLock::new(),
        }
    }

    fn platform(&self) -> Result<&Verifier, Error> {
        if let Some(verifier) = self.platform.get() {
            return Ok(verifier);
        }
        let verifier = load(&self.added, &self.provider)?;
        Ok(self.platform.get_or_init(|| verifier))
    }
}

#[cfg(not(target_os = "android"))]
fn load(added: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Result<Verifier, Error> {
    Verifier::new_with_extra_roots(added.iter().cloned(), Arc::clone(provider))
}

/// Android's verifier takes no roots beside its own; [`super::config`] refuses them.
#[cfg(target_os = "android")]
fn load(_: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Result<Verifier, Error> {
    Verifier::new(Arc::clone(provider))
}

impl ServerCertVerifier for LazyVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.platform()?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for LazyVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyVerifier").finish_non_exhaustive()
    }
}
