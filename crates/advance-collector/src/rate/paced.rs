//! A transport whose requests take their turns.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use advance_core::session::RetryAfter;
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::wire::parse;
use advance_core::{AsyncTransport, BaseUrl, Code, GetResult, Now, SignatureId, Transport, UnixMillis};
use async_trait::async_trait;
use http::header::{DATE, RETRY_AFTER};
use http::{Request, Response};

use super::{AsyncRateStore, Rate, RateRow, RateStore, Slot};
use crate::StoreError;

/// A transport around another one: requests to the vendor take their turns from a store, all others go as they are.
///
/// A request that gets no turn within half of its own time is not sent. It fails as one that could not connect, for the
/// caller has to do the same about both. A request that was held up after its turn had come (its process was stopped, or its
/// machine slept) takes another one. If the store does not answer within two seconds, the process keeps to the same rate by
/// itself, unless it is [strict](Self::strictly). No reply waits for the store longer than a tenth of a second.
pub struct Paced<T, S> {
    inner: T,
    store: S,
    alone: Mutex<Alone>,
    host: String,
    name: String,
    rate: Rate,
    strict: bool,
}

/// The pace of this process, for when the store fails. Its clock is the one that cannot jump.
#[derive(Default)]
struct Alone {
    row: RateRow,
    /// The store may not know of the hold.
    owes_hold: bool,
}

/// After a wait of this length it is asked once more whether everybody is held back by now.
const LONG_WAIT: Duration = Duration::from_millis(100);

/// A turn that is used no later than this after it came is still a turn.
const LATE: Duration = Duration::from_millis(250);

/// How long a request waits for the store's answer.
const FOR_A_TURN: Duration = Duration::from_secs(2);

/// How long a reply, which may be paid for, waits for the store.
const WITH_A_REPLY: Duration = Duration::from_millis(100);

impl<T, S> Paced<T, S> {
    /// Paces requests to the host of this URL. All who share the store and this name share the rate.
    pub fn new(inner: T, base_url: &BaseUrl, store: S, name: impl Into<String>, rate: Rate) -> Self {
        Self {
            inner,
            store,
            alone: Mutex::default(),
            host: base_url.host().to_owned(),
            name: name.into(),
            rate,
            strict: false,
        }
    }

    /// Sends nothing while the store gives no turns, so that all together never are faster than the rate. Without this, a
    /// process that cannot reach the store keeps to the rate by itself. For workers it costs nothing if their verifications are
    /// in the same store: they cannot begin without it.
    #[must_use]
    pub fn strictly(mut self) -> Self {
        self.strict = true;
        self
    }

    fn is_paced(&self, request: &Request<Vec<u8>>) -> bool {
        let host = request.uri().host();
        host.is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
    }

    fn alone<R>(&self, now: Now, change: impl FnOnce(&mut Alone, UnixMillis) -> R) -> R {
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        let now = u64::try_from(now.mono.as_millis()).unwrap_or(u64::MAX);
        change(&mut alone, UnixMillis::new(now))
    }

    /// How much longer this process is held back by what it heard itself.
    fn held(&self, now: Now) -> Duration {
        self.alone(now, |alone, now| alone.row.held(now))
    }

    /// The hold that the store is still to be told of.
    fn owed(&self, now: Now) -> Option<Duration> {
        self.alone(now, |alone, now| {
            let held = alone.row.held(now);
            (alone.owes_hold && !held.is_zero()).then_some(held)
        })
    }

    /// Before the store is told: if the caller goes away meanwhile, the next request tells it.
    fn hears(&self, pause: Duration, now: Now) {
        self.alone(now, |alone, now| {
            alone.row.hold(pause, now);
            alone.owes_hold = true;
        });
    }

    fn told(&self, answer: &Result<(), StoreError>, pause: Duration, now: Now) {
        self.alone(now, |alone, now| {
            // A longer one may have come meanwhile.
            if answer.is_ok() && alone.row.held(now) <= pause {
                alone.owes_hold = false;
            }
        });
    }

    /// Whether a request goes out whose turn has come, by what the store says of a hold that may have come meanwhile.
    fn goes(&self, held: &Result<Duration, StoreError>, now: Now) -> bool {
        let by_the_store = match held {
            Ok(held) => held.is_zero(),
            Err(_) => !self.strict,
        };
        by_the_store && self.held(now).is_zero()
    }

    /// Without its store, the process keeps to the rate by itself.
    fn or_alone(&self, answer: &Result<Slot, StoreError>, at_most: Duration, now: Now) -> Slot {
        match answer {
            Ok(Slot::In(wait)) => {
                let wait = (*wait).max(self.held(now));
                if wait > at_most {
                    Slot::Later(wait)
                } else {
                    Slot::In(wait)
                }
            }
            Ok(later) => *later,
            Err(_) if self.strict => Slot::Later(Duration::MAX),
            Err(_) => self.alone(now, |alone, now| alone.row.take(&self.rate, at_most, now)),
        }
    }
}

/// Whether a turn has passed that was to come so long after this.
fn has_passed(wait: Duration, given: Now, now: Now) -> bool {
    // The monotonic clock stands still while a machine sleeps.
    let mono = now.mono.saturating_sub(given.mono);
    let wall = now.wall.saturating_since(given.wall);
    mono.max(wall) > wait.saturating_add(LATE)
}

/// How much of its time a request may wait for its turn.
fn patience(limits: &Limits, begun: Duration, now: Now) -> Duration {
    (limits.within / 2).saturating_sub(now.mono.saturating_sub(begun))
}

fn no_turn() -> Failure {
    Failure::new(FailureKind::Connect, Sent::No).because(
        "the pace that all workers share had no turn for this request in time",
        "nothing was sent: try again later, allow the call more time, or raise the rate",
    )
}

/// Whether this is the vendor's `SUCCESS`: its refusals come with HTTP 200 as well. Other endpoints' have the same code.
fn succeeds(response: &Response<Vec<u8>>) -> bool {
    let Ok(any) = SignatureId::new("any") else {
        return false;
    };
    let code = match parse(&GetResult::new(any), response.body()) {
        Ok(envelope) => Some(envelope.code),
        Err(error) => error.code,
    };
    response.status().is_success() && code == Some(Code::Success)
}

/// How long the server wants everybody to wait, by its own clock if it tells the time. Only a refusal holds others back.
fn hold(response: &Response<Vec<u8>>, now: UnixMillis) -> Option<Duration> {
    let read = |name| RetryAfter::parse(response.headers().get(name)?.to_str().ok()?);
    let told = read(RETRY_AFTER).filter(|_| !succeeds(response))?;
    let server = match read(DATE) {
        Some(RetryAfter::At(date)) => date,
        _ => now,
    };
    Some(told.wait(server))
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
        loop {
            let now = self.inner.now();
            if let Some(pause) = self.owed(now) {
                let answer = self.store.hold(&self.name, pause, WITH_A_REPLY);
                self.told(&answer, pause, now);
            }
            let at_most = patience(limits, begun, now);
            let within = at_most.min(FOR_A_TURN);
            let answer = self.store.take(&self.name, &self.rate, at_most, within);
            match self.or_alone(&answer, at_most, self.inner.now()) {
                Slot::Later(_) => return Err(no_turn()),
                Slot::In(wait) if wait.is_zero() => break,
                Slot::In(wait) => {
                    let given = self.inner.now();
                    self.inner.sleep(wait);
                    if has_passed(wait, given, self.inner.now()) {
                        continue;
                    }
                    if wait < LONG_WAIT {
                        break;
                    }
                    let held = self.store.held(&self.name, within);
                    if self.goes(&held, self.inner.now()) {
                        break;
                    }
                }
            }
        }
        let limits = what_is_left(limits, begun, self.inner.now().mono);
        let response = self.inner.send(request, &limits)?;
        let now = self.inner.now();
        if let Some(pause) = hold(&response, now.wall) {
            self.hears(pause, now);
            let answer = self.store.hold(&self.name, pause, WITH_A_REPLY);
            self.told(&answer, pause, now);
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
        loop {
            let now = self.inner.now();
            if let Some(pause) = self.owed(now) {
                let answer = self.store.hold(&self.name, pause, WITH_A_REPLY).await;
                self.told(&answer, pause, now);
            }
            let at_most = patience(limits, begun, now);
            let within = at_most.min(FOR_A_TURN);
            let answer = self.store.take(&self.name, &self.rate, at_most, within).await;
            match self.or_alone(&answer, at_most, self.inner.now()) {
                Slot::Later(_) => return Err(no_turn()),
                Slot::In(wait) if wait.is_zero() => break,
                Slot::In(wait) => {
                    let given = self.inner.now();
                    self.inner.sleep(wait).await;
                    if has_passed(wait, given, self.inner.now()) {
                        continue;
                    }
                    if wait < LONG_WAIT {
                        break;
                    }
                    let held = self.store.held(&self.name, within).await;
                    if self.goes(&held, self.inner.now()) {
                        break;
                    }
                }
            }
        }
        let limits = what_is_left(limits, begun, self.inner.now().mono);
        let response = self.inner.send(request, &limits).await?;
        let now = self.inner.now();
        if let Some(pause) = hold(&response, now.wall) {
            self.hears(pause, now);
            let answer = self.store.hold(&self.name, pause, WITH_A_REPLY).await;
            self.told(&answer, pause, now);
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
