//! The secure connection: whether it can be had, how long it takes, and whose certificate it is.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use advance_core::BaseUrl;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, StreamOwned,
};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::report::Report;
use crate::net::proxy::is_loopback;
use crate::net::transport::Wiring;
use crate::stop::Stop;

/// Whether a secure connection can be had.
pub(super) fn check(
    stream: TcpStream,
    base_url: &BaseUrl,
    wiring: &Wiring,
    report: &mut Report<'_>,
) -> Result<bool, Stop> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra: Vec<CertificateDer<'static>> = wiring
        .certificates
        .iter()
        .flat_map(|(_, pem)| CertificateDer::pem_slice_iter(pem).filter_map(Result::ok))
        .collect();
    let trusted = match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
    {
        Ok(trusted) => trusted,
        Err(error) => {
            let remedy = "install ca-certificates, set SSL_CERT_FILE, or name a bundle with --ca-file";
            report.failure(
                "TLS",
                &format!("this machine has no certificates to trust ({error})"),
                remedy,
            )?;
            return Ok(false);
        }
    };
    let witness = Arc::new(Witness {
        trusted,
        public: public(&provider),
        seen: Mutex::default(),
        provider,
    });
    let begun = Instant::now();
    let handshake = shake_hands(stream, base_url, &witness);
    let took = begun.elapsed().as_millis();
    let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (handshake, seen) {
        (_, Some(seen)) => judge(&seen, base_url.host(), took, report),
        (Err(error), None) => {
            let message = format!("no secure connection: {error}");
            report.failure(
                "TLS",
                &message,
                "check that host and port are those of the API, and what stands in between",
            )?;
            Ok(false)
        }
        (Ok(()), None) => {
            report.failure("TLS", "the server showed no certificate", "check the host")?;
            Ok(false)
        }
    }
}

fn public(provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .ok()
}

fn shake_hands(
    stream: TcpStream,
    base_url: &BaseUrl,
    witness: &Arc<Witness>,
) -> Result<(), Box<dyn std::error::Error>> {
    stream.set_read_timeout(Some(Duration::from_secs(8)))?;
    stream.set_write_timeout(Some(Duration::from_secs(8)))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&witness.provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        // It only looks: nothing is sent over this connection.
        .with_custom_certificate_verifier(Arc::<Witness>::clone(witness))
        .with_no_client_auth();
    let host = base_url
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host)?)?;
    let mut tls = StreamOwned::new(connection, stream);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(())
}

/// What was seen of a server.
struct Seen {
    issuer: String,
    trusted: Result<(), Error>,
    public: bool,
}

fn judge(seen: &Seen, host: &str, took: u128, report: &mut Report<'_>) -> Result<bool, Stop> {
    let issuer = &seen.issuer;
    let Err(error) = &seen.trusted else {
        let of_sandbox = is_loopback(host) && issuer.contains("advance sandbox");
        if seen.public || of_sandbox {
            report.ok(
                "TLS",
                &format!("the certificate is good, issued by {issuer} ({took} ms)"),
            )?;
        } else {
            let message = format!(
                "TLS is intercepted: the certificate was issued by {issuer}, which only this machine trusts"
            );
            report.warning(
                "TLS",
                &message,
                "that is usual in a company, and its proxy reads what is sent; if it is not yours, stop",
            )?;
        }
        return Ok(true);
    };
    let (message, remedy) = match error {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => (
            format!("the certificate of {host} has expired, by this machine's clock"),
            "check the clock of this machine first",
        ),
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => (
            format!("the certificate of {host} is not valid yet, by this machine's clock"),
            "set the clock of this machine",
        ),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (
            format!("the certificate (issued by {issuer}) is for another host than {host}"),
            "check the host; a portal or a proxy may have answered in its place",
        ),
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => (
            format!(
                "the certificate was issued by {issuer}, which this machine does not trust: something intercepts TLS, or certificates are missing"
            ),
            "if it is your company's proxy, name its certificate with --ca-file; if this machine has no certificates, install ca-certificates",
        ),
        other => (
            format!("the certificate is refused: {other}"),
            "check the host, the clock and what stands in between",
        ),
    };
    report.failure("TLS", &message, remedy)?;
    Ok(false)
}

/// Looks at a certificate and lets it pass, so that there is something to tell.
#[derive(Debug)]
struct Witness {
    trusted: rustls_platform_verifier::Verifier,
    public: Option<Arc<WebPkiServerVerifier>>,
    seen: Mutex<Option<Seen>>,
    provider: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
        };
        let seen = Seen {
            issuer: issuer(end_entity),
            trusted: by(&self.trusted).map(drop),
            public: self.public.as_ref().is_some_and(|public| by(&**public).is_ok()),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trusted.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trusted.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trusted.supported_verify_schemes()
    }
}

fn issuer(certificate: &CertificateDer<'_>) -> String {
    match Certificate::from_der(certificate) {
        Ok(certificate) => certificate.tbs_certificate().issuer().to_string(),
        Err(_) => "an issuer that cannot be read".to_owned(),
    }
}
