//! Sends what is in the outbox.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use advance_collector::StoreError;
use advance_collector::outbox::{Letter, Outbox};
use advance_core::transport::{FailureKind, Limits, Transport};
use http::{HeaderValue, Method, Request};
use serde_json::Value;

use super::health::Health;
use super::letter::enclosing;
use super::{Answer, Schedule, Target};
use crate::{Secrets, header, sign};

/// How long a receiver may take to answer, and how much of its answer is read.
const LIMITS: Limits = Limits::new(Duration::from_secs(15), 64 * 1_024);

/// How long a letter that is being sent is held by one courier: longer than sending it takes.
const LEASE: Duration = Duration::from_secs(60);

/// How often to look for letters that another process wrote.
const LOOK: Duration = Duration::from_millis(500);

/// The shortest pause.
const LEAST: Duration = Duration::from_millis(50);

/// The pause after trouble of this machine's own.
const TROUBLE: Duration = Duration::from_secs(1);

/// How long a delivered letter is remembered, so that it can be looked up and sent again.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3_600);

type Enclose = dyn Fn(&str) -> Option<Value> + Send + Sync;
type Watch = dyn Fn(&Sent<'_>) + Send + Sync;

/// Delivers the letters of an outbox to one receiver.
///
/// Each letter has its own [`Schedule`]. The receiver as a whole is treated with care: while it is in trouble it gets one
/// letter at a time, after pauses that double up to a minute or that it asks for by `Retry-After`; when it is back, the
/// number at a time doubles from one on. Redirects are not followed.
pub struct Courier<T> {
    transport: T,
    outbox: Arc<dyn Outbox>,
    target: Target,
    secrets: RwLock<Secrets>,
    schedule: Schedule,
    concurrency: NonZeroUsize,
    interval: Duration,
    look: Duration,
    enclose: Option<Box<Enclose>>,
    watch: Option<Box<Watch>>,
}

/// What a courier did or met.
#[derive(Debug)]
#[non_exhaustive]
pub enum Sent<'a> {
    /// A letter was sent, and this came back after so long.
    #[non_exhaustive]
    Letter {
        /// The letter.
        letter: &'a Letter,
        /// How it ended.
        answer: Answer,
        /// How long it took.
        took: Duration,
        /// Whether it was its last attempt, and failed.
        dead: bool,
    },
    /// The outbox failed; it is tried again.
    Outbox(&'a StoreError),
    /// The system gave no thread to send a letter; it is sent in a minute.
    NoThread(&'a io::Error),
}

impl<T: Transport + Sync> Courier<T> {
    /// Sends what is in this outbox there, signed with these secrets: four letters at a time and twenty a second at the
    /// most.
    pub fn new(transport: T, outbox: Arc<dyn Outbox>, target: Target, secrets: Secrets) -> Self {
        // Not zero, as the compiler checks.
        const FOUR: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
        Self {
            transport,
            outbox,
            target,
            secrets: RwLock::new(secrets),
            schedule: Schedule::default(),
            concurrency: FOUR,
            interval: Duration::from_millis(50),
            look: LOOK,
            enclose: None,
            watch: None,
        }
    }

    /// When letters that were not taken are sent again.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// How many letters are under way at the same time, at the most.
    #[must_use]
    pub const fn concurrency(mut self, limit: NonZeroUsize) -> Self {
        self.concurrency = limit;
        self
    }

    /// How often to look for letters that another process wrote: every 500 ms unless told otherwise. Whether to stop is
    /// asked ten times as often.
    #[must_use]
    pub const fn look_every(mut self, pause: Duration) -> Self {
        self.look = pause;
        self
    }

    /// Puts what this returns for a `signatureId` into each letter, as `data.result`. It is asked each time that a letter is
    /// sent, and what it returns is kept nowhere. Where it returns nothing, that attempt has failed: the letter is not sent
    /// without it, and is tried again as if it had been refused.
    #[must_use]
    pub fn enclosing(mut self, enclose: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> Self {
        self.enclose = Some(Box::new(enclose));
        self
    }

    /// Lets this see each attempt.
    #[must_use]
    pub fn watched_by(mut self, watch: impl Fn(&Sent<'_>) + Send + Sync + 'static) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Signs with these from now on.
    pub fn change_secrets(&self, secrets: Secrets) {
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    /// Delivers until `stop` says so. What is under way then is seen to its end.
    pub fn run(&self, stop: impl Fn() -> bool) {
        let mut round = Round::new(self);
        while !stop() {
            let mut left = round.go();
            while !left.is_zero() && !stop() {
                let nap = left.min((self.look / 10).max(LEAST));
                self.transport.sleep(nap);
                left -= nap;
            }
        }
    }

    fn send(&self, letter: &Letter) -> Answer {
        let body = match &self.enclose {
            Some(enclose) => match enclose(letter.signature_id.as_str()) {
                Some(value) => enclosing(letter, value),
                None => return Answer::NotSent,
            },
            None => letter.body.clone(),
        };
        let timestamp = self.transport.now().wall.get() / 1_000;
        let secrets = self
            .secrets
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let signature = sign(&secrets, &letter.id, timestamp, body.as_bytes());
        let mut request = self.target.request(Request::new(body.into_bytes()));
        *request.method_mut() = Method::POST;
        let headers = request.headers_mut();
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let agent = concat!("advance-webhook/", env!("CARGO_PKG_VERSION"));
        headers.insert(http::header::USER_AGENT, HeaderValue::from_static(agent));
        headers.insert(header::TIMESTAMP, timestamp.into());
        for (name, value) in [
            (header::ID, letter.id.as_str()),
            (header::SIGNATURE, signature.as_str()),
        ] {
            // Hexadecimal digits and base64 can always be sent.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        let outcome = self.transport.send(request, &LIMITS);
        Answer::of(&outcome, self.transport.now().wall)
    }

    fn show(&self, sent: &Sent<'_>) {
        if let Some(watch) = &self.watch {
            watch(sent);
        }
    }
}

/// A courier at work: what it knows of the receiver.
pub(super) struct Round<'a, T> {
    courier: &'a Courier<T>,
    health: Health,
    entropy: RandomState,
    rounds: u64,
}

impl<'a, T: Transport + Sync> Round<'a, T> {
    pub(super) fn new(courier: &'a Courier<T>) -> Self {
        Self {
            courier,
            health: Health::new(courier.concurrency.get()),
            entropy: RandomState::new(),
            rounds: 0,
        }
    }

    /// Sends what is due; how long to pause until there may be more.
    pub(super) fn go(&mut self) -> Duration {
        match self.send() {
            Ok(pause) => pause,
            Err(error) => {
                self.courier.show(&Sent::Outbox(&error));
                TROUBLE
            }
        }
    }

    fn send(&mut self) -> Result<Duration, StoreError> {
        let courier = self.courier;
        self.rounds += 1;
        if self.rounds % 1_000 == 1 {
            courier.outbox.prune(REMEMBERED)?;
        }
        let letters = courier.outbox.claim(self.health.window(), LEASE)?;
        if letters.is_empty() {
            let next = courier.outbox.next()?.unwrap_or(courier.look);
            return Ok(next.clamp(LEAST, courier.look.max(LEAST)));
        }
        let answers = self.send_each(&letters);
        let mut troubled = answers.iter().any(Option::is_none);
        for (letter, answer) in letters.iter().zip(&answers) {
            let Some((answer, took)) = *answer else { continue };
            // What was sent is booked in any case: one that is not is sent twice.
            if let Err(error) = self.book(letter, answer, took) {
                courier.show(&Sent::Outbox(&error));
                troubled = true;
            }
        }
        let spent = courier.interval * u32::try_from(letters.len()).unwrap_or(u32::MAX);
        let answers: Vec<Answer> = answers.into_iter().flatten().map(|(answer, _)| answer).collect();
        let entropy = self.entropy.hash_one(self.rounds);
        let pause = self.health.heard(&answers, entropy).max(spent);
        Ok(if troubled { pause.max(TROUBLE) } else { pause })
    }

    /// Sends each letter on a thread of its own. A letter for which the system gave no thread was not sent: it is handed out
    /// again when its lease is over.
    fn send_each(&self, letters: &[Letter]) -> Vec<Option<(Answer, Duration)>> {
        let courier = self.courier;
        let panicked = (Answer::None(FailureKind::Other), Duration::ZERO);
        thread::scope(|scope| {
            let start = |letter| {
                let send = move || {
                    let begun = courier.transport.now().mono;
                    let answer = courier.send(letter);
                    (answer, courier.transport.now().mono.saturating_sub(begun))
                };
                thread::Builder::new().spawn_scoped(scope, send)
            };
            let sending: Vec<_> = letters.iter().map(start).collect();
            let end = |thread: io::Result<thread::ScopedJoinHandle<'_, _>>| match thread {
                Ok(thread) => Some(thread.join().unwrap_or(panicked)),
                Err(error) => {
                    courier.show(&Sent::NoThread(&error));
                    None
                }
            };
            sending.into_iter().map(end).collect()
        })
    }

    fn book(&self, letter: &Letter, answer: Answer, took: Duration) -> Result<(), StoreError> {
        let courier = self.courier;
        let mut dead = false;
        if answer == Answer::Taken {
            courier.outbox.delivered(letter)?;
        } else {
            let entropy = self.entropy.hash_one(&letter.id);
            let pause = courier
                .schedule
                .pause_after(letter.failures.saturating_add(1), entropy);
            let pause = pause.map(|pause| pause.max(answer.trouble().unwrap_or_default()));
            dead = courier.outbox.failed(letter, &answer.to_string(), pause)? && pause.is_none();
        }
        courier.show(&Sent::Letter {
            letter,
            answer,
            took,
            dead,
        });
        Ok(())
    }
}

impl<T> fmt::Debug for Courier<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier")
            .field("target", &self.target)
            .field("schedule", &self.schedule)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
