//! What kind of failure it was: a judgement over ureq's error and nothing else.

use std::error::Error as StdError;
use std::io;

use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use advance_net::tls::{HTTP2_ONLY, Hinted};
use ureq::Error;

use crate::gate::BeforeSending;
use crate::guard::{Lost, is_cut};

/// No response began.
pub(crate) fn no_response(error: Error) -> Failure {
    match before_sending(error) {
        Ok(BeforeSending { error, proxy }) => {
            let failure = Failure::new(connecting(&error, proxy), Sent::No);
            with_source(failure, error)
        }
        Err(error) => {
            let (kind, sent) = exchanging(&error);
            with_source(Failure::new(kind, sent), error)
        }
    }
}

/// A response began, but its body did not arrive whole.
pub(crate) fn no_body(error: io::Error) -> Failure {
    let error = Error::from(error);
    with_source(Failure::new(within_body(&error), Sent::Maybe), error)
}

fn before_sending(error: Error) -> Result<BeforeSending, Error> {
    match error {
        Error::Other(inner) => inner.downcast().map(|before| *before).map_err(Error::Other),
        error => Err(error),
    }
}

fn connecting(error: &Error, proxy: bool) -> FailureKind {
    match error {
        Error::Timeout(_) => FailureKind::Timeout(Phase::Connect),
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => FailureKind::Proxy,
        error if is_tls(error) => FailureKind::Tls,
        Error::Io(_)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Protocol(_)
        | Error::Other(_)
            if proxy =>
        {
            FailureKind::Proxy
        }
        Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed | Error::Other(_) => {
            FailureKind::Connect
        }
        Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) => FailureKind::Refused,
        _ => FailureKind::Other,
    }
}

fn exchanging(error: &Error) -> (FailureKind, Sent) {
    let kind = match error {
        Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) => {
            return (FailureKind::Refused, Sent::No);
        }
        Error::TlsRequired => return (FailureKind::Tls, Sent::No),
        Error::Timeout(_) => FailureKind::Timeout(Phase::Exchange),
        Error::Protocol(_) | Error::LargeResponseHeader(..) => FailureKind::Http,
        error if is_tls(error) => FailureKind::Tls,
        Error::Io(error) if is_cut(error.kind()) => FailureKind::Reset,
        Error::Other(error) if error.is::<Lost>() => FailureKind::Reset,
        _ => FailureKind::Other,
    };
    (kind, Sent::Maybe)
}

fn within_body(error: &Error) -> FailureKind {
    match error {
        Error::Timeout(_) => FailureKind::Timeout(Phase::Exchange),
        Error::Protocol(_) => FailureKind::Http,
        _ => FailureKind::Body,
    }
}

fn is_tls(error: &Error) -> bool {
    match error {
        Error::Tls(_) | Error::TlsRequired => true,
        #[cfg(feature = "rustls")]
        Error::Rustls(_) => true,
        #[cfg(feature = "rustls")]
        Error::Io(error) => error
            .get_ref()
            .is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>),
        #[cfg(feature = "native-tls")]
        Error::NativeTls(_) | Error::Der(_) => true,
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        Error::Pem(_) => true,
        _ => false,
    }
}

fn with_source(failure: Failure, error: Error) -> Failure {
    let hint = if failure.kind() == FailureKind::Http {
        Some(HTTP2_ONLY)
    } else {
        remedy(&error)
    };
    let source: Box<dyn StdError + Send + Sync> = match error {
        // These two quote the URL.
        Error::BadUri(_) | Error::RequireHttpsOnly(_) => return failure,
        // ureq's own wrapper hides what it wraps from `source` and `downcast_ref`.
        Error::Io(error) => Box::new(error),
        Error::Other(error) => error,
        error => Box::new(error),
    };
    match hint {
        Some(hint) => failure.with_source(Hinted::new(hint, source)),
        None => failure.with_source(source),
    }
}

#[cfg(feature = "rustls")]
fn remedy(error: &Error) -> Option<&'static str> {
    match error {
        Error::Rustls(error) => advance_net::tls::remedy(error),
        Error::Io(error) => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref())
            .and_then(advance_net::tls::remedy),
        _ => None,
    }
}

#[cfg(not(feature = "rustls"))]
fn remedy(_: &Error) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(kind: io::ErrorKind) -> Error {
        Error::Io(kind.into())
    }

    fn before(error: Error, proxy: bool) -> FailureKind {
        let failure = no_response(Error::Other(Box::new(BeforeSending { error, proxy })));
        assert_eq!(failure.sent(), Sent::No);
        failure.kind()
    }

    #[test]
    fn before_sending_everything_is_certainly_not_sent() {
        let refused = || io(io::ErrorKind::ConnectionRefused);
        assert_eq!(before(refused(), false), FailureKind::Connect);
        assert_eq!(before(refused(), true), FailureKind::Proxy);
        assert_eq!(before(Error::HostNotFound, false), FailureKind::Connect);
        assert_eq!(
            before(Error::ConnectProxyFailed(String::new()), true),
            FailureKind::Proxy
        );
        for proxy in [false, true] {
            assert_eq!(before(Error::Tls("no"), proxy), FailureKind::Tls);
            assert_eq!(
                before(Error::Timeout(ureq::Timeout::Global), proxy),
                FailureKind::Timeout(Phase::Connect)
            );
        }
    }

    #[test]
    #[cfg(feature = "rustls")]
    fn a_tls_error_inside_an_io_error_is_found() {
        let wrapped = || Error::Io(io::Error::other(rustls::Error::DecryptError));
        assert_eq!(before(wrapped(), true), FailureKind::Tls);
        assert_eq!(no_response(wrapped()).kind(), FailureKind::Tls);
    }

    #[test]
    fn once_connected_it_may_have_been_sent() {
        let lost = Error::Other(Box::new(Lost(io::ErrorKind::ConnectionReset.into())));
        for (error, kind) in [
            (io(io::ErrorKind::BrokenPipe), FailureKind::Reset),
            (lost, FailureKind::Reset),
            (
                Error::Timeout(ureq::Timeout::Global),
                FailureKind::Timeout(Phase::Exchange),
            ),
            (Error::LargeResponseHeader(2, 1), FailureKind::Http),
            (Error::ConnectionFailed, FailureKind::Other),
        ] {
            let failure = no_response(error);
            assert_eq!((failure.kind(), failure.sent()), (kind, Sent::Maybe));
        }
    }

    #[test]
    fn what_quotes_a_url_is_not_kept() {
        for error in [
            Error::BadUri("hidden".into()),
            Error::RequireHttpsOnly("hidden".into()),
        ] {
            let failure = no_response(error);
            assert_eq!((failure.kind(), failure.sent()), (FailureKind::Refused, Sent::No));
            assert!(StdError::source(&failure).is_none());
        }
    }

    #[test]
    fn within_the_body() {
        let timeout = io::Error::other(Error::Timeout(ureq::Timeout::Global));
        assert_eq!(no_body(timeout).kind(), FailureKind::Timeout(Phase::Exchange));
        let cut = no_body(io::ErrorKind::UnexpectedEof.into());
        assert_eq!((cut.kind(), cut.sent()), (FailureKind::Body, Sent::Maybe));
    }
}
