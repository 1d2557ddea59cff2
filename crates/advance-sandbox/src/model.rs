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
mod delivery;
mod dispatch;
mod ending;
mod endpoint;
mod failure;
mod faults;
mod fidelity;
pub(crate) mod form;
mod held;
mod hint;
mod ids;
mod images;
mod journal;
mod jwt;
mod openapi;
mod outcome;
mod page;
mod params;
pub(crate) mod people;
pub(crate) mod person;
mod picture;
#[cfg(not(feature = "drawing"))]
mod plain;
mod redirect;
mod refusal;
pub(crate) mod reply;
mod result;
mod route;
mod scenario;
mod shape;
mod short;
mod shown;
mod source;
mod strict;
mod stubs;
mod time;
mod verification;
mod when;

use std::fmt;

use http::header::DATE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use accounts::Accounts;
use bounded::{Bounded, Limit};
use failure::Plan;
use faults::Faults;
use held::Held;
use ids::Ids;
use jwt::Mint;
use picture::Album;
use stubs::Stubs;
use verification::Verification;

pub use clock::{Clock, MAX_SPEED};
pub use config::{Account, Behaviour, Charging, RegionRefusal, Unfinished, VendorConfig};
pub use delivery::{Delivery, SocketFault};
pub(crate) use dispatch::entry;
pub use ending::{Ending, Ready};
pub use endpoint::Endpoint;
pub use failure::Failure;
pub use faults::{Effect, Fault};
pub use fidelity::{Fidelity, TABLE as FIDELITY};
pub use journal::{Entry, Journal, Ledger, Price, Prices};
pub(crate) use journal::{Peer, UnderWay};
pub use outcome::Outcome;
pub(crate) use reply::shield;
pub(crate) use route::Route;
pub use scenario::{Place, Scenario};
pub use shape::Shape;
pub use source::Source;
pub use stubs::Stub;
pub use time::UnixMs;
pub use when::When;

/// The largest request body that is read, in bytes. A larger one is answered with `CLIENT_ERROR` (a guess).
pub const MAX_BODY: usize = 1 << 20;

/// Verifications that are remembered at a time; older ones no longer exist.
const VERIFICATIONS: Limit = Limit {
    count: 100_000,
    bytes: 48 << 20,
};

/// By which address the sandbox was asked, as an extension of a request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// What the page's link begins with.
    pub(crate) page: String,
    /// What links to pictures begin with.
    pub(crate) images: String,
}

/// Says that a request's body was not read to its end, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenOff;

/// How much was forgotten to stay within bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Forgotten {
    /// Verifications, which no longer exist.
    pub verifications: u64,
    /// Entries of the journal.
    pub journal: u64,
}

/// The vendor: its accounts, tokens and verifications, and what tests make it do.
#[derive(Clone)]
pub struct Vendor {
    accounts: Accounts,
    verifications: Bounded<Verification>,
    behaviour: Behaviour,
    configured: Behaviour,
    plan: Plan,
    faults: Faults,
    stubs: Stubs,
    held: Held,
    snapshot: Option<Box<Self>>,
    journal: Journal,
    ledger: Ledger,
    token_requests: u64,
    public_base: String,
    image_base: Option<String>,
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
    /// A vendor that has not been asked anything yet.
    pub fn new(config: VendorConfig) -> Self {
        let ids = Ids::new(&config.seed);
        let mut vendor = Self {
            accounts: Accounts::new(&config.accounts, Mint::new(ids.key("jwt"))),
            verifications: Bounded::new(VERIFICATIONS),
            configured: config.behaviour.clone(),
            behaviour: config.behaviour,
            plan: Plan::default(),
            faults: Faults::default(),
            stubs: Stubs::default(),
            held: Held::new(config.held_bytes),
            snapshot: None,
            journal: Journal::default(),
            ledger: Ledger::default(),
            token_requests: 0,
            image_base: None,
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
    /// Every reply has a `Date`. A reply of the three documented calls has HTTP status 200 with any code,
    /// unless a [`Failure`] with another status was planned.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, real: UnixMs) -> Response<Vec<u8>> {
        let now = self.clock.at(real);
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let mut response = match Route::of(path, &self.path_prefix) {
            Route::Call(path) => self.call(request, path, now),
            Route::Control(path) => self.control(request, path, real),
            Route::Dashboard(path) => dashboard(request, path),
            Route::Image(name) => {
                let response = self.image(request.method(), name, query, now);
                let leaked = images::leaked(request.headers());
                self.note(request, &response, now, |entry| entry.leaked = leaked);
                response
            }
            Route::Page(rest) => {
                let response = self.page(request, rest, now);
                // What the page fetches by itself would bury what people and programs did.
                if !page::is_part(rest) {
                    self.note(request, &response, now, |_| {});
                }
                response
            }
            Route::Short(id) => {
                let response = self.short(request.method(), id, now);
                self.note(request, &response, now, |_| {});
                response
            }
        };
        let date = now.shifted(self.behaviour.date_offset_ms).http_date();
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().insert(DATE, date);
        }
        reply::shield(response.headers_mut());
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
            .change(signature_id, |verification| {
                verification.end(ending.into(), ready);
            })
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

    /// Plans a fault; `now` is the real time. Says whether there was room for it: 100 may stand at a time.
    pub fn plan_fault(&mut self, fault: Fault, now: UnixMs) -> bool {
        let now = self.clock.at(now);
        self.faults.add(fault, now)
    }

    /// Ends all faults and forgets all planned failures.
    pub fn clear_faults(&mut self) {
        self.plan = Plan::default();
        self.faults.clear();
    }

    /// Answers a path of another product. Says whether there was room for it.
    pub fn stub(&mut self, stub: Stub) -> bool {
        self.stubs.add(stub)
    }

    /// Remembers everything as it is, instead of what was remembered before.
    pub fn snapshot(&mut self) {
        self.snapshot = None;
        self.snapshot = Some(Box::new(self.clone()));
    }

    /// Makes everything as it was at the snapshot, which stays: verifications, tokens, faults, stubs, journal, ledger,
    /// clock, and which ids come next. Says whether there is one.
    pub fn restore(&mut self) -> bool {
        let Some(snapshot) = self.snapshot.take() else {
            return false;
        };
        *self = (*snapshot).clone();
        self.snapshot = Some(snapshot);
        true
    }

    /// How much was forgotten to stay within bounds.
    pub fn forgotten(&self) -> Forgotten {
        Forgotten {
            verifications: self.verifications.forgotten(),
            journal: self.journal.forgotten(),
        }
    }

    fn image_base(&self) -> &str {
        self.image_base.as_deref().unwrap_or(&self.public_base)
    }

    /// Sets what links to pictures begin with, if that is another origin.
    pub fn set_image_base(&mut self, base: impl Into<String>) {
        let base: String = base.into();
        self.image_base = Some(base.trim_end_matches('/').to_owned());
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
        self.faults.clear();
        self.stubs.clear();
        self.held.clear();
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

/// The dashboard, or a file of it.
fn dashboard(request: &Request<Vec<u8>>, file: &str) -> Response<Vec<u8>> {
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let served = crate::dashboard::serve(request.uri().path(), file).filter(|_| is_read);
    served.unwrap_or_else(|| {
        let status = if is_read {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::METHOD_NOT_ALLOWED
        };
        reply::json(
            status,
            &serde_json::json!({"error": "the dashboard has no such file, and is only read"}),
        )
    })
}
