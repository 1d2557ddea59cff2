//! Transports that share a pace, on a clock that only they move.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use advance_collector::rate::{AsyncRateStore, MemoryRates, Paced, Rate, RateStore, Slot};
use advance_collector::{StoreError, StoreErrorKind};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport, BaseUrl, Now, Transport, UnixMillis};
use async_trait::async_trait;
use http::{Request, Response};

const START: u64 = 1_700_000_000_000;

/// What was sent when, and the clock: milliseconds since the start.
#[derive(Clone, Default)]
struct World(Arc<Mutex<(u64, Vec<u64>)>>);

impl World {
    fn now(&self) -> u64 {
        self.0.lock().unwrap().0
    }

    fn pass(&self, time: Duration) {
        self.0.lock().unwrap().0 += u64::try_from(time.as_micros().div_ceil(1_000)).unwrap();
    }

    fn sent(&self) -> Vec<u64> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }

    fn rates(&self) -> MemoryRates {
        let world = self.clone();
        MemoryRates::with_clock(move || UnixMillis::new(START + world.now()))
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut world = self.0.lock().unwrap();
        let now = world.0;
        world.1.push(now);
        let asked = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let mut response = Response::new(asked("body").unwrap_or_default().into());
        if let Some(status) = asked("status") {
            *response.status_mut() = status.parse().unwrap();
        }
        for name in ["retry-after", "date"] {
            if let Some(value) = request.headers().get(name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

impl Transport for World {
    fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Ok(self.answer(&request))
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn now(&self) -> Now {
        let passed = World::now(self);
        Now {
            wall: UnixMillis::new(START + passed),
            mono: Duration::from_millis(passed),
        }
    }
}

#[async_trait]
impl AsyncTransport for World {
    async fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Ok(self.answer(&request))
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn now(&self) -> Now {
        Transport::now(self)
    }
}

/// A database that does not answer in the time that it is given, and how often it was told to hold.
struct Gone(World, AtomicU32);

impl Gone {
    fn of(world: &World) -> Self {
        Self(world.clone(), AtomicU32::new(0))
    }

    fn late<T>(&self, within: Duration) -> Result<T, StoreError> {
        self.0.pass(within);
        Err(StoreError::new(StoreErrorKind::Unavailable))
    }
}

impl RateStore for Gone {
    fn take(&self, _: &str, _: &Rate, _: Duration, within: Duration) -> Result<Slot, StoreError> {
        self.late(within)
    }

    fn hold(&self, _: &str, _: Duration, within: Duration) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.late(within)
    }

    fn held(&self, _: &str, within: Duration) -> Result<Duration, StoreError> {
        self.late(within)
    }
}

#[async_trait]
impl AsyncRateStore for Gone {
    async fn take(
        &self,
        name: &str,
        rate: &Rate,
        at_most: Duration,
        within: Duration,
    ) -> Result<Slot, StoreError> {
        RateStore::take(self, name, rate, at_most, within)
    }

    async fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
        RateStore::hold(self, name, pause, within)
    }

    async fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
        RateStore::held(self, name, within)
    }
}

fn rate() -> Rate {
    Rate::per_second(NonZeroU32::new(10).unwrap())
}

fn request(host: &str, headers: &[(&str, &str)]) -> Request<Vec<u8>> {
    let mut request = Request::post(format!("https://{host}/intl/x"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Vec::new()).unwrap()
}

fn base() -> BaseUrl {
    BaseUrl::new("https://api.example").unwrap()
}

const LIMITS: Limits = Limits::new(Duration::from_secs(60), 1_000);

const TENTH: Duration = Duration::from_millis(100);

/// What clients do that share a pace, over threads and over tasks.
fn both(test: impl Fn(&World, &dyn Fn(Request<Vec<u8>>, &Limits) -> Result<Response<Vec<u8>>, Failure>)) {
    let world = World::default();
    let rates = world.rates();
    let make = || Paced::new(world.clone(), &base(), rates.clone(), "x", rate());
    let (one, other) = (make(), make());
    let turn = std::cell::Cell::new(false);
    let next = || if turn.replace(!turn.get()) { &one } else { &other };
    test(&world, &|request, limits| {
        Transport::send(next(), request, limits)
    });
    let world = World::default();
    let rates = world.rates();
    let tasks = Paced::new(world.clone(), &base(), rates, "x", rate());
    test(&world, &|request, limits| {
        smol::block_on(AsyncTransport::send(&tasks, request, limits))
    });
}

#[test]
fn requests_of_all_who_share_it_go_out_evenly_and_those_to_others_at_once() {
    both(|world, send| {
        for _ in 0..4 {
            send(request("api.example", &[]), &LIMITS).unwrap();
        }
        assert_eq!(world.sent(), [0, 100, 200, 300]);
        send(request("pictures.example", &[]), &LIMITS).unwrap();
        assert_eq!(world.sent(), [300]);
    });
}

#[test]
fn retry_after_holds_everybody_for_as_long_as_it_says() {
    both(|world, send| {
        send(request("api.example", &[("retry-after", "10s")]), &LIMITS).unwrap();
        send(request("api.example", &[]), &LIMITS).unwrap();
        assert_eq!(world.sent(), [0, 10_000]);
        // By the server's clock, which is an hour behind.
        let headers = [
            ("date", "Tue, 14 Nov 2023 21:13:20 GMT"),
            ("retry-after", "Tue, 14 Nov 2023 21:13:27 GMT"),
        ];
        send(request("api.example", &headers), &LIMITS).unwrap();
        send(request("api.example", &[]), &LIMITS).unwrap();
        assert_eq!(world.sent(), [10_100, 17_100]);
    });
}

#[test]
fn a_request_without_a_turn_in_time_is_not_sent() {
    both(|world, send| {
        send(request("api.example", &[("retry-after", "60")]), &LIMITS).unwrap();
        let failure = send(request("api.example", &[]), &LIMITS).unwrap_err();
        assert_eq!((failure.kind(), failure.sent()), (FailureKind::Connect, Sent::No));
        assert_eq!((world.sent().len(), world.now()), (1, 0));
    });
}

/// Another worker is told to hold while this one sleeps until its turn.
#[test]
fn a_hold_that_comes_while_one_waits_for_its_turn_is_kept() {
    #[derive(Clone)]
    struct Meanwhile(World, MemoryRates);

    impl Transport for Meanwhile {
        fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
            Transport::send(&self.0, request, limits)
        }

        fn sleep(&self, duration: Duration) {
            if self.0.now() < 100 {
                RateStore::hold(&self.1, "x", Duration::from_secs(5), TENTH).unwrap();
            }
            self.0.pass(duration);
        }

        fn now(&self) -> Now {
            Transport::now(&self.0)
        }
    }

    let world = World::default();
    let rates = world.rates();
    let paced = Paced::new(
        Meanwhile(world.clone(), rates.clone()),
        &base(),
        rates,
        "x",
        rate(),
    );
    for _ in 0..2 {
        paced.send(request("api.example", &[]), &LIMITS).unwrap();
    }
    assert_eq!(world.sent(), [0, 5_000]);
}

#[test]
fn a_success_holds_no_request_and_a_refusal_all_for_a_minute_at_the_most() {
    const SUCCESS: &str = r#"{"code":"SUCCESS","data":{"signatureId":"f3","url":"https://h5.example"}}"#;
    let refusals = [
        ("200", r#"{"code":"SERVICE_BUSY","message":"busy"}"#),
        ("429", r#"{"code":"SERVICE_BUSY","message":"busy"}"#),
        ("503", SUCCESS),
        ("503", "<html>"),
    ];
    for (status, refusal) in refusals {
        both(|world, send| {
            let headers = [("retry-after", "600"), ("body", SUCCESS)];
            send(request("api.example", &headers), &LIMITS).unwrap();
            let headers = [("retry-after", "600"), ("status", status), ("body", refusal)];
            send(request("api.example", &headers), &LIMITS).unwrap();
            let patient = Limits::new(Duration::from_secs(600), 1_000);
            send(request("api.example", &[]), &patient).unwrap();
            assert_eq!(world.sent(), [0, 100, 60_100], "{status} {refusal}");
        });
    }
}

#[test]
fn without_its_store_a_process_keeps_to_the_rate_by_itself() {
    let world = World::default();
    let rate = Rate::every(Duration::from_secs(3_600));
    let paced = Paced::new(world.clone(), &base(), Gone::of(&world), "x", rate);
    Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap();
    let failure = Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap_err();
    assert_eq!(failure.sent(), Sent::No);
    // The store's answer is waited for, and not for long.
    assert_eq!(world.sent(), [2_000]);
}

#[test]
fn a_strict_one_sends_nothing_without_its_store() {
    let world = World::default();
    let paced = Paced::new(world.clone(), &base(), Gone::of(&world), "x", rate()).strictly();
    let failures = [
        Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap_err(),
        smol::block_on(AsyncTransport::send(&paced, request("api.example", &[]), &LIMITS)).unwrap_err(),
    ];
    assert!(failures.iter().all(|failure| failure.sent() == Sent::No));
    assert!(world.sent().is_empty());
}

/// The store gives turns, and cannot say afterwards whether everybody is held back.
#[test]
fn a_strict_one_takes_another_turn_if_it_cannot_know_of_a_hold() {
    struct Forgetful(MemoryRates, Gone);

    impl RateStore for Forgetful {
        fn take(
            &self,
            name: &str,
            rate: &Rate,
            at_most: Duration,
            within: Duration,
        ) -> Result<Slot, StoreError> {
            RateStore::take(&self.0, name, rate, at_most, within)
        }

        fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
            RateStore::hold(&self.0, name, pause, within)
        }

        fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
            RateStore::held(&self.1, name, within)
        }
    }

    for (strict, sent) in [(false, [0, 4_000, 4_000]), (true, [0, 4_000, 8_000])] {
        let world = World::default();
        let store = Forgetful(world.rates(), Gone::of(&world));
        let mut paced = Paced::new(
            world.clone(),
            &base(),
            store,
            "x",
            Rate::every(Duration::from_secs(2)),
        );
        if strict {
            paced = paced.strictly();
        }
        for _ in 0..3 {
            Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap();
        }
        assert_eq!(world.sent(), sent, "strict: {strict}");
    }
}

/// It is stopped for five seconds while it waits for its turn, and another one has its turn then.
#[test]
fn a_turn_that_was_missed_is_taken_anew() {
    #[derive(Clone)]
    struct Stopped(World, MemoryRates);

    impl Transport for Stopped {
        fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
            Transport::send(&self.0, request, limits)
        }

        fn sleep(&self, duration: Duration) {
            if self.0.now() == 0 {
                self.0.pass(Duration::from_secs(5));
                RateStore::take(&self.1, "x", &rate(), Duration::ZERO, TENTH).unwrap();
            } else {
                self.0.pass(duration);
            }
        }

        fn now(&self) -> Now {
            Transport::now(&self.0)
        }
    }

    #[async_trait]
    impl AsyncTransport for Stopped {
        async fn send(
            &self,
            request: Request<Vec<u8>>,
            limits: &Limits,
        ) -> Result<Response<Vec<u8>>, Failure> {
            Transport::send(self, request, limits)
        }

        async fn sleep(&self, duration: Duration) {
            Transport::sleep(self, duration);
        }

        fn now(&self) -> Now {
            Transport::now(self)
        }
    }

    for tasks in [false, true] {
        let world = World::default();
        let rates = world.rates();
        let stopped = Stopped(world.clone(), rates.clone());
        let paced = Paced::new(stopped, &base(), rates, "x", rate());
        for _ in 0..2 {
            if tasks {
                smol::block_on(AsyncTransport::send(&paced, request("api.example", &[]), &LIMITS)).unwrap();
            } else {
                Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap();
            }
        }
        assert_eq!(world.sent(), [0, 5_100]);
    }
}

#[test]
fn no_reply_waits_for_the_store() {
    let world = World::default();
    let paced = Paced::new(world.clone(), &base(), Gone::of(&world), "x", rate());
    let headers = [("retry-after", "5")];
    for turn in 0..2 {
        if turn == 0 {
            Transport::send(&paced, request("api.example", &headers), &LIMITS).unwrap();
        } else {
            smol::block_on(AsyncTransport::send(
                &paced,
                request("api.example", &headers),
                &LIMITS,
            ))
            .unwrap();
        }
        let sent = world.sent().pop().unwrap();
        let back = world.now();
        assert!(back - sent <= 100, "sent at {sent} ms, and back at {back} ms");
    }
}

#[test]
fn a_request_of_little_time_does_not_spend_it_on_the_store() {
    let world = World::default();
    let paced = Paced::new(world.clone(), &base(), Gone::of(&world), "x", rate());
    let limits = Limits::new(Duration::from_secs(1), 1_000);
    Transport::send(&paced, request("api.example", &[]), &limits).unwrap();
    assert_eq!(world.sent(), [500]);
}

/// The store failed when it was to be told, and is there again for the next request.
#[test]
fn a_hold_that_the_store_did_not_hear_is_kept_and_told_again() {
    #[derive(Clone)]
    struct Back(MemoryRates, Arc<AtomicU32>);

    impl RateStore for Back {
        fn take(
            &self,
            name: &str,
            rate: &Rate,
            at_most: Duration,
            within: Duration,
        ) -> Result<Slot, StoreError> {
            RateStore::take(&self.0, name, rate, at_most, within)
        }

        fn hold(&self, name: &str, pause: Duration, within: Duration) -> Result<(), StoreError> {
            if self.1.fetch_sub(1, Ordering::SeqCst) > 1 {
                return Err(StoreError::new(StoreErrorKind::Unavailable));
            }
            RateStore::hold(&self.0, name, pause, within)
        }

        fn held(&self, name: &str, within: Duration) -> Result<Duration, StoreError> {
            RateStore::held(&self.0, name, within)
        }
    }

    for failures in [1, 2, 3] {
        let world = World::default();
        let rates = Back(world.rates(), Arc::new(AtomicU32::new(failures)));
        let paced = Paced::new(world.clone(), &base(), rates.clone(), "x", rate());
        Transport::send(&paced, request("api.example", &[("retry-after", "5")]), &LIMITS).unwrap();
        let limits = Limits::new(Duration::from_secs(4), 1_000);
        // It is held back itself, whether or not the store has heard by now.
        assert!(Transport::send(&paced, request("api.example", &[]), &limits).is_err());
        Transport::send(&paced, request("api.example", &[]), &LIMITS).unwrap();
        assert_eq!(world.sent(), [0, 5_000], "after {failures}");
        assert_eq!(
            rates.1.load(Ordering::SeqCst),
            0,
            "the store was told once too often or too seldom"
        );
    }
}

#[test]
fn tasks_and_threads_have_the_same_rates_in_memory() {
    let rates = World::default().rates();
    RateStore::hold(&rates, "x", Duration::from_secs(9), TENTH).unwrap();
    let held = smol::block_on(AsyncRateStore::held(&rates, "x", TENTH)).unwrap();
    assert_eq!(held, Duration::from_secs(9));
}
