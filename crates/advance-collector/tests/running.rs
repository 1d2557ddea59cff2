//! Both runners, over a transport that answers by itself.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use advance_collector::sink::{Folder, Keepsake, Sink, SinkError};
use advance_collector::{
    AsyncCollector, Collector, Ending, Event, MemoryStore, OnThread, Pace, Pending, Pictures, Policy,
    RunError, State, Status, Stop, Store,
};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::url::DownloadPolicy;
use advance_core::{AsyncClient, AsyncTransport, Client, Config, Credentials, Now, SignatureId, Transport};
use async_trait::async_trait;
use http::{Request, Response};

/// Ids that begin with `lost` lose their answers, `wait` finishes at the second question, the rest at once.
#[derive(Clone)]
struct Vendor {
    origin: Instant,
    asked: Arc<AtomicU32>,
    keys_are_wrong: bool,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture";

impl Vendor {
    fn new() -> Self {
        Self {
            origin: Instant::now(),
            asked: Arc::default(),
            keys_are_wrong: false,
        }
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        let path = request.uri().path();
        let envelope = |code: &str, data: &str, price: &str| {
            let text = format!(
                r#"{{"code":"{code}","message":"x","data":{data},"extra":null,"transactionId":"d3fde1547eeaf226","pricingStrategy":"{price}"}}"#
            );
            Ok(Response::new(text.into_bytes()))
        };
        if path.rsplit_once('.').is_some_and(|(_, kind)| kind == "png") {
            return Ok(Response::new(PNG.to_vec()));
        }
        if path.ends_with("generate-token") {
            if self.keys_are_wrong {
                return envelope("PARAMETER_ERROR", "null", "FREE");
            }
            return envelope(
                "SUCCESS",
                r#"{"token":"a.b.c","expiredTime":4102444800000}"#,
                "FREE",
            );
        }
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        if body.contains("lost") {
            return Err(Failure::new(FailureKind::Reset, Sent::Maybe));
        }
        if body.contains("wait") && asked == 0 {
            return envelope("SUCCESS", r#"{"idvCode":null}"#, "FREE");
        }
        let data = r#"{"image":"https://pictures.example/a.png?Expires=4102444800","idvCode":"SUCCESS",
            "idvResult":{"isLowQuality":false,"forgeryLabels":[]},"imageType":"SCAN","ocrCode":"SUCCESS",
            "ocrResult":{"name":"BUDI"}}"#;
        envelope("SUCCESS", data, "PAY")
    }
}

impl Transport for Vendor {
    fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        self.answer(&request)
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

#[async_trait]
impl AsyncTransport for Vendor {
    async fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        self.answer(&request)
    }

    async fn sleep(&self, duration: Duration) {
        smol::Timer::after(duration).await;
    }

    fn now(&self) -> Now {
        Transport::now(self)
    }
}

fn credentials() -> Credentials {
    Credentials::new("sampleaccesskey", "samplesecretkey").unwrap()
}

fn policy() -> Policy {
    let hosts = DownloadPolicy::nowhere().host("pictures.example").unwrap();
    Policy::new()
        .wait(|wait| wait.backoff(Duration::from_millis(100), Duration::from_millis(100)))
        .pictures(Pictures::Fetch)
        .download(hosts)
}

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    for id in ["lost", "wait", "done"] {
        let pending = Pending::of(SignatureId::new(id).unwrap()).first_after(Duration::ZERO);
        store.add(&[pending]).unwrap();
    }
    store
}

fn check(store: &MemoryStore, folder: &Folder, told: &[String]) {
    let status: Status = store.status().unwrap();
    assert_eq!(
        (status.done, status.unsure, status.untold, status.pictures),
        (2, 1, 0, 0),
        "{status:?}"
    );
    assert_eq!((status.charges.pay, status.charges.unknown), (2, 1));
    let mut told = told.to_vec();
    told.sort();
    assert_eq!(told, ["done.1 finished", "lost.1 unsure", "wait.1 finished"]);
    let kept = folder.of(&SignatureId::new("done").unwrap());
    assert_eq!(std::fs::read(kept.join("image.png")).unwrap(), PNG);
    assert!(
        std::fs::read_to_string(kept.join("result.json"))
            .unwrap()
            .contains("BUDI")
    );
    let record = store.get(&SignatureId::new("done").unwrap()).unwrap().unwrap();
    assert_eq!(record.pictures[0].bytes, Some(PNG.len() as u64));
    assert!(!format!("{record:?}").contains("BUDI"));
}

type Told = Arc<Mutex<Vec<String>>>;

fn teller(told: &Told) -> impl Fn(&Event) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + use<> {
    let told = Arc::clone(told);
    move |event| {
        told.lock()
            .unwrap()
            .push(format!("{} {}", event.id(), event.conclusion.ending));
        Ok(())
    }
}

#[test]
fn threads_collect_until_all_is_done() {
    let (store, told, place) = (store(), Told::default(), tempfile::tempdir().unwrap());
    let folder = Folder::new(place.path()).unwrap();
    let client = Client::new(Vendor::new(), Config::new(), credentials(), 7);
    let collector = Collector::new(client, store.clone(), policy())
        .sink(folder.clone())
        .tell(teller(&told));
    collector.run(Pace::new().until_done(), &Stop::new()).unwrap();
    check(&store, &folder, &told.lock().unwrap());
}

#[test]
fn tasks_collect_until_all_is_done() {
    let (store, told, place) = (store(), Told::default(), tempfile::tempdir().unwrap());
    let folder = Folder::new(place.path()).unwrap();
    let client = AsyncClient::new(Vendor::new(), Config::new(), credentials(), 7);
    let on_thread = OnThread::new(store.clone()).unwrap();
    let collector = AsyncCollector::new(client, on_thread, policy())
        .sink(folder.clone())
        .tell(teller(&told));
    smol::block_on(collector.run(Pace::new().until_done(), std::future::pending())).unwrap();
    check(&store, &folder, &told.lock().unwrap());
}

#[test]
fn wrong_keys_end_a_run_and_nothing_is_spent() {
    let store = store();
    let vendor = Vendor {
        keys_are_wrong: true,
        ..Vendor::new()
    };
    let client = Client::new(vendor.clone(), Config::new(), credentials(), 7);
    let collector = Collector::new(client, store.clone(), policy());
    let error = collector.run(Pace::new().until_done(), &Stop::new()).unwrap_err();
    assert!(matches!(error, RunError::Account(_)), "{error}");
    assert_eq!(vendor.asked.load(Ordering::SeqCst), 0);
    assert_eq!(store.status().unwrap().waiting, 3);
}

#[test]
fn one_that_is_named_is_worked_on_once() {
    let store = store();
    let client = Client::new(Vendor::new(), Config::new(), credentials(), 7);
    let collector = Collector::new(client, store.clone(), Policy::new());
    let id = SignatureId::new("done").unwrap();
    assert_eq!(collector.work_on(&id).unwrap().len(), 1);
    assert_eq!(collector.work_on(&id).unwrap().len(), 0);
    let record = store.get(&id).unwrap().unwrap();
    assert_eq!((record.state, record.charges.pay), (State::Done, 1));
    assert_eq!(record.conclusion.unwrap().ending, Ending::Finished);
}

/// A sink that cannot forget one verification, until it can; it writes down what it forgot.
#[derive(Clone, Default)]
struct Stubborn {
    gives_in: Arc<AtomicBool>,
    forgot: Arc<Mutex<Vec<String>>>,
}

impl Sink for Stubborn {
    fn keep(&self, _: &Keepsake) -> Result<(), SinkError> {
        Ok(())
    }

    fn forget(&self, id: &SignatureId) -> Result<(), SinkError> {
        if id.as_str() == "done" && !self.gives_in.load(Ordering::SeqCst) {
            return Err("the disk is read-only".into());
        }
        self.forgot.lock().unwrap().push(id.to_string());
        Ok(())
    }
}

/// The ids that the store still names, after `run` has collected and pruned.
fn pruned(store: &MemoryStore, sink: &Stubborn, run: impl Fn()) {
    let left = || -> Vec<String> {
        let records = store.list(None, 9).unwrap();
        records
            .iter()
            .map(|record| record.signature_id.to_string())
            .collect()
    };
    run();
    assert_eq!(
        left(),
        ["done"],
        "what the sink still holds has to be found again"
    );
    sink.gives_in.store(true, Ordering::SeqCst);
    run();
    assert_eq!(left(), [""; 0]);
    let mut forgot = sink.forgot.lock().unwrap().clone();
    forgot.sort();
    assert_eq!(forgot, ["done", "lost", "wait"]);
    assert_eq!(
        store.status().unwrap().charges.pay,
        2,
        "what it cost stays in the sum"
    );
}

/// Runs for a moment, for old verifications are looked for beside all other work.
#[test]
fn threads_prune_from_the_store_only_what_the_sink_has_forgotten() {
    let (store, sink) = (store(), Stubborn::default());
    pruned(&store, &sink, || {
        let client = Client::new(Vendor::new(), Config::new(), credentials(), 7);
        let policy = policy().retention(Duration::ZERO);
        let collector = Collector::new(client, store.clone(), policy)
            .sink(sink.clone())
            .tell(|_: &Event| Ok(()));
        collector.run(Pace::new().until_done(), &Stop::new()).unwrap();
        let stop = Stop::new();
        thread::scope(|scope| {
            scope.spawn(|| collector.run(Pace::new(), &stop).unwrap());
            thread::sleep(Duration::from_millis(300));
            stop.stop();
        });
    });
}

#[test]
fn tasks_prune_from_the_store_only_what_the_sink_has_forgotten() {
    let (store, sink) = (store(), Stubborn::default());
    pruned(&store, &sink, || {
        let client = AsyncClient::new(Vendor::new(), Config::new(), credentials(), 7);
        let policy = policy().retention(Duration::ZERO);
        let collector = AsyncCollector::new(client, OnThread::new(store.clone()).unwrap(), policy)
            .sink(sink.clone())
            .tell(|_: &Event| Ok(()));
        smol::block_on(collector.run(Pace::new().until_done(), std::future::pending())).unwrap();
        let moment = async {
            smol::Timer::after(Duration::from_millis(300)).await;
        };
        smol::block_on(collector.run(Pace::new(), moment)).unwrap();
    });
}

/// Longer than all that is to be done takes on a slow machine, and shorter than any pause after which a runner would come upon it
/// by chance: a claim's lease, its next look.
const PROMPTLY: Duration = Duration::from_secs(20);

/// Looks for news of its own once in ten minutes.
fn seldom() -> Pace {
    Pace::new().look_every(Duration::from_secs(600)).until_done()
}

fn promptly(run: impl FnOnce()) {
    let begun = Instant::now();
    run();
    assert!(begun.elapsed() < PROMPTLY, "{:?}", begun.elapsed());
}

fn threads_collect_seldom(store: &MemoryStore) {
    let client = Client::new(Vendor::new(), Config::new(), credentials(), 1);
    let collector = Collector::new(client, store.clone(), policy()).tell(|_: &Event| Ok(()));
    promptly(|| collector.run(seldom(), &Stop::new()).unwrap());
}

fn tasks_collect_seldom(store: &MemoryStore) {
    let client = AsyncClient::new(Vendor::new(), Config::new(), credentials(), 1);
    let on_thread = OnThread::new(store.clone()).unwrap();
    let collector = AsyncCollector::new(client, on_thread, policy()).tell(|_: &Event| Ok(()));
    promptly(|| smol::block_on(collector.run(seldom(), std::future::pending())).unwrap());
}

/// What this runner itself made due needs no look: the next question, and the pictures of a result.
#[test]
fn threads_that_seldom_look_do_what_follows_from_their_own_outcomes() {
    threads_collect_seldom(&store());
}

#[test]
fn tasks_that_seldom_look_do_what_follows_from_their_own_outcomes() {
    tasks_collect_seldom(&store());
}

fn tomorrow(store: &MemoryStore) -> SignatureId {
    let id = SignatureId::new("a").unwrap();
    let pending = Pending::of(id.clone()).first_after(Duration::from_secs(24 * 3_600));
    store.add(&[pending]).unwrap();
    id
}

/// Nudges when the runner has looked, and found nothing.
fn nudged_meanwhile(run: impl FnOnce(&MemoryStore)) {
    let store = store();
    let id = tomorrow(&store);
    let nudger = {
        let store = store.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            store.nudge(&id).unwrap();
        })
    };
    run(&store);
    nudger.join().unwrap();
}

#[test]
fn threads_hear_at_once_of_a_nudge_by_another_process() {
    nudged_meanwhile(threads_collect_seldom);
}

#[test]
fn tasks_hear_at_once_of_a_nudge_by_another_process() {
    nudged_meanwhile(tasks_collect_seldom);
}
