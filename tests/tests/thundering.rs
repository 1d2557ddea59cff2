//! A thousand callers at once, over real sockets: one token request serves them all, by the sandbox's journal.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use advance_core::session::ExportedToken;
use advance_core::{Config, RetryPolicy, UnixMillis};
use advance_sandbox::Sandbox;
use advance_sandbox::model::Endpoint;

use support::{Api, BOTH, Kind, config, link_for, sandbox};

const CALLERS: usize = 1_000;

/// The machine that runs this may be busy: no call runs out of time here.
fn patient(sandbox: &Sandbox) -> Config {
    config(sandbox)
        .retry(RetryPolicy::new().total(Duration::from_secs(120)))
        .attempt_timeout(Duration::from_secs(60))
}

/// Everybody calls at once, or within `spread`; says how many succeeded.
///
/// No waiter is forgotten: one that is woken by the end of a lease instead of the token's arrival takes a minute.
fn storm(api: &Api, spread: Duration) -> usize {
    let begun = Instant::now();
    let succeeded = callers(api, spread);
    assert!(
        begun.elapsed() < Duration::from_secs(50),
        "somebody was not woken"
    );
    succeeded
}

fn callers(api: &Api, spread: Duration) -> usize {
    let pause =
        move |caller: usize| spread * u32::try_from(caller).unwrap() / u32::try_from(CALLERS).unwrap();
    match api {
        Api::Async(runtime, client) => runtime.block_on(async {
            let barrier = Arc::new(tokio::sync::Barrier::new(CALLERS));
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    let (client, barrier) = (client.clone(), Arc::clone(&barrier));
                    tokio::spawn(async move {
                        barrier.wait().await;
                        tokio::time::sleep(pause(caller)).await;
                        client.generate_url(link_for("sbx-ok")).await.is_ok()
                    })
                })
                .collect();
            let mut succeeded = 0;
            for caller in callers {
                succeeded += usize::from(caller.await.unwrap());
            }
            succeeded
        }),
        Api::Blocking(client) => {
            let barrier = Barrier::new(CALLERS);
            thread::scope(|scope| {
                let callers: Vec<_> = (0..CALLERS)
                    .map(|caller| {
                        let barrier = &barrier;
                        scope.spawn(move || {
                            barrier.wait();
                            thread::sleep(pause(caller));
                            client.generate_url(link_for("sbx-ok")).is_ok()
                        })
                    })
                    .collect();
                callers
                    .into_iter()
                    .filter_map(|caller| caller.join().ok())
                    .filter(|ok| *ok)
                    .count()
            })
        }
    }
}

/// Token requests and requests for links that the sandbox got.
fn journal(sandbox: &Sandbox) -> (usize, usize) {
    sandbox.with_vendor(|vendor| {
        let count = |endpoint: Endpoint| {
            let entries = vendor.journal().entries();
            entries.filter(|entry| entry.path == endpoint.path()).count()
        };
        (count(Endpoint::GenerateToken), count(Endpoint::GenerateUrl))
    })
}

fn cold(kind: Kind) {
    let sandbox = sandbox(|_| {});
    let api = Api::new(kind, patient(&sandbox));
    assert_eq!(storm(&api, Duration::ZERO), CALLERS, "{kind:?}");
    assert_eq!(journal(&sandbox), (1, CALLERS), "{kind:?}: token requests, calls");
}

/// The callers come from just before the token ends until just after.
fn at_expiry(kind: Kind) {
    let sandbox = sandbox(|_| {});
    let api = Api::new(kind, patient(&sandbox));
    // Another process asked for it. It lives longer than this one is told, so that nothing but the end is at stake.
    let other = Api::new(kind, patient(&sandbox));
    let token = match &other {
        Api::Async(runtime, client) => runtime.block_on(client.token()),
        Api::Blocking(client) => client.token(),
    };
    let token = token.unwrap().into_data().token;
    let ends = UnixMillis::from(SystemTime::now()).saturating_add(Duration::from_millis(1_500));
    let stored = ExportedToken::new(token, ends);
    let adopted = match &api {
        Api::Async(_, client) => client.adopt_token(stored),
        Api::Blocking(client) => client.adopt_token(stored),
    };
    assert!(adopted, "{kind:?}");
    thread::sleep(Duration::from_millis(1_250));
    assert_eq!(storm(&api, Duration::from_millis(500)), CALLERS, "{kind:?}");
    let (tokens, calls) = journal(&sandbox);
    assert_eq!(
        (tokens - 1, calls),
        (1, CALLERS),
        "{kind:?}: token requests, calls"
    );
}

#[test]
fn a_thousand_cold_callers_make_one_token_request() {
    for kind in BOTH {
        cold(kind);
    }
}

#[test]
fn a_thousand_callers_at_expiry_make_one_token_request() {
    for kind in BOTH {
        at_expiry(kind);
    }
}
