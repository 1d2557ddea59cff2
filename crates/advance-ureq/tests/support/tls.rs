//! Certificates good and bad, and a server that shows them.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Server;

/// What is wrong with the certificate.
#[derive(Clone, Copy)]
pub(crate) enum Flaw {
    None,
    Expired,
    WrongHost,
}

/// A TLS server for `localhost`, and the DER of the authority that signed its certificate.
pub(crate) fn start(flaw: Flaw) -> (Server, Vec<u8>) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    // OpenSSL takes a certificate whose issuer has its own name for self-signed.
    authority
        .distinguished_name
        .push(DnType::CommonName, "Test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();

    let host = if matches!(flaw, Flaw::WrongHost) {
        "other.example"
    } else {
        "localhost"
    };
    let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
    if matches!(flaw, Flaw::Expired) {
        leaf.not_before = rcgen::date_time_ymd(2020, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let leaf = leaf.signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    let config = Arc::new(config);
    let server = Server::start(move |peer| {
        let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(tls, peer.stream);
        if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
            let _ = stream.write_all(super::OK.as_bytes());
            let _ = stream.flush();
            let _ = stream.read(&mut [0; 1]);
        }
    });
    (server, authority.der().to_vec())
}
