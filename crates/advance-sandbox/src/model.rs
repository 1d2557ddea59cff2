//! The vendor as a pure model: a request and a time go in, a reply comes out.
//!
//! There is no clock, no randomness, no input or output, no lock. Two models that are made from the same
//! [`VendorConfig`] and are asked the same at the same times answer the same.

mod accounts;
mod bounded;
mod calls;
mod clock;
mod config;
mod control;
mod dispatch;
mod ending;
mod endpoint;
mod failure;
pub(crate) mod form;
mod ids;
mod images;
mod journal;
mod jwt;
mod outcome;
mod page;
mod params;
pub(crate) mod people;
mod person;
mod picture;
mod redirect;
mod refusal;
pub(crate) mod reply;
mod result;
mod scenario;
mod shown;
mod source;
mod time;
mod verification;
mod when;

use std::fmt;

use http::header::DATE;
use http::{HeaderValue, Request, Response};
use serde_json::Value;

use accounts::Accounts;
use bounded::Bounded;
use failure::Plan;
use ids::Ids;
use jwt::Mint;
use picture::Album;
use verification::Verification;

pub use clock::{Clock, MAX_SPEED};
pub use config::{Account, Behaviour, Charging, RegionRefusal, Unfinished, VendorConfig};
pub use ending::{Ending, Ready};
pub use endpoint::Endpoint;
pub use failure::Failure;
pub(crate) use journal::UnderWay;
pub use journal::{Entry, Journal, Ledger, Price, Prices};
pub use outcome::Outcome;
pub use scenario::{Place, Scenario};
pub use source::Source;
pub use time::UnixMs;
pub use when::When;

/// The largest request body that is read, in bytes. A larger one is answered with `CLIENT_ERROR` (a guess).
pub const MAX_BODY: usize = 1 << 20;

/// Verifications that are remembered at a time; older ones no longer exist.
const VERIFICATIONS: usize = 100_000;

/// The vendor: its accounts, tokens and verifications, and what tests make it do.
#[derive(Clone)]
pub struct Vendor {
    accounts: Accounts,
    verifications: Bounded<Verification>,
    behaviour: Behaviour,
    configured: Behaviour,
    plan: Plan,
    journal: Journal,
    ledger: Ledger,
    token_requests: u64,
    public_base: String,
    path_prefix: String,
    clock: Clock,
    ids: Ids,
    link_key: [u8; 32],
    image_key: [u8; 32],
    album: Album,
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor")
            .field("behaviour", &self.behaviour)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

/// A vendor with the default configuration.
impl Default for Vendor {
    fn default() -> Self {
        Self::new(VendorConfig::default())
    }
}

impl Vendor {
    /// A vendor that nobody has asked anything yet.
    pub fn new(config: VendorConfig) -> Self {
        let ids = Ids::new(&config.seed);
        let mut vendor = Self {
            accounts: Accounts::new(&config.accounts, Mint::new(ids.key("jwt"))),
            verifications: Bounded::new(VERIFICATIONS),
            configured: config.behaviour.clone(),
            behaviour: config.behaviour,
            plan: Plan::default(),
            journal: Journal::default(),
            ledger: Ledger::default(),
            token_requests: 0,
            public_base: String::new(),
            path_prefix: config.path_prefix,
            clock: Clock::default(),
            link_key: ids.key("link"),
            image_key: ids.key("image"),
            ids,
            album: Album::default(),
        };
        vendor.set_public_base(config.public_base);
        vendor
    }

    /// Answers one request that came at the time `real`. Nothing that is asked makes it fail or panic.
    ///
    /// Every reply has a `Date`. A reply of the three documented calls has HTTP status 200 whatever its code says,
    /// unless a [`Failure`] with another status was planned.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, real: UnixMs) -> Response<Vec<u8>> {
        let now = self.clock.at(real);
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let mut response = if let Some(name) = path.strip_prefix(images::PATH) {
            let response = self.image(name, query, now);
            self.record(request, &response, now);
            response
        } else if let Some(rest) = path.strip_prefix("/__sandbox/") {
            self.control(request, rest)
        } else if let Some(rest) = path.strip_prefix("/h5-idv/") {
            let response = self.page(request, rest, now);
            self.record(request, &response, now);
            response
        } else {
            self.call(request, now)
        };
        let date = now.shifted(self.behaviour.date_offset_ms).http_date();
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().insert(DATE, date);
        }
        response
    }

    /// Adds an account, or gives an account that is there another secret key. It is enabled either way.
    pub fn add_account(&mut self, access_key: impl Into<String>, secret_key: impl Into<String>) {
        self.accounts.add(Account::new(access_key, secret_key));
    }

    /// Enables or disables an account; a disabled one gets no tokens, and those it has are refused. Says whether
    /// there is such an account.
    pub fn set_account_enabled(&mut self, access_key: &str, enabled: bool) -> bool {
        self.accounts.enable(access_key, enabled)
    }

    /// Makes one token unknown. Says whether it was known.
    pub fn revoke_token(&mut self, token: &str) -> bool {
        self.accounts.revoke(token, &self.ids)
    }

    /// Makes all tokens unknown, and says how many there were.
    pub fn revoke_all_tokens(&mut self) -> usize {
        self.accounts.revoke_all(&self.ids)
    }

    /// Plans that the next `times` calls of `endpoint` are answered with `failure`, after what was planned before.
    /// Only a POST of JSON within the size limit counts as a call.
    pub fn fail_next(&mut self, endpoint: Endpoint, times: u32, failure: Failure) {
        self.plan.add(endpoint, times, failure);
    }

    /// Ends a verification, as the person at the page would. A verification that had ended ends anew. Says whether
    /// there is such a verification.
    pub fn finish(&mut self, signature_id: &str, ending: impl Into<Ending>) -> bool {
        self.finish_when(signature_id, ending, Ready::Now)
    }

    /// [`finish`](Self::finish), which get-result tells only later, or never.
    pub fn finish_when(&mut self, signature_id: &str, ending: impl Into<Ending>, ready: Ready) -> bool {
        self.verifications
            .get_mut(signature_id)
            .map(|verification| verification.end(ending.into(), ready))
            .is_some()
    }

    /// Ends a verification with data that get-result delivers as it is; see [`Ending::exactly`] for data byte by byte.
    /// Says whether there is such a verification.
    pub fn finish_with(&mut self, signature_id: &str, data: impl Into<Value>) -> bool {
        match serde_json::value::to_raw_value(&data.into()) {
            Ok(data) => self.finish(signature_id, Ending::exactly(data)),
            // A Value can always be written down.
            Err(_) => false,
        }
    }

    /// The clock that tokens, links and dates go by, to read.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The clock that tokens, links and dates go by, to move.
    pub fn clock_mut(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// The habits in force, to read.
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// The habits in force, to change.
    pub fn behaviour_mut(&mut self) -> &mut Behaviour {
        &mut self.behaviour
    }

    /// Sets what links begin with, such as `http://127.0.0.1:8080`.
    pub fn set_public_base(&mut self, base: impl Into<String>) {
        let base: String = base.into();
        base.trim_end_matches('/').clone_into(&mut self.public_base);
    }

    /// Forgets verifications, tokens, planned failures, the journal and the ledger; enables every account; returns to
    /// the habits of the configuration. Accounts stay, and no identifier is used a second time.
    pub fn reset(&mut self) {
        self.accounts.revoke_all(&self.ids);
        self.accounts.enable_all();
        self.verifications.clear();
        self.behaviour = self.configured.clone();
        self.plan = Plan::default();
        self.journal = Journal::default();
        self.ledger = Ledger::default();
        self.token_requests = 0;
        self.clock.reset();
    }

    /// What was asked.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What it cost.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How often a token was asked for since the start or the last reset, with and without success.
    pub fn token_requests(&self) -> u64 {
        self.token_requests
    }
}
