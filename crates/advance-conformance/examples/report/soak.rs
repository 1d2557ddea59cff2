//! Thousands of calls through each transport while one reply in five is hurt on the wire: every call has to end with
//! an answer or a typed error, the vendor's ledger has to agree with the client, and nothing may be left behind.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use advance_conformance::{Setup, Subject};
use advance_core::transport::FailureKind;
use advance_core::{
    BaseUrl, Charges, Client, Config, Credentials, Endpoint, ErrorKind, GenerateUrl, GetResult, Region,
    RetryPolicy, ReturnUrl, SignatureId, Transport, UserId,
};

use super::desk::Desk;
use super::left::Left;

/// Calls at the same time.
const AT_ONCE: u32 = 8;
const ATTEMPT: Duration = Duration::from_millis(400);

pub(crate) fn run(calls: u32) -> bool {
    let mut good = true;
    for subject in super::subjects() {
        // What is made once, a runtime or a pool of threads, is made before anything is counted.
        soak(&subject, calls.min(500));
        let before = Left::settled(Left::now());
        let start = Instant::now();
        let sum = soak(&subject, calls);
        let took = start.elapsed().as_secs_f64();
        let after = Left::settled(before);
        println!("{}: {sum}; {took:.1} s", subject.name());
        println!("  before: {before}; after: {after}");
        good &= sum.is_good(calls) && after.is_no_more_than(before);
    }
    good
}

/// What came of the calls of one transport.
#[derive(Default)]
struct Sum {
    answered: u32,
    failed: u32,
    untyped: u32,
    exact: u32,
    wrong: u32,
    charges: Charges,
    hurt: u64,
    served: u64,
    billed: u64,
}

impl Sum {
    fn is_good(&self, calls: u32) -> bool {
        self.answered + self.failed == calls
            && self.untyped == 0
            && self.wrong == 0
            && self.failed > 0
            && self.exact > 0
            && agrees(self.charges, self.billed)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} answered, {} failed, {} of them untyped; {} of {} replies hurt; the vendor charged {}, the client knows \
             of {} and does not know of {}; {} results of known cost agree with the ledger, {} do not",
            self.answered,
            self.failed,
            self.untyped,
            self.hurt,
            self.served,
            self.billed,
            self.charges.pay,
            self.charges.unknown,
            self.exact,
            self.wrong
        )
    }
}

fn soak(subject: &Subject, calls: u32) -> Sum {
    let (desk, server) = Desk::open();
    let config = Config::new()
        .base_url(BaseUrl::with_loopback(&server.url("")).unwrap())
        .attempt_timeout(ATTEMPT)
        .max_body(64 << 10)
        .retry(
            RetryPolicy::new()
                .backoff(Duration::from_millis(1), Duration::from_millis(5))
                .budget(u32::MAX),
        );
    // The vendor's sample account.
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = Client::new(subject.transport(&Setup::plain()), config, credentials, 11);
    let (next, sum) = (AtomicU32::new(0), Mutex::new(Sum::default()));
    let due = || next.fetch_add(1, Ordering::SeqCst) < calls;
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut link = None;
                while due() {
                    let Some(id) = link.take() else {
                        link = call(&client, &sum, asking())
                            .0
                            .map(|link| link.signature_id().clone());
                        continue;
                    };
                    let (_, charges) = call(&client, &sum, GetResult::new(SignatureId::clone(&id)));
                    let billed = desk.lock().unwrap().charged(id.as_str());
                    let mut sum = sum.lock().unwrap();
                    sum.wrong += u32::from(!agrees(charges, billed));
                    sum.exact += u32::from(charges.unknown == 0 && charges.pay == billed);
                }
            });
        }
    });
    let mut sum = sum.into_inner().unwrap();
    let desk = desk.lock().unwrap();
    sum.charges = client.charges();
    sum.billed = desk.charged_in_all();
    (sum.hurt, sum.served) = desk.hurt();
    sum
}

fn asking() -> GenerateUrl {
    let url = |text| ReturnUrl::new(text).unwrap();
    GenerateUrl::new(
        url("https://shop.example/verified"),
        url("https://shop.example/not-verified"),
        Region::IDN,
    )
    .user_id(UserId::new("sbx-ok").unwrap())
}

fn call<T: Transport, E: Endpoint>(
    client: &Client<T>,
    sum: &Mutex<Sum>,
    endpoint: E,
) -> (Option<E::Output>, Charges) {
    let result = client.call(endpoint);
    let mut sum = sum.lock().unwrap();
    match result {
        Ok(response) => {
            sum.answered += 1;
            let charges = response.charges();
            (Some(response.into_data()), charges)
        }
        Err(error) => {
            sum.failed += 1;
            sum.untyped += u32::from(error.kind() == ErrorKind::Transport(FailureKind::Other));
            (None, error.charges())
        }
    }
}

/// To the last one where nothing is unknown, and within what is unknown otherwise.
const fn agrees(charges: Charges, billed: u64) -> bool {
    charges.pay <= billed && billed <= charges.pay + charges.unknown
}
