//! The vendor as a pure model: a request and a time go in, a reply comes out.
//!
//! There is no clock, no randomness, no input or output, no lock. Two models that are made from the same
//! [`VendorConfig`] and are asked the same at the same times answer the same.

mod accounts;
mod bounded;
mod calls;
mod config;
mod control;
mod endpoint;
mod failure;
mod form;
mod ids;
mod images;
mod journal;
mod jwt;
mod outcome;
mod page;
mod params;
mod person;
mod picture;
mod redirect;
mod refusal;
mod reply;
mod time;
mod verification;

use std::borrow::Cow;
use std::fmt;

use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use serde_json::Value;

use accounts::Accounts;
use bounded::Bounded;
use calls::Trace;
use failure::Plan;
use ids::Ids;
use jwt::Mint;
use outcome::Ending;
use params::Params;
use picture::Album;
use refusal::Refusal;
use verification::Verification;

pub use config::{Account, Behaviour, Charging, RegionRefusal, Unfinished, VendorConfig};
pub use endpoint::Endpoint;
pub use failure::Failure;
pub use journal::{Entry, Journal, Ledger, Price, Prices};
pub use outcome::Outcome;
pub use time::UnixMs;

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
    ids: Ids,
    mint: Mint,
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
            accounts: Accounts::new(&config.accounts),
            verifications: Bounded::new(VERIFICATIONS),
            configured: config.behaviour.clone(),
            behaviour: config.behaviour,
            plan: Plan::default(),
            journal: Journal::default(),
            ledger: Ledger::default(),
            token_requests: 0,
            public_base: String::new(),
            path_prefix: config.path_prefix,
            mint: Mint::new(ids.key("jwt")),
            image_key: ids.key("image"),
            ids,
            album: Album::default(),
        };
        vendor.set_public_base(config.public_base);
        vendor
    }

    /// Answers one request that came at `now`. Nothing that is asked makes it fail or panic.
    ///
    /// Every reply has a `Date`. A reply of the three documented calls has HTTP status 200 whatever its code says,
    /// unless a [`Failure`] with another status was planned.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: UnixMs) -> Response<Vec<u8>> {
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
        self.accounts.revoke(token)
    }

    /// Makes all tokens unknown, and says how many there were.
    pub fn revoke_all_tokens(&mut self) -> usize {
        self.accounts.revoke_all()
    }

    /// Plans that the next `times` calls of `endpoint` are answered with `failure`, after what was planned before.
    /// Only a POST of JSON within the size limit counts as a call.
    pub fn fail_next(&mut self, endpoint: Endpoint, times: u32, failure: Failure) {
        self.plan.add(endpoint, times, failure);
    }

    /// Ends a verification, as the person at the page would. A verification that had ended ends anew. Says whether
    /// there is such a verification.
    pub fn finish(&mut self, signature_id: &str, outcome: Outcome) -> bool {
        self.end(signature_id, Ending::Outcome(outcome))
    }

    /// Ends a verification with data that get-result delivers as it is. Says whether there is such a verification.
    pub fn finish_with(&mut self, signature_id: &str, data: Value) -> bool {
        self.end(signature_id, Ending::Custom(data))
    }

    fn end(&mut self, signature_id: &str, ending: Ending) -> bool {
        self.verifications
            .get_mut(signature_id)
            .map(|verification| verification.end(ending))
            .is_some()
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
        self.accounts.revoke_all();
        self.accounts.enable_all();
        self.verifications.clear();
        self.behaviour = self.configured.clone();
        self.plan = Plan::default();
        self.journal = Journal::default();
        self.ledger = Ledger::default();
        self.token_requests = 0;
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

    fn call(&mut self, request: &Request<Vec<u8>>, now: UnixMs) -> Response<Vec<u8>> {
        let path = request.uri().path();
        let endpoint = path
            .strip_prefix(self.path_prefix.as_str())
            .and_then(Endpoint::at);
        let transaction_id = self.ids.short();
        let mut trace = Trace::default();
        let result = check_http(request, endpoint)
            .map_err(Failure::from)
            .and_then(|endpoint| {
                self.token_requests += u64::from(endpoint == Endpoint::GenerateToken);
                match self.plan.next(endpoint) {
                    Some(failure) => Err(failure),
                    None => self
                        .answer(endpoint, request, now, &mut trace)
                        .map_err(Failure::from),
                }
            });
        let (code, price, response) = match result {
            Ok(answer) => {
                let price = answer.price;
                (
                    reply::SUCCESS.into(),
                    price,
                    reply::success(answer, &transaction_id),
                )
            }
            Err(failure) => {
                let response = reply::failure(&failure, &transaction_id);
                (failure.code, failure.price, response)
            }
        };
        self.ledger.count(endpoint, price);
        self.journal.record(Entry {
            code: Some(code),
            transaction_id: Some(transaction_id),
            pricing_strategy: price,
            user_id: trace.user_id,
            signature_id: trace.signature_id,
            ..entry(request, endpoint, &response, now)
        });
        response
    }

    fn answer(
        &mut self,
        endpoint: Endpoint,
        request: &Request<Vec<u8>>,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<reply::Answer, Refusal> {
        let params = Params::parse(request.body())?;
        let headers = request.headers();
        match endpoint {
            Endpoint::GenerateToken => self.generate_token(&params, now),
            Endpoint::GenerateUrl => self.generate_url(headers, &params, now, trace),
            Endpoint::GetResult => self.get_result(headers, &params, now, trace),
        }
    }

    fn record(&mut self, request: &Request<Vec<u8>>, response: &Response<Vec<u8>>, now: UnixMs) {
        self.journal.record(entry(request, None, response, now));
    }
}

/// What is judged before anybody looks at the body.
fn check_http(request: &Request<Vec<u8>>, endpoint: Option<Endpoint>) -> Result<Endpoint, Refusal> {
    let endpoint = endpoint.ok_or(refusal::NOT_FOUND)?;
    if request.method() != Method::POST {
        Err(refusal::NOT_ALLOWED)
    } else if request.body().len() > MAX_BODY {
        Err(refusal::TOO_LARGE)
    } else if !is_json(request.headers()) {
        Err(refusal::MEDIA_TYPE)
    } else {
        Ok(endpoint)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

fn entry(
    request: &Request<Vec<u8>>,
    endpoint: Option<Endpoint>,
    response: &Response<Vec<u8>>,
    now: UnixMs,
) -> Entry {
    Entry {
        n: 0,
        at: now.as_millis(),
        method: match *request.method() {
            Method::POST => Cow::Borrowed("POST"),
            Method::GET => Cow::Borrowed("GET"),
            ref other => Cow::Owned(journal::clipped(other.as_str())),
        },
        path: match endpoint {
            Some(endpoint) => Cow::Borrowed(endpoint.path()),
            None => Cow::Owned(journal::clipped(request.uri().path())),
        },
        status: response.status().as_u16(),
        code: None,
        transaction_id: None,
        pricing_strategy: None,
        user_id: None,
        signature_id: None,
    }
}
