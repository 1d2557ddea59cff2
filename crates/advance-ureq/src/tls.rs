//! The TLS settings, in ureq's words.

use advance_core::transport::Failure;
use advance_net::Tls;
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;

use crate::stages::Secure;

type Applied = (ConfigBuilder<AgentScope>, Secure);

/// By our own stage: ureq has no word for added roots, versions or a configuration that is there already.
#[cfg(feature = "rustls")]
pub(crate) fn apply(builder: ConfigBuilder<AgentScope>, tls: &Tls) -> Result<Applied, Failure> {
    let config = advance_net::tls::rustls_config(tls)?;
    Ok((builder, Secure::rustls(config)))
}

/// What native-tls has no word for is refused.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(crate) fn apply(builder: ConfigBuilder<AgentScope>, tls: &Tls) -> Result<Applied, Failure> {
    use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    let added = !tls.roots().is_empty() && !tls.only_these_roots();
    if added || tls.own().is_some() || tls.versions() != (None, None) {
        return Err(advance_net::tls::refused(
            "without the feature `rustls` only tls_certs_only can be kept: added roots, an identity and versions cannot",
        ));
    }
    let roots = if tls.only_these_roots() {
        let roots: Vec<_> = tls
            .roots()
            .iter()
            .map(|root| Certificate::from_der(root).to_owned())
            .collect();
        RootCerts::new_with_certs(&roots)
    } else {
        RootCerts::PlatformVerifier
    };
    let config = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(roots)
        .build();
    Ok((builder.tls_config(config), Secure::as_configured()))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) fn apply(builder: ConfigBuilder<AgentScope>, tls: &Tls) -> Result<Applied, Failure> {
    if tls.is_default() {
        Ok((builder, Secure::as_configured()))
    } else {
        Err(advance_net::tls::refused(crate::over_ureq::NO_TLS))
    }
}

/// Installs a crypto provider if the process has none, without which rustls panics.
pub(crate) fn ensure_provider() {
    #[cfg(feature = "rustls")]
    advance_net::tls::install_default_provider();
}

/// Refuses what ureq panics at when it connects.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    use advance_net::tls::refused;

    let tls = config.tls_config();
    match tls.provider() {
        ureq::tls::TlsProvider::Rustls if cfg!(feature = "rustls") => {}
        ureq::tls::TlsProvider::NativeTls if cfg!(feature = "native-tls") => return Ok(()),
        _ => {
            return Err(refused(
                "the builder's TLS provider is not built in: turn on the feature of advance-ureq, or start from \
                 UreqTransport::builder()",
            ));
        }
    }
    match tls.client_cert() {
        Some(identity) => usable(identity),
        None => Ok(()),
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) const fn check(_: &Config) -> Result<(), Failure> {
    Ok(())
}

/// ureq expects that key and certificate belong together.
#[cfg(feature = "rustls")]
fn usable(identity: &ureq::tls::ClientCert) -> Result<(), Failure> {
    use advance_net::tls::{provider, refused};
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::sign::CertifiedKey;

    let chain = identity
        .certs()
        .iter()
        .map(|certificate| CertificateDer::from(certificate.der().to_vec()))
        .collect();
    PrivateKeyDer::try_from(identity.private_key().der().to_vec())
        .map_err(str::to_owned)
        .and_then(|key| CertifiedKey::from_der(chain, key, &provider()).map_err(|error| error.to_string()))
        .map(drop)
        .map_err(|error| refused(format!("the client certificate cannot be used: {error}")))
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
const fn usable(_: &ureq::tls::ClientCert) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    fn a_provider_that_is_not_built_in_is_refused_instead_of_a_panic() {
        let failure = super::check(&ureq::Agent::config_builder().build()).unwrap_err();
        assert_eq!(failure.kind(), advance_core::transport::FailureKind::Tls);
    }
}
