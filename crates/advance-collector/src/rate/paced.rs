//! A transport whose requests take their turns.

use std::fmt;
use std::time::Duration;

use advance_core::session::RetryAfter;
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport, BaseUrl, Now, Transport, UnixMillis};
use async_trait::async_trait;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, Request, Response};

use super::{AsyncRateStore, MemoryRates, Rate, RateStore, Slot};
use crate::StoreError;

/// A transport around another one: requests to the vendor take their turns from a store, all others go as they are.
///
/// A request that gets no turn within half of its own time is not sent, and fails as one that could not connect, so that
/// whatever the caller does about that is right. If the store fails, the process keeps to the same rate by itself.
pub struct Paced<T, S> {
    inner: T,
    store: S,
    alone: MemoryRates,
    host: String,
    name: String,
    rate: Rate,
}

/// After a wait of this length it is asked once more whether everybody is held back by now.
const LONG_WAIT: Duration = Duration::from_millis(100);

impl<T, S> Paced<T, S> {
    /// Paces requests to the host of this URL. All who share the store and this name share the rate.
    pub fn new(inner: T, base_url: &BaseUrl, store: S, name: impl Into<String>, rate: Rate) -> Self {
        Self {
            inner,
            store,
            alone: MemoryRates::new(),
            host: base_url.host().to_owned(),
            name: name.into(),
            rate,
        }
    }

    fn is_paced(&self, request: &Request<Vec<u8>>) -> bool {
        let host = request.uri().host();
        host.is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
    }

    /// Without its store, the process keeps to the rate by itself.
    fn or_alone(&self, answer: Result<Slot, StoreError>, at_most: Duration) -> Slot {
        let alone = || RateStore::take(&self.alone, &self.name, &self.rate, at_most);
        answer.or_else(|_| alone()).unwrap_or(Slot::In(Duration::ZERO))
    }
}

/// How much of its time a request may wait for its turn.
fn patience(limits: &Limits) -> Duration {
    limits.within / 2
}

fn no_turn() -> Failure {
    Failure::new(FailureKind::Connect, Sent::No).because(
        "the pace that all workers share had no turn for this request in time",
        "nothing was sent: try again later, allow the call more time, or raise the rate",
    )
}

/// How long the server wants everybody to wait, by its own clock if it tells the time.
fn hold(headers: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    let read = |name| RetryAfter::parse(headers.get(name)?.to_str().ok()?);
    let server = match read(DATE) {
        Some(RetryAfter::At(date)) => date,
        _ => now,
    };
    read(RETRY_AFTER).map(|told| told.wait(server))
}

fn what_is_left(limits: &Limits, begun: Duration, now: Duration) -> Limits {
    Limits::new(
        limits.within.saturating_sub(now.saturating_sub(begun)),
        limits.max_body,
    )
}

impl<T: Transport, S: RateStore> Transport for Paced<T, S> {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        if !self.is_paced(&request) {
            return self.inner.send(request, limits);
        }
        let begun = self.inner.now().mono;
        let waited = || self.inner.now().mono.saturating_sub(begun);
        loop {
            let at_most = patience(limits).saturating_sub(waited());
            match self.or_alone(self.store.take(&self.name, &self.rate, at_most), at_most) {
                Slot::Later(_) => return Err(no_turn()),
                Slot::In(wait) if wait.is_zero() => break,
                Slot::In(wait) => {
                    self.inner.sleep(wait);
                    if wait < LONG_WAIT || self.store.held(&self.name).unwrap_or_default().is_zero() {
                        break;
                    }
                }
            }
        }
        let limits = what_is_left(limits, begun, self.inner.now().mono);
        let response = self.inner.send(request, &limits)?;
        if let Some(pause) = hold(response.headers(), self.inner.now().wall) {
            // Without the store, this process alone waits.
            if self.store.hold(&self.name, pause).is_err() {
                drop(RateStore::hold(&self.alone, &self.name, pause));
            }
        }
        Ok(response)
    }

    fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration);
    }

    fn now(&self) -> Now {
        self.inner.now()
    }
}

#[async_trait]
impl<T: AsyncTransport, S: AsyncRateStore> AsyncTransport for Paced<T, S> {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        if !self.is_paced(&request) {
            return self.inner.send(request, limits).await;
        }
        let begun = self.inner.now().mono;
        let waited = || self.inner.now().mono.saturating_sub(begun);
        loop {
            let at_most = patience(limits).saturating_sub(waited());
            let answer = self.store.take(&self.name, &self.rate, at_most).await;
            match self.or_alone(answer, at_most) {
                Slot::Later(_) => return Err(no_turn()),
                Slot::In(wait) if wait.is_zero() => break,
                Slot::In(wait) => {
                    self.inner.sleep(wait).await;
                    if wait < LONG_WAIT || self.store.held(&self.name).await.unwrap_or_default().is_zero() {
                        break;
                    }
                }
            }
        }
        let limits = what_is_left(limits, begun, self.inner.now().mono);
        let response = self.inner.send(request, &limits).await?;
        if let Some(pause) = hold(response.headers(), self.inner.now().wall) {
            // Without the store, this process alone waits.
            if self.store.hold(&self.name, pause).await.is_err() {
                drop(RateStore::hold(&self.alone, &self.name, pause));
            }
        }
        Ok(response)
    }

    fn ready(&self) -> Result<(), Failure> {
        self.inner.ready()
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.inner.now()
    }
}

impl<T, S> fmt::Debug for Paced<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paced")
            .field("name", &self.name)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
