//! rustls with *ring* and the platform's root certificates, for this client alone.

use std::sync::Arc;

use advance_core::{Failure, FailureKind, Sent};
use rustls::ClientConfig;
use rustls::crypto::ring;

/// Names its provider, so the process-wide default is neither needed nor touched.
pub(crate) fn config() -> Result<ClientConfig, Failure> {
    let refuse = |error: rustls::Error| Failure::new(FailureKind::Tls, Sent::No).with_source(error);
    let provider = Arc::new(ring::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider)).map_err(refuse)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
