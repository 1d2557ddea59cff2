//! The TLS settings, in reqwest's words.

use advance_core::transport::Failure;
use advance_net::Tls;
use reqwest::ClientBuilder;

#[cfg(feature = "rustls")]
pub(crate) fn apply(builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Failure> {
    Ok(builder.tls_backend_preconfigured(advance_net::tls::rustls_config(tls)?))
}

/// What native-tls has no word for is refused.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(crate) fn apply(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Failure> {
    use advance_net::TlsVersion;
    use advance_net::tls::refused;
    use reqwest::Certificate;
    use reqwest::tls::Version;

    if tls.own().is_some() {
        return Err(refused(
            "without the feature `rustls` an identity is set on a builder of your own: ReqwestTransport::from_builder",
        ));
    }
    let roots = tls
        .roots()
        .iter()
        .map(|root| Certificate::from_der(root))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(format!("a root certificate cannot be used: {error}")))?;
    builder = if tls.only_these_roots() {
        builder.tls_certs_only(roots)
    } else {
        builder.tls_certs_merge(roots)
    };
    let version = |version| match version {
        TlsVersion::Tls12 => Version::TLS_1_2,
        _ => Version::TLS_1_3,
    };
    let (min, max) = tls.versions();
    if let Some(min) = min {
        builder = builder.tls_version_min(version(min));
    }
    if let Some(max) = max {
        builder = builder.tls_version_max(version(max));
    }
    Ok(builder)
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) fn apply(builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Failure> {
    if tls.is_default() {
        Ok(builder)
    } else {
        Err(advance_net::tls::refused(
            "built without TLS: turn on the feature rustls or native-tls of advance-reqwest",
        ))
    }
}

/// Sees to it that no builder of reqwest panics for want of a crypto provider.
pub(crate) fn ensure_provider() {
    #[cfg(feature = "rustls")]
    advance_net::tls::install_default_provider();
}
