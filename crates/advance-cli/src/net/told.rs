//! A transport that tells what goes through it, if it is asked to, and does nothing else.

use std::time::{Duration, Instant};

use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncTransport, Now, Transport};
use async_trait::async_trait;
use http::{Request, Response};

use super::clock::Clock;
use super::{curl, redact};
use crate::out::Out;
use crate::text::clean;

/// What is told.
#[derive(Clone)]
pub(super) struct Teller {
    pub(super) out: Out,
    pub(super) verbose: bool,
    pub(super) curl: bool,
    pub(super) clock: Clock,
}

#[derive(Clone)]
pub(crate) struct Told<T> {
    inner: T,
    teller: Teller,
}

impl<T> Told<T> {
    pub(super) const fn new(inner: T, teller: Teller) -> Self {
        Self { inner, teller }
    }
}

impl Teller {
    fn request(&self, request: &Request<Vec<u8>>) {
        if self.curl {
            self.out.tell(&clean(&curl::command(request)));
        }
        if self.verbose {
            // A query, which only a link to a picture has, opens it for everybody.
            let (host, path) = (request.uri().host().unwrap_or_default(), request.uri().path());
            let body = if request.body().is_empty() {
                String::new()
            } else {
                redact::body(request.body())
            };
            self.out
                .tell(clean(&format!("> {} {host}{path} {body}", request.method())).trim_end());
        }
    }

    fn outcome(&self, outcome: &Result<Response<Vec<u8>>, Failure>, took: Duration) {
        if let Ok(response) = outcome {
            self.clock.compare(response.headers(), took);
        }
        if !self.verbose {
            return;
        }
        let took = took.as_millis();
        self.out.tell(&clean(&match outcome {
            Ok(response) => format!(
                "< {} in {took} ms {}",
                response.status(),
                redact::body(response.body())
            ),
            Err(failure) => format!("< {failure} after {took} ms"),
        }));
    }
}

impl<T: Transport> Transport for Told<T> {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        self.teller.request(&request);
        let begun = Instant::now();
        let outcome = self.inner.send(request, limits);
        self.teller.outcome(&outcome, begun.elapsed());
        outcome
    }

    fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration);
    }

    fn now(&self) -> Now {
        self.inner.now()
    }
}

#[async_trait]
impl<T: AsyncTransport> AsyncTransport for Told<T> {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        self.teller.request(&request);
        let begun = Instant::now();
        let outcome = self.inner.send(request, limits).await;
        self.teller.outcome(&outcome, begun.elapsed());
        outcome
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.inner.now()
    }
}
