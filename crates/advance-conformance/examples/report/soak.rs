//! Thousands of calls through each transport while one reply in five is hurt on the wire: every call has to end with
//! an answer or a typed error, the vendor's ledger has to agree with the client, and nothing may be left behind.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use advance_conformance::server::{Action, Script, Seen, Server};
use advance_conformance::{Setup, Subject};
use advance_core::wire::{BaseUrl, Endpoint as _, GenerateToken};
use advance_core::{
    Charges, Client, Config, Credentials, ErrorKind, FailureKind, GetResult, RetryPolicy, SignatureId,
    UnixMillis,
};

use super::left::Left;

/// Calls at the same time.
const AT_ONCE: u32 = 8;
/// One reply in so many is hurt.
const HURT: u64 = 5;
const ATTEMPT: Duration = Duration::from_millis(400);

/// How often the vendor served an id, and what it charged for it.
type Ledger = Arc<Mutex<HashMap<String, (u64, u64)>>>;

pub(crate) fn run(requests: u32) -> bool {
    let mut good = true;
    for subject in super::subjects() {
        // What is made once, a runtime or a pool of threads, is made before anything is counted.
        soak(&subject, requests.min(500));
        let before = Left::settled(Left::now());
        let start = Instant::now();
        let sum = soak(&subject, requests);
        let took = start.elapsed().as_secs_f64();
        let after = Left::settled(before);
        println!("{}: {sum}; {took:.1} s", subject.name());
        println!("  before: {before}; after: {after}");
        good &= sum.is_good(requests) && after.is_no_more_than(before);
    }
    good
}

/// What came of the calls of one transport.
#[derive(Default)]
struct Sum {
    answered: u32,
    failed: u32,
    untyped: u32,
    wrong: u32,
    charges: Charges,
    hurt: u64,
    served: u64,
}

impl Sum {
    fn is_good(&self, requests: u32) -> bool {
        self.answered + self.failed == requests && self.untyped == 0 && self.wrong == 0 && self.failed > 0
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} answered, {} failed, {} of them untyped; {} of {} replies hurt; {} free, {} charged, {} of unknown cost; \
             {} calls at odds with the ledger",
            self.answered,
            self.failed,
            self.untyped,
            self.hurt,
            self.served,
            self.charges.free,
            self.charges.pay,
            self.charges.unknown,
            self.wrong
        )
    }
}

fn soak(subject: &Subject, requests: u32) -> Sum {
    let ledger = Ledger::default();
    let served = Arc::new(Mutex::new((0, 0)));
    let vendor = vendor(&ledger, &served);
    let config = Config::new()
        .base_url(BaseUrl::with_loopback(&vendor.url("")).unwrap())
        .attempt_timeout(ATTEMPT)
        .max_body(64 << 10)
        .retry(
            RetryPolicy::new()
                .backoff(Duration::from_millis(1), Duration::from_millis(5))
                .budget(u32::MAX),
        );
    let credentials = Credentials::new("soakaccesskey", "soaksecretkey").unwrap();
    let client = Client::new(subject.transport(&Setup::plain()), config, credentials, 11);
    let (next, sum) = (AtomicU32::new(0), Mutex::new(Sum::default()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= requests {
                        return;
                    }
                    let id = format!("soak-{number}");
                    let result = client.call(GetResult::new(SignatureId::new(&*id).unwrap()));
                    let mut sum = sum.lock().unwrap();
                    let charges = match result {
                        Ok(response) => {
                            sum.answered += 1;
                            response.charges()
                        }
                        Err(error) => {
                            sum.failed += 1;
                            let untyped = error.kind() == ErrorKind::Transport(FailureKind::Other);
                            sum.untyped += u32::from(untyped);
                            error.charges()
                        }
                    };
                    let (_, billed) = ledger.lock().unwrap().get(&id).copied().unwrap_or_default();
                    sum.wrong += u32::from(!agrees(charges, billed));
                }
            });
        }
    });
    let mut sum = sum.into_inner().unwrap();
    sum.charges = client.charges();
    (sum.hurt, sum.served) = *served.lock().unwrap();
    sum
}

/// To the last one where nothing is unknown, and within what is unknown otherwise.
const fn agrees(charges: Charges, billed: u64) -> bool {
    charges.pay <= billed && billed <= charges.pay + charges.unknown
}

fn vendor(ledger: &Ledger, served: &Arc<Mutex<(u64, u64)>>) -> Server {
    let (ledger, served) = (Arc::clone(ledger), Arc::clone(served));
    let choose = move |seen: &Seen| {
        let body = String::from_utf8_lossy(&seen.body);
        let id = body.split('"').nth(3).unwrap_or_default().to_owned();
        let token = seen.target == GenerateToken::PATH;
        let mut ledger = ledger.lock().unwrap();
        let (times, charged) = ledger.entry(id.clone()).or_default();
        *times += 1;
        let dice = dice(&id, *times);
        let hurt = dice.is_multiple_of(HURT);
        let mut served = served.lock().unwrap();
        *served = (served.0 + u64::from(hurt), served.1 + 1);
        let reply = if token { issued() } else { result() };
        let (actions, refused) = if hurt {
            fault(dice / HURT, &reply)
        } else {
            (whole(&reply), false)
        };
        *charged += u64::from(!token && !refused);
        actions
    };
    Server::plain(Script::every([Action::Read, Action::choose(choose)])).unwrap()
}

/// The same for the same id and time, on every machine.
fn dice(id: &str, times: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (id, times).hash(&mut hasher);
    hasher.finish()
}

fn whole(body: &str) -> Vec<Action> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    vec![Action::send(head + body), Action::Again]
}

/// What happens to a reply, and whether the vendor refused before it did or charged anything.
fn fault(dice: u64, body: &str) -> (Vec<Action>, bool) {
    let length = body.len();
    let torn = &body[..length / 2];
    let send = |text: String| vec![Action::send(text)];
    match dice % 14 {
        0 => (vec![Action::Reset], false),
        1 => (vec![], false),
        2 => (
            send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{torn}"
            )),
            false,
        ),
        3 => (send("\u{0}\u{1}garbage\r\n\r\n".into()), false),
        4 => (
            send(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n"
            )),
            false,
        ),
        5 => (
            send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy".into()),
            true,
        ),
        6 => (
            send("HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n".into()),
            true,
        ),
        7 => (
            send("HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n".into()),
            true,
        ),
        8 => (vec![Action::Hold], false),
        9 => (send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into()), false),
        10 => (
            vec![Action::dribble(&body[..40], Duration::from_millis(1))],
            false,
        ),
        11 => (whole(torn), false),
        12 => (
            vec![
                Action::send("HTTP/1.1 200 OK\r\n\r\n"),
                Action::flood([b' '; 4 << 10], 256),
            ],
            false,
        ),
        _ => (
            send("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<h1>Hello</h1>".into()),
            false,
        ),
    }
}

fn issued() -> String {
    let hour = Duration::from_secs(3600);
    let expires = UnixMillis::from(SystemTime::now()).saturating_add(hour).get();
    format!(
        r#"{{"code":"SUCCESS","message":"OK","data":{{"token":"soak.token","expiredTime":{expires}}},"extra":null,"transactionId":"6c2c50a3049ce67e","pricingStrategy":"FREE"}}"#
    )
}

fn result() -> String {
    r#"{"code":"SUCCESS","message":"OK","data":{"idvCode":"CARD_NOT_FOUND"},"extra":null,"transactionId":"d3fde1547eeaf226","pricingStrategy":"PAY"}"#.into()
}
