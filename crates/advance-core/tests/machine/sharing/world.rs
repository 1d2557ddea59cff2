//! Several sessions, one store, and clocks that do not agree.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use advance_core::client::MemoryTokenStore;
use advance_core::session::{Awaiting, Call, Event, Job, Pause, Session, Step};
use advance_core::sharing::{Egress, TokenAnswer, TokenAsk, TokenStoreErrorKind};
use advance_core::{Config, Credentials, GetResult, Now, SignatureId, UnixMillis};

use crate::support::{Asked, Reply, START, sort, token_until};

pub(crate) struct World {
    pub(crate) sessions: Vec<Session>,
    mono: Duration,
    clock: Arc<AtomicU64>,
    pub(crate) store: MemoryTokenStore,
    /// How long the store takes to answer. If that is longer than the session has for it, the answer is lost.
    pub(crate) takes: Duration,
    /// For how long each session's machine slept: its monotonic clock stood still.
    pub(crate) asleep: Vec<Duration>,
    /// The store cannot be reached.
    pub(crate) down: Option<TokenStoreErrorKind>,
    /// What the store was asked, by a letter each.
    pub(crate) asked: String,
    /// How many tokens the vendor has issued.
    pub(crate) issued: u32,
}

pub(crate) fn keys(secret: &str) -> Credentials {
    Credentials::new("sampleaccesskey", secret).unwrap()
}

impl World {
    /// This many sessions that share a token.
    pub(crate) fn of(count: u64) -> Self {
        let clock = Arc::new(AtomicU64::new(0));
        let shown = Arc::clone(&clock);
        let session = |seed| {
            let mut session = Session::new(Config::new(), keys("samplesecretkey"), seed);
            session.share_tokens(Egress::new("here").unwrap());
            session.record_events(true);
            session
        };
        let mut world = Self {
            sessions: (0..count).map(session).collect(),
            mono: Duration::ZERO,
            clock,
            // Its clock is a year ahead of all others.
            store: MemoryTokenStore::new(move || UnixMillis::new(shown.load(Ordering::SeqCst) + START * 2)),
            takes: Duration::ZERO,
            asleep: vec![Duration::ZERO; usize::try_from(count).unwrap()],
            down: None,
            asked: String::new(),
            issued: 0,
        };
        world.pass(Duration::from_secs(1_000));
        world
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.mono += time;
        let millis = u64::try_from(self.mono.as_millis()).unwrap();
        self.clock.store(millis, Ordering::SeqCst);
    }

    /// The clocks of workers are up to an hour off, to either side.
    pub(crate) fn now(&self, who: usize) -> Now {
        let off = i64::try_from(who % 3).unwrap() - 1;
        let true_time = START + u64::try_from(self.mono.as_millis()).unwrap();
        Now {
            wall: UnixMillis::new(true_time).offset_by(off * 3_600_000),
            mono: self.mono - self.asleep[who],
        }
    }

    pub(crate) fn begin(&mut self, who: usize) -> Asked<GetResult> {
        self.begins(who, Call::new(GetResult::new(SignatureId::new("id").unwrap())))
    }

    pub(crate) fn begins<J: Job>(&mut self, who: usize, call: Call<J>) -> Asked<J> {
        let now = self.now(who);
        let step = self.sessions[who].begin(call, now);
        self.settle(who, step)
    }

    pub(crate) fn answer<J: Job>(&mut self, who: usize, awaiting: Awaiting<J>, reply: Reply) -> Asked<J> {
        let now = self.now(who);
        let step = awaiting.resume(&mut self.sessions[who], now, reply);
        self.settle(who, step)
    }

    pub(crate) fn wake<J: Job>(&mut self, who: usize, pause: Pause<J>) -> Asked<J> {
        let now = self.now(who);
        let step = pause.resume(&mut self.sessions[who], now);
        self.settle(who, step)
    }

    /// What the vendor says to a token request: a token that lives for this long.
    pub(crate) fn issue(&mut self, life: u64) -> Reply {
        self.issued += 1;
        let true_time = START + u64::try_from(self.mono.as_millis()).unwrap();
        let reply = token_until(&format!("token-{}", self.issued), true_time + life * 1_000);
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_millis(true_time));
        crate::support::with(reply, http::header::DATE, &date)
    }

    /// Carries out what the store is asked, at once.
    fn settle<J: Job>(&mut self, who: usize, mut step: Step<J>) -> Asked<J> {
        loop {
            step = match step {
                Step::Share(ask, within, sharing) => {
                    self.asked.push(match &ask {
                        TokenAsk::Claim(_) => 'c',
                        TokenAsk::Publish { .. } => 'p',
                        _ => 'g',
                    });
                    let answer: Result<TokenAnswer, _> = match self.down {
                        Some(kind) => Err(kind),
                        None => ask.of(&self.store, within).map_err(|error| error.kind()),
                    };
                    self.pass(self.takes.min(within));
                    let late = Err(TokenStoreErrorKind::Late);
                    let answer = if self.takes > within { late } else { answer };
                    let now = self.now(who);
                    sharing.resume(&mut self.sessions[who], now, answer)
                }
                other => return sort(other),
            };
        }
    }

    /// Brings a cold session to a token of an hour that was accepted.
    pub(crate) fn warm(&mut self, who: usize) {
        let call = match self.begin(who) {
            Asked::Token(_, asking) => {
                let reply = self.issue(3_600);
                self.answer(who, asking, reply).call()
            }
            other => other.call(),
        };
        self.accepts(who, call);
    }

    pub(crate) fn accepts(&mut self, who: usize, call: Awaiting<GetResult>) {
        self.answer(who, call, crate::support::result("\"FREE\""))
            .success();
    }

    /// The call is refused, at once and again.
    pub(crate) fn refused_twice(&mut self, who: usize) -> Asked<GetResult> {
        let first = self.begin(who).call();
        let second = self
            .answer(who, first, crate::support::failure("IAM_FAILED"))
            .call();
        self.answer(who, second, crate::support::failure("IAM_FAILED"))
    }

    pub(crate) fn events(&mut self, who: usize) -> Vec<Event> {
        self.sessions[who].take_events()
    }

    /// The token that a session sends next.
    pub(crate) fn in_use(&mut self, who: usize) -> String {
        let now = self.now(who);
        let exported = self.sessions[who].export_token(now).unwrap();
        exported.token.expose().to_owned()
    }
}
