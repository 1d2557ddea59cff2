//! Certificates and keys from text.

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// All certificates of a PEM text, or the one that DER is; `None` if there is none, or one is broken.
pub(crate) fn certificates(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    if is_pem(text) {
        let all: Vec<_> = CertificateDer::pem_slice_iter(text)
            .collect::<Result<_, _>>()
            .ok()?;
        (!all.is_empty()).then_some(all)
    } else {
        // A DER certificate is a SEQUENCE; what else it has to be is judged where it is used.
        (text.first() == Some(&0x30)).then(|| vec![CertificateDer::from(text.to_vec())])
    }
}

/// The first private key of a PEM text.
pub(crate) fn private_key(text: &[u8]) -> Option<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(text).ok()
}

fn is_pem(text: &[u8]) -> bool {
    text.windows(11).any(|window| window == b"-----BEGIN ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_none() {
        for text in [
            &b""[..],
            b"hello",
            b"-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----\n",
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert!(certificates(text).is_none(), "{text:?}");
        }
        assert!(private_key(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_none());
    }
}
