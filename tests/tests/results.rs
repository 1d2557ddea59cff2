//! The results of a batch as they come, by both clients, over real sockets; the sandbox's books are the judge.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use advance_core::session::{BatchItem, BatchRest};
use advance_core::{BaseUrl, BatchPolicy, Config, SignatureId};
use advance_sandbox::Sandbox;
use advance_sandbox::model::{Charging, Endpoint};

use support::{Api, BOTH, Kind, ledger, sandbox};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn limit(at_once: usize) -> BatchPolicy {
    BatchPolicy::new().concurrency(NonZeroUsize::new(at_once).unwrap())
}

fn ids(api: &Api, count: usize) -> Vec<SignatureId> {
    (0..count)
        .map(|_| api.link("sbx-ok").signature_id().clone())
        .collect()
}

/// How often each id was asked for. A request that a kill cut off has none.
fn asked(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    sandbox.with_vendor(|vendor| {
        for entry in vendor.journal().of(Endpoint::GetResult) {
            if let Some(id) = &entry.signature_id {
                *asked.entry(id.clone()).or_default() += 1;
            }
        }
    });
    asked
}

/// Takes so many of them, and gives up the rest.
fn take(api: &Api, ids: Vec<SignatureId>, policy: BatchPolicy, count: usize) -> (Vec<BatchItem>, BatchRest) {
    match api {
        Api::Async(runtime, client) => runtime.block_on(async {
            let mut results = client.results(ids, policy);
            let mut taken = Vec::new();
            while taken.len() < count
                && let Some(item) = results.next().await
            {
                taken.push(item);
            }
            (taken, results.into_rest())
        }),
        Api::Blocking(client) => {
            let mut results = client.results(ids, policy);
            (results.by_ref().take(count).collect(), results.into_rest())
        }
    }
}

#[test]
fn each_comes_once_and_long_before_the_last() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let ids = ids(&api, 40);
        let before = ledger(&sandbox);
        sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = MS(20));
        let (taken, rest) = take(&api, ids.clone(), limit(4), usize::MAX);
        let mut came: Vec<_> = taken.iter().map(|item| item.index).collect();
        came.sort_unstable();
        assert_eq!(came, (0..40).collect::<Vec<_>>());
        assert!(taken.iter().all(|item| ids[item.index] == item.signature_id));
        assert!(taken.iter().all(|item| matches!(item.result, Some(Ok(_)))));
        assert!(rest.came.is_empty() && rest.dropped.is_empty() && rest.unasked.is_empty());
        let mut in_all = before;
        in_all += rest.charges;
        assert_eq!(in_all, ledger(&sandbox));
    }
}

#[test]
fn a_slow_taker_has_no_more_asked_for_than_he_allows() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let ids = ids(&api, 30);
        let (taken, rest) = match &api {
            Api::Async(runtime, client) => runtime.block_on(async {
                let mut results = client.results(ids.clone(), limit(4));
                let first = results.next().await.unwrap();
                tokio::time::sleep(MS(200)).await;
                (vec![first], results.into_rest())
            }),
            Api::Blocking(client) => {
                let mut results = client.results(ids.clone(), limit(4));
                let first = results.next().unwrap();
                thread::sleep(MS(200));
                (vec![first], results.into_rest())
            }
        };
        let asked: usize = asked(&sandbox).values().sum();
        assert!((1..=5).contains(&asked), "{kind:?}: {asked}");
        assert_eq!(
            taken.len() + rest.came.len() + rest.dropped.len() + rest.unasked.len(),
            30
        );
    }
}

#[test]
fn what_is_given_up_half_way_says_what_it_cost() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.charging = Charging::PayPerPoll);
        let api = Api::of(kind, &sandbox);
        let ids = ids(&api, 60);
        let before = api.charges();
        sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = MS(40));
        let (taken, rest) = take(&api, ids.clone(), limit(6), 10);
        assert_eq!(taken.len(), 10);
        let names: BTreeSet<_> = taken
            .iter()
            .map(|item| &item.signature_id)
            .chain(rest.came.iter().map(|item| &item.signature_id))
            .chain(&rest.dropped)
            .chain(&rest.unasked)
            .collect();
        assert_eq!((names.len(), names), (60, ids.iter().collect()));
        let came = (taken.len() + rest.came.len()) as u64;
        assert_eq!(rest.charges.pay, came, "{kind:?}");
        assert_eq!(rest.charges.unknown, rest.dropped.len() as u64, "{kind:?}");
        let kept: BTreeSet<_> = taken
            .iter()
            .chain(&rest.came)
            .map(|item| item.signature_id.as_str())
            .collect();
        let dropped: BTreeSet<_> = rest.dropped.iter().map(SignatureId::as_str).collect();
        assert!(
            asked(&sandbox)
                .keys()
                .all(|id| kept.contains(&**id) || dropped.contains(&**id))
        );
        let in_all = api.charges();
        assert_eq!(in_all.pay - before.pay, rest.charges.pay);
        assert_eq!(in_all.unknown - before.unknown, rest.charges.unknown);
        match kind {
            Kind::Async => assert!(!rest.dropped.is_empty()),
            // A thread cannot be dropped: it is waited for.
            Kind::Blocking => assert!(rest.dropped.is_empty() && !rest.came.is_empty()),
        }
        assert!(rest.unasked.len() > 30);
    }
}

#[test]
fn a_panic_of_a_transport_reaches_who_takes() {
    struct Panics;

    impl advance_core::Transport for Panics {
        fn send(
            &self,
            _: http::Request<Vec<u8>>,
            _: &advance_core::transport::Limits,
        ) -> Result<http::Response<Vec<u8>>, advance_core::transport::Failure> {
            panic!("a transport's own")
        }

        fn sleep(&self, duration: Duration) {
            thread::sleep(duration);
        }

        fn now(&self) -> advance_core::Now {
            advance_core::Now {
                wall: advance_core::UnixMillis::new(1_700_000_000_000),
                mono: Duration::from_secs(1),
            }
        }
    }

    for at_once in [1, 4] {
        let client = advance_core::Client::new(Panics, Config::new(), support::credentials(), 7);
        let ids = (0..9).map(|n| SignatureId::new(format!("id-{n}")).unwrap());
        let mut results = client.results(ids, limit(at_once));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| results.next()));
        let said = panicked.unwrap_err();
        assert_eq!(said.downcast_ref::<&str>(), Some(&"a transport's own"));
    }
}

/// What the process that is killed is told.
const CHILD: &str = "RESULTS_TEST_CHILD";

/// Asks for what is in no line of the file yet, and writes a line for each result before it takes the next.
fn collect(api: &Api, ids: &Path, done: &Path) {
    let had = fs::read_to_string(done).unwrap_or_default();
    let had: BTreeSet<_> = had.lines().collect();
    let ids = fs::read_to_string(ids).unwrap();
    let left = ids.lines().filter(|id| !had.contains(id));
    let left: Vec<_> = left.map(|id| SignatureId::new(id).unwrap()).collect();
    let mut file = OpenOptions::new().create(true).append(true).open(done).unwrap();
    let mut keep = |item: BatchItem| {
        assert!(matches!(item.result, Some(Ok(_))));
        writeln!(file, "{}", item.signature_id).unwrap();
    };
    match api {
        Api::Async(runtime, client) => runtime.block_on(async {
            let mut results = client.results(left, limit(8));
            while let Some(item) = results.next().await {
                keep(item);
            }
        }),
        Api::Blocking(client) => client.results(left, limit(8)).for_each(&mut keep),
    }
}

/// Not a test of its own: the process that `five_hundred_are_killed_and_taken_up` kills.
#[test]
fn child() {
    let Ok(told) = env::var(CHILD) else { return };
    let [kind, url, folder] = told.split('|').collect::<Vec<_>>().try_into().unwrap();
    let kind = if kind == "async" {
        Kind::Async
    } else {
        Kind::Blocking
    };
    let api = Api::new(kind, Config::new().base_url(BaseUrl::with_loopback(url).unwrap()));
    let folder = Path::new(folder);
    collect(&api, &folder.join("ids"), &folder.join("done"));
}

#[test]
fn five_hundred_are_killed_and_taken_up() {
    for (kind, name) in [(Kind::Async, "async"), (Kind::Blocking, "blocking")] {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let folder = tempfile::tempdir().unwrap();
        let (ids_file, done) = (folder.path().join("ids"), folder.path().join("done"));
        let ids = ids(&api, 500);
        let mut file = File::create(&ids_file).unwrap();
        for id in &ids {
            writeln!(file, "{id}").unwrap();
        }
        sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = MS(5));
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child"])
            .env(
                CHILD,
                format!("{name}|{}|{}", sandbox.base_url(), folder.path().display()),
            )
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = || fs::read_to_string(&done).map_or(0, |text| text.lines().count());
        let began = Instant::now();
        while lines() < 120 {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the child brings nothing"
            );
            thread::sleep(MS(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = fs::read_to_string(&done).unwrap();
        let kept: Vec<_> = kept.lines().collect();
        assert!((120..450).contains(&kept.len()), "{kind:?}: {}", kept.len());

        collect(&api, &ids_file, &done);
        assert_eq!(lines(), 500);
        let asked = asked(&sandbox);
        assert!(
            kept.iter().all(|id| asked[*id] == 1),
            "{kind:?}: what had come was asked for again"
        );
        // What was under way, or had come and was not yet kept, is asked for again: eight at the most.
        let twice: usize = asked.values().map(|times| times - 1).sum();
        assert!(asked.len() == 500 && twice <= 8, "{kind:?}: {twice}");
    }
}
