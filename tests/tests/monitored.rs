//! The list of monitors over real sockets: the blocking client, ureq, and a sandbox that refuses, fails and is wrong about the
//! time. Each sabotage is a transport that does something else than it was asked, or hides something of the reply.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use advance_core::transport::{Failure, Limits};
use advance_core::{
    BaseUrl, Charges, Client, Config, Error, GenerateUrl, Now, Region, Response as Brought, RetryPolicy,
    ReturnUrl, Transport, UserId, WaitPolicy,
};
use advance_sandbox::model::{Account, Charging, Endpoint, Failure as Refusal};
use advance_sandbox::{Sandbox, Vendor, VendorConfig};
use advance_tests::monitors::{Desk, Terms, Watched};
use advance_tests::simulation::{Invariant, Violation};
use advance_ureq::UreqTransport;
use http::{HeaderValue, Request, Response};

const MS: fn(u64) -> Duration = Duration::from_millis;

const TERMS: Terms = Terms {
    attempts: 3,
    total: Duration::from_secs(20),
    attempt: Duration::from_secs(5),
    longest_backoff: Duration::from_millis(20),
    maybe_charged: false,
    budget: 20,
    must_succeed: false,
};

/// What stands between the client and its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tamper {
    Nothing,
    /// Each request goes out twice.
    Repeats,
    /// The token is left out.
    DropsTheToken,
    /// The client does not learn that it was told to wait.
    HidesRetryAfter,
    /// The client does not learn that it was charged.
    HidesThePrice,
}

struct Tampered<T>(Watched<T>, Tamper);

impl<T: Transport> Transport for Tampered<T> {
    fn send(&self, mut request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        match self.1 {
            Tamper::Repeats => drop(self.0.send(request.clone(), limits)),
            Tamper::DropsTheToken => drop(request.headers_mut().remove("x-access-token")),
            _ => {}
        }
        let mut response = self.0.send(request, limits)?;
        match self.1 {
            Tamper::HidesRetryAfter => drop(response.headers_mut().remove("retry-after")),
            Tamper::HidesThePrice => {
                let body = String::from_utf8_lossy(response.body()).replace(r#""PAY""#, r#""FREE""#);
                *response.body_mut() = body.into_bytes();
            }
            _ => {}
        }
        Ok(response)
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

struct Bench {
    sandbox: Sandbox,
    desk: Desk,
    client: Client<Tampered<UreqTransport>>,
}

impl Bench {
    fn new(tamper: Tamper) -> Self {
        let (access_key, secret_key) = Desk::KEYS;
        let mut vendor = VendorConfig::default();
        vendor.accounts = vec![Account::new(access_key, secret_key)];
        vendor.behaviour.charging = Charging::PayPerResult;
        let sandbox = Sandbox::builder().config(vendor).start_blocking().unwrap();
        let desk = Desk::new(TERMS);
        let retry = RetryPolicy::new()
            .attempts(TERMS.attempts)
            .total(TERMS.total)
            .backoff(MS(5), TERMS.longest_backoff);
        let config = Config::new()
            .base_url(BaseUrl::with_loopback(sandbox.base_url()).unwrap())
            .attempt_timeout(TERMS.attempt)
            .retry(retry);
        let transport = Tampered(desk.watch(UreqTransport::new().unwrap()), tamper);
        let client = Client::new(transport, config, Desk::credentials(), 7).with_observer(desk.clone());
        Self {
            sandbox,
            desk,
            client,
        }
    }

    fn heard<T>(&self, result: Result<Brought<T>, Error>) -> Option<T> {
        match result {
            Ok(response) => Some(response.into_data()),
            Err(error) => {
                self.desk.failed(&error);
                None
            }
        }
    }

    fn fails(&self, at: Endpoint, times: u32, how: Refusal) {
        self.sandbox
            .with_vendor(|vendor| vendor.fail_next(at, times, how));
    }

    /// A program's day: links, results that come late, a busy vendor, a revoked token, a clock that is wrong.
    fn day(&self) -> Charges {
        let page = ReturnUrl::new("https://shop.example/").unwrap();
        let person = |user| {
            GenerateUrl::new(page.clone(), page.clone(), Region::IDN).user_id(UserId::new(user).unwrap())
        };
        self.fails(Endpoint::GenerateToken, 1, Refusal::busy());
        if let Some(link) = self.heard(self.client.generate_url(person("sbx-pending-3"))) {
            let often = WaitPolicy::link(&link)
                .first_poll_after(MS(0))
                .backoff(MS(5), MS(5));
            if let Err(error) = self.client.wait_for_result(often).into_result() {
                self.desk.failed(&error);
            }
        }
        let told = Refusal::busy().retry_after(HeaderValue::from_static("1"));
        self.fails(Endpoint::GenerateUrl, 1, told);
        let link = self.heard(self.client.generate_url(person("sbx-ok")));
        self.sandbox.with_vendor(Vendor::revoke_all_tokens);
        self.fails(Endpoint::GetResult, 4, Refusal::error());
        for _ in 0..3 {
            if let Some(link) = &link {
                self.heard(self.client.get_result(link.signature_id()));
            }
        }
        // Far enough for the token to be over, and for the next request for one to be refused for its time.
        self.sandbox.advance_clock(Duration::from_secs(7_200));
        self.heard(self.client.generate_url(person("sbx-ok")));
        self.client.charges()
    }

    fn verdict(&self) -> Result<(), Violation> {
        let charges = self.day();
        self.desk.over(charges)
    }
}

#[test]
fn a_day_over_sockets_violates_no_rule() {
    let bench = Bench::new(Tamper::Nothing);
    bench.verdict().unwrap();
    let requests = bench.sandbox.with_vendor(|vendor| vendor.journal().total());
    assert!(requests > 15, "{requests}");
    assert!(bench.client.charges().pay > 0);
}

#[test]
fn what_is_wrong_over_sockets_is_noticed_by_its_rule() {
    for (tamper, rule) in [
        (Tamper::Repeats, Invariant::OneStory),
        (Tamper::DropsTheToken, Invariant::AsDocumented),
        (Tamper::HidesRetryAfter, Invariant::RetryAfter),
        (Tamper::HidesThePrice, Invariant::TrueCharges),
    ] {
        let violation = Bench::new(tamper).verdict().expect_err("it is noticed");
        assert_eq!(violation.invariant, rule, "{tamper:?}: {violation}");
    }
}
