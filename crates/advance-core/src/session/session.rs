//! What the calls of one account share: the token, the clock's correction, the retry budget, the sum of charges.

use std::fmt;

use http::Request;

use super::budget::{Budget, Budgets};
use super::entropy::Entropy;
use super::event::CallId;
use super::fleet::Fleet;
use super::judge::Known;
use super::sabotage::Rule;
use super::skew::Skew;
use super::token::{COOL_DOWN, Generation, TokenSlot};
use super::{Config, Event};
use crate::charge::{Charge, Charges};
use crate::error::Error;
use crate::secret::{AccessToken, Credentials};
use crate::time::{Now, UnixMillis};
use crate::url::InsecureHost;
use crate::wire::Period;

/// The state that the calls of one account share. It does nothing by itself: time and entropy are arguments, and
/// what has to be sent or waited for comes back as a [`Step`](super::Step).
///
/// [`Client`](crate::Client) and [`AsyncClient`](crate::AsyncClient) keep one behind a mutex. If neither fits, drive the
/// steps yourself; the module [`session`](crate::session) shows a complete loop.
pub struct Session {
    pub(super) config: Config,
    /// A reply may come when there are others already, and is judged by those that were then.
    pub(super) credentials: Credentials,
    pub(super) entropy: Entropy,
    pub(super) token: TokenSlot,
    pub(super) skew: Skew,
    pub(super) budgets: Budgets,
    pub(super) totals: Charges,
    /// The store in which the token is shared, if there is one.
    pub(super) fleet: Option<Box<Fleet>>,
    calls: u64,
    events: Option<Vec<Event>>,
    broken: Option<Rule>,
}

/// Names a call that is under way, so that it can be given up from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub(super) call: u64,
    pub(super) in_flight: bool,
}

impl Ticket {
    /// No call at all.
    pub(crate) const NONE: Self = Self {
        call: 0,
        in_flight: false,
    };

    /// Whether a request of it is under way that may be charged.
    pub(crate) const fn is_in_flight(self) -> bool {
        self.in_flight
    }

    /// The same call, if it is given up before its request went out: then nothing of unknown cost was sent.
    #[must_use]
    pub const fn unsent(self) -> Self {
        Self {
            call: self.call,
            in_flight: false,
        }
    }
}

/// A token taken out of a session, to survive a restart or to be shared.
///
/// A token may be bound to the address it was asked from (a guess: the document's sample has a `realIp` claim), so
/// sharing between machines is at the caller's risk. It is a secret; `Debug` redacts it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedToken {
    /// The token.
    pub token: AccessToken,
    /// When it ends by this machine's wall clock.
    pub expires_at: UnixMillis,
}

impl ExportedToken {
    /// A token that was stored, and when it ends by this machine's wall clock.
    pub const fn new(token: AccessToken, expires_at: UnixMillis) -> Self {
        Self { token, expires_at }
    }
}

impl Session {
    /// A session without a token. `seed` is where randomness enters, once: any number that differs between
    /// processes will do, since it only spreads waits.
    pub fn new(config: Config, credentials: Credentials, seed: u64) -> Self {
        let stock = config.retry.stock();
        Self {
            config,
            credentials,
            entropy: Entropy::new(seed),
            token: TokenSlot::new(None),
            skew: Skew::default(),
            budgets: Budgets::new(stock),
            totals: Charges::NONE,
            fleet: None,
            calls: 0,
            events: None,
            broken: None,
        }
    }

    /// Breaks one rule, to see whether anybody notices.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn sabotaged(mut self, rule: Rule) -> Self {
        self.token = TokenSlot::new(Some(rule));
        self.broken = Some(rule);
        self
    }

    pub(super) fn breaks(&self, rule: Rule) -> bool {
        self.broken == Some(rule)
    }

    /// The stock of retries of this path.
    pub(super) fn budget(&mut self, path: &'static str) -> &mut Budget {
        let path = if self.breaks(Rule::BudgetsByPath) {
            ""
        } else {
            path
        };
        self.budgets.of(path)
    }

    pub(super) const fn next_call(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    /// Refuses to send without TLS what belongs to a real account.
    pub(super) fn may_travel_readable<B>(&self, request: &Request<B>) -> Result<(), Error> {
        match request.extensions().get::<InsecureHost>() {
            Some(host) if !host.takes_real_keys() && !self.credentials.are_the_sample() => {
                Err(Error::invalid(
                    "insecure host",
                    "is reached without TLS, so only with the sandbox's sample keys (sampleaccesskey, samplesecretkey), \
                 unless InsecureHost::even_with_real_keys says otherwise",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Signs with these keys from now on: those of the same account, whose old ones are about to be revoked. The token in use
    /// stays in use until it is to be renewed, or the vendor refuses it; what the old keys were refused for is forgotten. For
    /// another account, make another session: a token belongs to the account that asked for it.
    pub fn set_credentials(&mut self, credentials: Credentials) {
        self.credentials = credentials;
        self.token.forgive();
        self.shares_by_other_keys();
    }

    /// Gives a call up that is dropped before its end: if it was asking for a token, the next in line does; if a
    /// request was under way, its charge is unknown. Say it once for a call: the second time counts that request again.
    pub fn abandon(&mut self, ticket: Ticket) {
        if ticket.in_flight {
            self.totals.record(Charge::Unknown);
        }
        if ticket == Ticket::NONE {
            return;
        }
        self.token.release(ticket.call);
        if let Some(fleet) = &mut self.fleet {
            fleet.abandon(ticket.call);
        }
        self.note(|| Event::CallAbandoned {
            call: CallId(ticket.call),
        });
    }

    /// Where the history of the token stands. A call that waits with [`Until::Token`](super::Until::Token) is to be
    /// resumed when this is no longer what it has seen.
    pub const fn generation(&self) -> Generation {
        self.token.generation()
    }

    /// What all requests of this session cost so far, dropped calls included.
    pub const fn charges(&self) -> Charges {
        self.totals
    }

    /// The token in use, if there is one, to keep or to share. One that is over by either clock is not given out.
    pub fn export_token(&self, now: Now) -> Option<ExportedToken> {
        let (token, left) = self.token.held(now)?;
        let expires_at = now.wall.saturating_add(left);
        (!left.is_zero()).then(|| ExportedToken::new(token.clone(), expires_at))
    }

    /// Takes a token that was exported before, here or elsewhere. One that is past, that ends before the one in use, that
    /// is the one in use, or the last that was replaced because the vendor refused it, changes nothing; none is believed
    /// to live for more than a day. Says whether it was taken.
    pub fn adopt_token(&mut self, stored: ExportedToken, now: Now) -> bool {
        let left = stored
            .expires_at
            .saturating_since(now.wall)
            .min(Period::MAX.duration());
        let changes_nothing = match self.token.held(now) {
            // Its life was measured when it was asked for, and refusals name it as it is.
            Some((token, current)) => *token == stored.token || left <= current,
            None => left.is_zero(),
        };
        if changes_nothing || self.token.was_given_up(&stored.token) {
            return false;
        }
        let entropy = self.entropy.next();
        self.token.adopt(stored.token, left, now, entropy);
        true
    }

    /// Whether to keep a record of [`Event`]s. Once it is on, [take](Self::take_events) them after every transition, for
    /// the record grows.
    pub fn record_events(&mut self, on: bool) {
        self.events = on.then(Vec::new);
    }

    /// What happened since the last time.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn note(&mut self, event: impl FnOnce() -> Event) {
        if let Some(events) = &mut self.events {
            events.push(event());
        }
    }

    /// How this session behaves.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What the reply to a request that goes out now is judged by.
    pub(super) fn known(&self) -> Known {
        Known {
            keys: (!self.breaks(Rule::KeysStaySecret)).then(|| self.credentials.clone()),
            headers: self.config.headers.values().cloned().collect(),
            skew: self.skew,
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            config: self.config.clone(),
            generation: self.token.generation(),
            charges: self.totals,
        }
    }

    pub(super) fn cools_down(&mut self, now: Now, error: &Error) {
        self.token.cool_down(now, COOL_DOWN, error);
    }
}

/// What `Debug` shows of a session: a copy, so that no lock around the session is held while it is written.
pub(crate) struct Snapshot {
    config: Config,
    generation: Generation,
    charges: Charges,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("config", &self.config)
            .field("generation", &self.generation)
            .field("charges", &self.charges)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshot().fmt(f)
    }
}
