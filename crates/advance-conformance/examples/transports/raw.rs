//! reqwest with every protection that a transport owes, each of which can be taken away: what the suite catches then
//! is what the protection is for.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use advance_conformance::Setup;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{AsyncTransport, Now};
use async_trait::async_trait;
use http::{HeaderValue, Request, Response};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, retry};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// Nothing.
    Nothing,
    /// Redirects are followed.
    Redirects,
    /// The bodies of errors are dropped.
    ErrorBodies,
    /// Bodies of any size are taken.
    BodyCap,
    /// No limit of time is kept.
    Timeouts,
    /// Errors keep their URLs.
    UrlStripping,
    /// reqwest sends again by itself.
    NoRetry,
    /// Headers that are marked as sensitive lose the mark, and are logged like the others.
    SensitiveMark,
    /// Any certificate is trusted.
    Certificates,
    /// What failed is said not to have been sent.
    Honesty,
}

/// Just below the limit of the cases that run out of time while connecting.
const CONNECT: Duration = Duration::from_millis(450);

pub(crate) struct Raw {
    client: Client,
    without: Without,
    origin: Instant,
}

impl Raw {
    pub(crate) fn new(setup: &Setup, without: Without) -> Self {
        let mut builder = Client::builder()
            .no_proxy()
            .http1_only()
            .referer(false)
            .redirect(if without == Without::Redirects {
                Policy::limited(5)
            } else {
                Policy::none()
            })
            .retry(if without == Without::NoRetry {
                eager()
            } else {
                retry::never()
            });
        if without != Without::Timeouts {
            builder = builder.connect_timeout(CONNECT);
        }
        builder = if without == Without::Certificates {
            // reqwest asks for a default provider then; a second one is refused, and not needed.
            let _ = rustls::crypto::ring::default_provider().install_default();
            builder.tls_danger_accept_invalid_certs(true)
        } else {
            builder.tls_backend_preconfigured(trusting(setup))
        };
        Self {
            client: builder.build().unwrap(),
            without,
            origin: Instant::now(),
        }
    }

    async fn exchange(
        &self,
        mut request: Request<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, Failure> {
        if self.without == Without::SensitiveMark {
            for value in request.headers_mut().values_mut() {
                *value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            }
        }
        log::debug!("sending with {:?}", request.headers());
        let request = request.try_into().map_err(|error| self.failure(error))?;
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| self.failure(error))?;
        let cap = if self.without == Without::BodyCap {
            usize::MAX
        } else {
            limits.max_body
        };
        let too_large = || Failure::new(FailureKind::TooLarge, Sent::Maybe);
        if response
            .content_length()
            .is_some_and(|length| length > cap as u64)
        {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(error))? {
            if chunk.len() > cap - body.len() {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if self.without == Without::ErrorBodies && response.status() >= StatusCode::BAD_REQUEST {
            body.clear();
        }
        let mut whole = Response::new(body);
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole)
    }

    fn failure(&self, error: reqwest::Error) -> Failure {
        let (kind, sent) = judged(&error);
        let sent = if self.without == Without::Honesty {
            Sent::No
        } else {
            sent
        };
        let failure = Failure::new(kind, sent);
        if self.without == Without::UrlStripping {
            failure.with_source(error)
        } else {
            failure.with_source(error.without_url())
        }
    }
}

fn eager() -> retry::Builder {
    retry::for_host("127.0.0.1")
        .max_retries_per_request(1)
        .classify_fn(|attempt| {
            if attempt.status() == Some(StatusCode::SERVICE_UNAVAILABLE) {
                attempt.retryable()
            } else {
                attempt.success()
            }
        })
}

fn judged(error: &reqwest::Error) -> (FailureKind, Sent) {
    if error.is_connect() {
        let kind = match () {
            () if error.is_timeout() => FailureKind::Timeout(Phase::Connect),
            () if has::<rustls::Error>(error) => FailureKind::Tls,
            () => FailureKind::Connect,
        };
        return (kind, Sent::No);
    }
    let malformed = find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
    let kind = match () {
        () if error.is_body() || error.is_decode() => FailureKind::Body,
        () if malformed => FailureKind::Http,
        () => FailureKind::Reset,
    };
    (kind, Sent::Maybe)
}

fn has<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    find::<T>(error).is_some()
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(|error| error.get_ref());
    error
        .downcast_ref::<T>()
        .or_else(|| find(wrapped?))
        .or_else(|| find(error.source()?))
}

#[async_trait]
impl AsyncTransport for Raw {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        let exchange = self.exchange(request, limits);
        if self.without == Without::Timeouts {
            return exchange.await;
        }
        tokio::time::timeout(limits.within, exchange)
            .await
            .unwrap_or_else(|_| Err(Failure::new(FailureKind::Timeout(Phase::Exchange), Sent::Maybe)))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

/// For clients that take a rustls configuration.
fn trusting(setup: &Setup) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if !setup.root().is_empty() {
        roots.add(setup.root().to_vec().into()).unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
