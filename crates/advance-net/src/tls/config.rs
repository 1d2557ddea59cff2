//! A rustls configuration from the settings.

use std::sync::Arc;

use advance_core::transport::Failure;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};

use super::verifier::LazyVerifier;
use super::{Tls, TlsVersion, install_default_provider, provider, refused};

/// The configuration that the settings ask for, with [our provider](provider). It also does what [`install_default_provider`]
/// does.
///
/// # Errors
/// [`FailureKind::Tls`](advance_core::transport::FailureKind::Tls) saying which setting cannot be kept.
pub fn rustls_config(tls: &Tls) -> Result<ClientConfig, Failure> {
    install_default_provider();
    let mut config = match &tls.preconfigured {
        Some(_) if !tls.is_default() => {
            return Err(refused(
                "a preconfigured rustls configuration takes the place of every other TLS setting: make them in it",
            ));
        }
        Some(config) => (**config).clone(),
        None => made(tls)?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn made(tls: &Tls) -> Result<ClientConfig, Failure> {
    let versions: Vec<_> = [(TlsVersion::Tls13, &TLS13), (TlsVersion::Tls12, &TLS12)]
        .into_iter()
        .filter_map(|(version, known)| tls.allows(version).then_some(known))
        .collect();
    if versions.is_empty() {
        return Err(refused(
            "no version of TLS is left between tls_version_min and tls_version_max",
        ));
    }
    let provider = Arc::new(provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| refused(error.to_string()))?;
    // Also where the platform's verifier will be asked: what is no certificate is refused now, not at the first call.
    let roots = store(tls)?;
    let builder = if tls.only_these_roots() {
        builder.with_root_certificates(roots)
    } else {
        if cfg!(target_os = "android") && !tls.roots().is_empty() {
            return Err(refused(
                "Android's verifier takes no roots beside its own: use tls_certs_only or the app's network security configuration",
            ));
        }
        let verifier = LazyVerifier::new(tls.roots().to_vec(), provider);
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
    };
    match tls.own() {
        None => Ok(builder.with_no_client_auth()),
        Some(own) => builder
            .with_client_auth_cert(own.chain.clone(), own.key.clone_key())
            .map_err(|error| refused(format!("the identity cannot be used: {error}"))),
    }
}

fn store(tls: &Tls) -> Result<RootCertStore, Failure> {
    let mut store = RootCertStore::empty();
    for root in tls.roots() {
        store
            .add(root.clone())
            .map_err(|error| refused(format!("a root certificate cannot be used: {error}")))?;
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn said(tls: &Tls) -> String {
        let failure = rustls_config(tls).unwrap_err();
        std::error::Error::source(&failure).unwrap().to_string()
    }

    fn certified() -> (String, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        (certificate.pem(), key)
    }

    #[test]
    fn fault_95_what_cannot_be_kept_is_refused_by_name() {
        let (pem, _) = certified();
        let none_left = Tls {
            min: Some(TlsVersion::Tls13),
            max: Some(TlsVersion::Tls12),
            ..Tls::default()
        };
        assert!(said(&none_left).contains("tls_version_min"));

        let mut garbage = Tls::default();
        garbage.add_roots(&[0x30, 1, 2, 3]).unwrap();
        assert!(said(&garbage).contains("root certificate"));

        let mut both = Tls {
            preconfigured: Some(Box::new(rustls_config(&Tls::default()).unwrap())),
            ..Tls::default()
        };
        assert!(rustls_config(&both).is_ok());
        both.add_roots(pem.as_bytes()).unwrap();
        assert!(said(&both).contains("preconfigured"));

        let mut stolen = Tls::default();
        stolen
            .identity(
                pem.as_bytes(),
                KeyPair::generate().unwrap().serialize_pem().as_bytes(),
            )
            .unwrap();
        assert!(said(&stolen).contains("identity"));
    }

    #[test]
    fn an_identity_with_its_own_key_is_taken() {
        let (pem, key) = certified();
        let text = format!("{pem}{}", key.serialize_pem());
        let mut tls = Tls::default();
        tls.identity(text.as_bytes(), text.as_bytes()).unwrap();
        assert!(rustls_config(&tls).unwrap().client_auth_cert_resolver.has_certs());
        assert!(!format!("{tls:?}").contains("PRIVATE"));
    }

    #[test]
    fn fault_97_there_is_a_default_provider_once_a_configuration_was_made() {
        rustls_config(&Tls::default()).unwrap();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
