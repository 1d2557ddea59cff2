//! What to do about a connection that could not be made secure.

use std::error::Error;
use std::fmt;

/// For a peer that does not answer in HTTP/1.1.
pub const HTTP2_ONLY: &str = "the other end does not speak HTTP/1.1, which is all that is spoken here: if it is a gateway \
                              that offers HTTP/2 only, let it offer http/1.1 as well";

/// An error with what to do about it.
#[derive(Debug)]
pub struct Hinted {
    hint: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl Hinted {
    /// The hint is said first; the error is its source.
    pub fn new(hint: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            hint,
            source: source.into(),
        }
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hint)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// What to do about an error of rustls, if we know.
#[cfg(feature = "rustls")]
pub fn remedy(error: &rustls::Error) -> Option<&'static str> {
    use rustls::{AlertDescription, Error};

    Some(match error {
        Error::InvalidCertificate(certificate) => return of_certificate(certificate),
        Error::General(text) if text.contains("No CA certificates") => NO_ROOTS,
        Error::NoApplicationProtocol | Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            HTTP2_ONLY
        }
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown,
        ) => IDENTITY,
        Error::InvalidMessage(_) => NOT_TLS,
        Error::AlertReceived(AlertDescription::ProtocolVersion) => VERSIONS,
        _ => return None,
    })
}

#[cfg(feature = "rustls")]
fn of_certificate(error: &rustls::CertificateError) -> Option<&'static str> {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        Other, UnknownIssuer,
    };

    Some(match error {
        UnknownIssuer => UNKNOWN_ISSUER,
        Expired | ExpiredContext { .. } => EXPIRED,
        NotValidYet | NotValidYetContext { .. } => NOT_YET,
        NotValidForName | NotValidForNameContext { .. } => WRONG_NAME,
        // webpki's error is not named by rustls.
        Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => AUTHORITY_AS_SERVER,
        _ => return None,
    })
}

#[cfg(feature = "rustls")]
const NO_ROOTS: &str = "this machine has no root certificates: install ca-certificates, or set SSL_CERT_FILE to a bundle \
                        in PEM, or name one with tls_certs_merge";
#[cfg(feature = "rustls")]
const UNKNOWN_ISSUER: &str = "the server's certificate is issued by an authority that is not trusted here. Behind a \
                              proxy that inspects TLS, trust the company's root: SSL_CERT_FILE, or tls_certs_merge. \
                              Otherwise this is not the server that you mean";
#[cfg(feature = "rustls")]
const EXPIRED: &str = "the server's certificate has expired, or this machine's clock is ahead: check the clock, then have \
                       the server's certificate renewed";
#[cfg(feature = "rustls")]
const NOT_YET: &str = "the server's certificate is not valid yet: this machine's clock is probably behind";
#[cfg(feature = "rustls")]
const WRONG_NAME: &str = "the server's certificate is for another name than the one in the URL: check the host of the \
                          URL, and who answers there";
#[cfg(feature = "rustls")]
const AUTHORITY_AS_SERVER: &str = "the server shows the certificate of an authority (CA:TRUE) as its own: issue it a \
                                   certificate that is none (CA:FALSE), signed by the authority";
#[cfg(feature = "rustls")]
const IDENTITY: &str = "the server wants a certificate from this client, or does not take the one it was shown: set it \
                        with identity";
#[cfg(feature = "rustls")]
const NOT_TLS: &str =
    "the other end does not speak TLS: check the port, and whether a proxy answers in its place";
#[cfg(feature = "rustls")]
const VERSIONS: &str =
    "the server speaks none of the TLS versions that are allowed here (1.2 and 1.3 unless told)";

#[cfg(all(test, feature = "rustls"))]
mod tests {
    use rustls::{AlertDescription, CertificateError, Error};

    use super::*;

    #[test]
    fn each_trouble_names_its_remedy() {
        for (error, words) in [
            (
                Error::General("No CA certificates were loaded".into()),
                "install ca-certificates",
            ),
            (CertificateError::UnknownIssuer.into(), "SSL_CERT_FILE"),
            (CertificateError::Expired.into(), "expired"),
            (CertificateError::NotValidYet.into(), "clock"),
            (CertificateError::NotValidForName.into(), "another name"),
            (
                Error::AlertReceived(AlertDescription::NoApplicationProtocol),
                "http/1.1",
            ),
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                "identity",
            ),
        ] {
            let hint = remedy(&error).unwrap_or_default();
            assert!(hint.contains(words), "{error}: {hint}");
        }
        assert_eq!(remedy(&Error::DecryptError), None);
    }
}
