//! An observer does no harm, sees everything in order, and writes what no log line can be forged with.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use advance_core::client::Tracing;
use advance_core::session::Event;
use advance_core::wire::{Auth, DecodeError, Replay};
use advance_core::{BatchPolicy, Charge, Endpoint, GetResult, WaitPolicy};
use advance_sandbox::model::{Endpoint as At, Failure};
use advance_sandbox::{Sandbox, Vendor};

use support::{Api, BOTH, Kind, config, ledger, polls, sandbox};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// What an observer panics with; dropping it panics once more.
struct Spark;

impl Drop for Spark {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic_any(Ash);
        }
    }
}

/// What it then panics with.
struct Ash;

/// Keeps the reports of panics that are meant out of the output.
fn hush() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload().is::<Spark>() && !panic.payload().is::<Ash>() {
                report(panic);
            }
        }));
    });
}

#[test]
fn fault_78_an_observer_that_panics_does_no_harm() {
    hush();
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let told = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&told);
        let api = Api::of(kind, &sandbox).observed(move |_: &Event| {
            count.fetch_add(1, Ordering::Relaxed);
            panic_any(Spark);
        });
        let link = api.link("sbx-pending-3");
        let waited = api.wait(
            WaitPolicy::link(&link)
                .first_poll_after(MS(0))
                .backoff(MS(5), MS(5)),
        );
        assert_eq!(waited.polls, 3, "{kind:?}");
        waited.into_result().unwrap();
        let ids = vec![link.signature_id().clone(); 20];
        let four = BatchPolicy::new().concurrency(NonZeroUsize::new(4).unwrap());
        let batch = api.get_results(ids, four);
        assert!(
            batch.items.iter().all(|item| matches!(item.result, Some(Ok(_)))),
            "{kind:?}"
        );
        assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
        // Token, link, three polls and twenty results: each begins and ends, and so does each call.
        assert!(told.load(Ordering::Relaxed) >= 25 * 2 + 24, "{kind:?}: {told:?}");
    }
}

/// An endpoint of the caller's own whose `decode`, which runs under the client's lock, panics.
struct Fragile(GetResult);

impl Endpoint for Fragile {
    type Output = ();
    const PATH: &'static str = GetResult::PATH;
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::MayCharge;

    fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    fn decode(&self, _: &str) -> Result<(), DecodeError> {
        panic_any(Spark)
    }
}

#[test]
fn fault_78_a_poisoned_lock_does_not_brick_the_client() {
    hush();
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let link = api.link("sbx-ok");
        let id = link.signature_id();
        let fragile = Fragile(GetResult::new(id.clone()));
        let ended = catch_unwind(AssertUnwindSafe(|| match &api {
            Api::Async(runtime, client) => runtime.block_on(client.call(fragile)).map(drop),
            Api::Blocking(client) => client.call(fragile).map(drop),
        }));
        std::mem::forget(ended.expect_err("it panics"));
        let begun = Instant::now();
        api.get_result(id).unwrap();
        assert!(begun.elapsed() < MS(1_000), "{kind:?}: {:?}", begun.elapsed());
        // What the reply said of its price is lost with the panic; that there was a request is not.
        let (told, books) = (api.charges(), ledger(&sandbox));
        assert_eq!((told.unknown, told.free + 1), (1, books.free), "{kind:?}");
    }
}

/// What happened, in short.
fn names(events: &[Event]) -> Vec<String> {
    let name = |event: &Event| match event {
        Event::AttemptBegun { purpose, number, .. } => format!("{purpose:?} {number} begun"),
        Event::AttemptEnded {
            purpose,
            number,
            error,
            ..
        } => {
            format!(
                "{purpose:?} {number} {}",
                if error.is_some() { "failed" } else { "ended" }
            )
        }
        Event::Waiting { why, .. } => format!("wait for {why:?}"),
        Event::TokenIssued { replacement, .. } => format!("token issued, replacement {replacement}"),
        Event::TokenRejected { current, .. } => format!("token rejected, current {current}"),
        Event::CallEnded { error, sends, .. } => {
            format!("call ended, error {}, sends {sends}", error.is_some())
        }
        Event::CallBegun { .. } => "call begun".to_owned(),
        Event::CallAbandoned { .. } => "call abandoned".to_owned(),
        other => format!("{other:?}"),
    };
    events.iter().map(name).collect()
}

fn watched(kind: Kind, sandbox: &Sandbox) -> (Api, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let api = Api::of(kind, sandbox).observed(move |event: &Event| seen.lock().unwrap().push(event.clone()));
    (api, events)
}

#[test]
fn the_events_of_a_whole_demo_come_in_order() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let (api, events) = watched(kind, &sandbox);
        sandbox.with_vendor(|vendor| vendor.fail_next(At::GenerateToken, 1, Failure::busy()));
        let link = api.link("sbx-pending-2");
        sandbox.with_vendor(Vendor::revoke_all_tokens);
        api.wait(
            WaitPolicy::link(&link)
                .first_poll_after(MS(0))
                .backoff(MS(5), MS(5)),
        )
        .into_result()
        .unwrap();
        let events = std::mem::take(&mut *events.lock().unwrap());
        assert_eq!(
            names(&events),
            [
                "call begun",
                "Token 1 begun",
                "Token 1 failed",
                "wait for Retry",
                "Token 2 begun",
                "Token 2 ended",
                "token issued, replacement false",
                "Call 3 begun",
                "Call 3 ended",
                "call ended, error false, sends 3",
                "call begun",
                "Call 1 begun",
                "Call 1 failed",
                "token rejected, current true",
                "Call 2 begun",
                "Call 2 failed",
                "token rejected, current true",
                "Replacement 3 begun",
                "Replacement 3 ended",
                "token issued, replacement true",
                "Call 4 begun",
                "Call 4 ended",
                "call ended, error false, sends 4",
                "wait for Poll",
                "call begun",
                "Call 1 begun",
                "Call 1 ended",
                "call ended, error false, sends 1",
            ],
            "{kind:?}"
        );
        // Each reply's handle is the journal's, and each charge is the reply's.
        let told: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::AttemptEnded {
                    transaction_id,
                    charge,
                    path,
                    status,
                    ..
                } => {
                    assert_eq!((*charge, *status), (Charge::Free, Some(200)));
                    Some((
                        (*path).to_owned(),
                        transaction_id.as_ref().unwrap().as_str().to_owned(),
                    ))
                }
                _ => None,
            })
            .collect();
        let journal: Vec<_> = sandbox.with_vendor(|vendor| {
            let entries = vendor.journal().entries();
            entries
                .map(|entry| (entry.path.to_string(), entry.transaction_id.clone().unwrap()))
                .collect()
        });
        assert_eq!(told, journal, "{kind:?}");
    }
}

#[test]
fn a_dropped_call_is_told_of() {
    let sandbox = sandbox(|_| {});
    let (api, events) = watched(Kind::Async, &sandbox);
    let link = api.link("somebody");
    events.lock().unwrap().clear();
    sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = MS(500));
    let Api::Async(runtime, client) = &api else {
        unreachable!()
    };
    runtime.block_on(async {
        let call = client.get_result(link.signature_id());
        assert!(tokio::time::timeout(MS(100), call).await.is_err());
    });
    assert_eq!(
        names(&events.lock().unwrap()),
        ["call begun", "Call 1 begun", "call abandoned"]
    );
    assert_eq!((polls(&sandbox), client.charges().unknown), (1, 1));
}

#[test]
fn an_observer_may_ask_the_client_it_watches() {
    let sandbox = sandbox(|_| {});
    let client = advance_ureq::client(config(&sandbox), support::credentials()).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (asked, books) = (client.clone(), Arc::clone(&seen));
    let client = client.with_observer(move |event: &Event| {
        if let Event::CallEnded { .. } = event {
            // Under the client's lock this would never return.
            books
                .lock()
                .unwrap()
                .push((asked.charges(), asked.export_token().is_some()));
        }
    });
    client.generate_url(support::link_for("sbx-ok")).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(ledger(&sandbox), true)]);
}

/// What `tracing` writes on this thread while `f` runs.
fn traced(f: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, f);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_request_is_a_span_with_opentelemetry_s_names_within_the_caller_s() {
    let sandbox = sandbox(|_| {});
    let config = config(&sandbox);
    let client = advance_ureq::client(config.clone(), support::credentials())
        .unwrap()
        .with_observer(Tracing::new(&config));
    let mut id = String::new();
    let text = traced(|| {
        let _order = tracing::info_span!("order", number = 17).entered();
        client.generate_url(support::link_for("sbx-ok")).unwrap();
        sandbox.with_vendor(|vendor| {
            let entries = vendor.journal().entries();
            entries
                .last()
                .unwrap()
                .transaction_id
                .as_ref()
                .unwrap()
                .clone_into(&mut id);
        });
    });
    let closed: Vec<_> = text
        .lines()
        .filter(|line| line.contains("close") && line.contains("HTTP{"))
        .collect();
    assert_eq!(closed.len(), 2, "{text}");
    let port = sandbox.addr().port();
    for part in [
        "order{number=17}:call{",
        "}:HTTP{",
        "otel.kind=\"client\"",
        "http.request.method=\"POST\"",
        "server.address=\"127.0.0.1\"",
        &format!("server.port={port}"),
        &format!("url.full=http://127.0.0.1:{port}/intl/openapi/face-identity/h5-idv/v1/generate-url"),
        "http.response.status_code=200",
        "advance.code=SUCCESS",
        "advance.charge=Free",
        &format!("advance.transaction_id={id}"),
    ] {
        assert!(closed[1].contains(part), "{part} is not in {}", closed[1]);
    }
    assert!(!text.contains("error.type="), "{text}");
    assert!(!text.contains("resend_count"), "nothing was sent again: {text}");
}

#[test]
fn what_the_vendor_writes_cannot_forge_a_log_line() {
    let sandbox = sandbox(|_| {});
    let config = config(&sandbox);
    let client = advance_ureq::client(config.clone(), support::credentials())
        .unwrap()
        .with_observer(Tracing::new(&config));
    let evil = "EVIL\r\n2026-01-01T00:00:00Z  INFO paid\u{1b}[2K\u{202e}\u{0}";
    sandbox.with_vendor(|vendor| vendor.fail_next(At::GenerateUrl, 1, Failure::new(evil, evil)));
    let mut shown = String::new();
    let text = traced(|| {
        let error = client.generate_url(support::link_for("sbx-ok")).unwrap_err();
        shown = format!("{error}\n{error:?}");
        tracing::error!(%error, ?error, "failed");
    });
    assert!(text.contains("EVIL") && text.contains("call failed"), "{text}");
    for forged in [
        "\n2026-01-01T00:00:00Z  INFO paid",
        "\r",
        "\u{1b}",
        "\u{202e}",
        "\u{0}",
    ] {
        assert!(!text.contains(forged), "{forged:?} is in {text}");
        assert!(!shown.contains(forged), "{forged:?} is in {shown}");
    }
}
