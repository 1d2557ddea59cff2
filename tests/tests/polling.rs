//! Waiting for a person, by both clients, over real sockets; the sandbox's books are the judge.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use advance_core::domain::IdvCode;
use advance_core::{AsyncClient, Charges, Code, ErrorKind, WaitControl, WaitOutcome, WaitPolicy};
use advance_sandbox::Outcome;
use advance_sandbox::model::{Charging, Endpoint, Failure, Unfinished};

use support::{Api, BOTH, Kind, config, credentials, ledger, polls, sandbox};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Asks at once, then every 10 ms at first, every 40 ms at most; without a grace, at any cost.
fn soon(polling: WaitPolicy) -> WaitPolicy {
    polling
        .first_poll_after(MS(0))
        .grace(MS(0))
        .charged_polls(u32::MAX)
        .backoff(MS(10), MS(40))
}

#[test]
fn the_third_poll_finds_it_finished_by_the_journal() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.charging = Charging::PayPerResult);
        let api = Api::of(kind, &sandbox);
        let link = api.link("sbx-pending-3");
        let before = ledger(&sandbox);
        let waited = api.wait(soon(WaitPolicy::link(&link)));
        let (polls_told, charges) = (waited.polls, waited.charges);
        let verification = waited.into_result().unwrap().into_data();
        assert_eq!(verification.idv_code(), Some(&IdvCode::Success), "{kind:?}");
        assert_eq!((polls(&sandbox), polls_told), (3, 3), "{kind:?}");
        let asked: Vec<String> = sandbox.with_vendor(|vendor| {
            let entries = vendor.journal().entries();
            entries
                .filter(|entry| entry.path == Endpoint::GetResult.path())
                .filter_map(|entry| entry.signature_id.clone())
                .collect()
        });
        assert_eq!(asked, [link.signature_id().as_str(); 3], "{kind:?}");
        let paid = Charges {
            free: 2,
            pay: 1,
            unknown: 0,
        };
        assert_eq!(charges, paid, "{kind:?}");
        assert_eq!(before + charges, ledger(&sandbox), "{kind:?}");
        assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
    }
}

#[test]
fn a_verification_that_nobody_finishes_ends_with_its_link() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| {
            habits.link_life = MS(1_500);
            habits.charging = Charging::PayPerPoll;
        });
        let api = Api::of(kind, &sandbox);
        let begun = Instant::now();
        let link = api.link("somebody");
        let before = ledger(&sandbox);
        let waited = api.wait(soon(WaitPolicy::link(&link)).backoff(MS(100), MS(200)));
        let took = begun.elapsed();
        assert!(
            matches!(waited.outcome, WaitOutcome::LinkExpired),
            "{kind:?}: {:?}",
            waited.outcome
        );
        assert!(took >= MS(1_400) && took < MS(4_000), "{kind:?}: {took:?}");
        assert!(waited.polls >= 5, "{kind:?}: {}", waited.polls);
        assert_eq!(polls(&sandbox), waited.polls as usize, "{kind:?}");
        assert_eq!(waited.charges.pay, u64::from(waited.polls), "{kind:?}");
        assert_eq!(before + waited.charges, ledger(&sandbox), "{kind:?}");
        assert_eq!(waited.into_result().unwrap_err().kind(), ErrorKind::LinkExpired);
    }
}

#[test]
fn the_callers_time_ends_a_wait_that_can_be_taken_up_again() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.charging = Charging::PayPerPoll);
        let api = Api::of(kind, &sandbox);
        let link = api.link("somebody");
        let begun = Instant::now();
        let waited = api.wait(soon(WaitPolicy::link(&link)).total(MS(300)));
        assert!(begun.elapsed() < MS(1_500), "{kind:?}: {:?}", begun.elapsed());
        assert!(
            matches!(waited.outcome, WaitOutcome::TimedOut),
            "{kind:?}: {:?}",
            waited.outcome
        );
        assert_eq!(polls(&sandbox), waited.polls as usize, "{kind:?}");
        assert_eq!(waited.into_result().unwrap_err().kind(), ErrorKind::NotFinished);

        let id = link.signature_id();
        assert!(sandbox.with_vendor(|vendor| vendor.finish(id.as_str(), Outcome::Forged)));
        let again = api.wait(soon(WaitPolicy::of(id.clone())));
        assert_eq!(again.polls, 1, "{kind:?}");
        assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
        let verification = again.into_result().unwrap().into_data();
        assert_eq!(verification.idv_code(), Some(&IdvCode::ForgeryDetected));
    }
}

#[test]
fn the_callers_time_bounds_a_poll_that_hangs() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let link = api.link("sbx-ok");
        sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = MS(3_000));
        let begun = Instant::now();
        let waited = api.wait(soon(WaitPolicy::link(&link)).total(MS(300)));
        assert!(begun.elapsed() < MS(1_500), "{kind:?}: {:?}", begun.elapsed());
        assert!(
            matches!(waited.outcome, WaitOutcome::TimedOut),
            "{kind:?}: {:?}",
            waited.outcome
        );
        // It got there, and no reply said what it cost.
        assert_eq!((waited.charges.unknown, polls(&sandbox)), (1, 1), "{kind:?}");
        assert!(waited.last_error.is_some(), "{kind:?}");
    }
}

#[test]
fn what_means_not_yet_is_the_callers_choice() {
    for kind in BOTH {
        for (habit, polling_takes_it) in [
            (Unfinished::NullFields, true),
            (Unfinished::NullData, true),
            (Unfinished::SignatureNotExist, false),
        ] {
            let sandbox = sandbox(|habits| habits.unfinished = habit);
            let api = Api::of(kind, &sandbox);
            let link = api.link("sbx-pending-2");
            // Not by the link: a fresh one may be unknown for its first minute.
            let waited = api.wait(soon(WaitPolicy::of(link.signature_id().clone())));
            assert_eq!(
                waited.polls,
                if polling_takes_it { 2 } else { 1 },
                "{kind:?} {habit:?}"
            );
            let result = waited.into_result();
            assert_eq!(result.is_ok(), polling_takes_it, "{kind:?} {habit:?}");
            if let Err(error) = result {
                assert_eq!(error.code(), Some(&Code::SignatureNotExist));
                let link = api.link("sbx-pending-2");
                let id = link.signature_id().clone();
                let waited = api.wait(soon(WaitPolicy::of(id)).signature_not_exist(true));
                assert_eq!(waited.polls, 2, "{kind:?}");
                assert!(waited.into_result().is_ok(), "{kind:?}");
            }
        }
    }
}

#[test]
fn what_may_pass_does_not_end_a_wait_and_what_does_not_pass_does() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.charging = Charging::PayPerPoll);
        let api = Api::of(kind, &sandbox);
        let link = api.link("sbx-pending-2");
        // More than one poll's three attempts.
        sandbox.with_vendor(|vendor| vendor.fail_next(Endpoint::GetResult, 4, Failure::error()));
        let waited = api.wait(soon(WaitPolicy::link(&link)));
        assert!(
            matches!(waited.outcome, WaitOutcome::Finished(_)),
            "{kind:?}: {:?}",
            waited.outcome
        );
        assert_eq!((waited.polls, waited.sends), (3, 6), "{kind:?}");
        assert_eq!(polls(&sandbox), 6, "{kind:?}");
        assert_eq!(waited.last_error.unwrap().code(), Some(&Code::Error), "{kind:?}");

        let broke = Failure::new("INSUFFICIENT_BALANCE", "The balance is used up");
        sandbox.with_vendor(|vendor| vendor.fail_next(Endpoint::GetResult, 1, broke));
        let waited = api.wait(soon(WaitPolicy::link(&link)));
        assert_eq!(waited.polls, 1, "{kind:?}");
        assert_eq!(
            waited.into_result().unwrap_err().code(),
            Some(&Code::InsufficientBalance)
        );
        assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
    }
}

/// Numbers that look random and are the same each time.
fn scattered(n: u64, below: u64) -> u64 {
    (n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % below
}

#[test]
fn an_async_wait_can_be_dropped_at_any_moment() {
    let sandbox = sandbox(|habits| {
        habits.charging = Charging::PayPerPoll;
        habits.delay = MS(3);
    });
    let api = Api::of(Kind::Async, &sandbox);
    let id = api.link("somebody").signature_id().clone();
    let Api::Async(runtime, client) = &api else {
        unreachable!()
    };
    let fresh = || AsyncClient::new(client.transport().clone(), config(&sandbox), credentials(), 7);
    let mut told = api.charges();
    let mut client = fresh();
    for round in 0..80 {
        let polling = soon(WaitPolicy::of(id.clone())).backoff(MS(2), MS(4));
        let moment = Duration::from_micros(scattered(round, 25_000));
        let begun = Instant::now();
        runtime.block_on(async {
            let dropped = tokio::time::timeout(moment, client.wait_for_result(polling)).await;
            assert!(dropped.is_err(), "no person finishes it");
            // A call that was given up holds up no other, also if it was just asking for the token.
            client.get_result(&id).await.unwrap();
        });
        assert!(
            begun.elapsed() < MS(1_000),
            "round {round}: {:?}",
            begun.elapsed()
        );
        if round % 2 == 1 {
            told += std::mem::replace(&mut client, fresh()).charges();
        }
    }
    // What was dropped on its way may have arrived or not; all else is known, and nothing is left out.
    thread::sleep(MS(50));
    let books = ledger(&sandbox);
    assert!(told.unknown > 0 && told.pay > 0, "{told:?}");
    assert!(
        told.pay <= books.pay && told.free <= books.free,
        "{told:?} {books:?}"
    );
    let at_most = told.free + told.pay + told.unknown;
    assert!(books.free + books.pay <= at_most, "{told:?} {books:?}");
    assert_eq!(books.unknown, 0);
}

#[test]
fn a_blocking_pause_ends_at_once_when_cancelled() {
    let sandbox = sandbox(|_| {});
    let api = Api::of(Kind::Blocking, &sandbox);
    let link = api.link("somebody");
    let Api::Blocking(client) = &api else {
        unreachable!()
    };
    let cancel = WaitControl::new();
    let elsewhere = cancel.clone();
    let begun = Instant::now();
    let waited = thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(MS(200));
            elsewhere.cancel();
        });
        client.wait_for_result_with(
            &cancel,
            soon(WaitPolicy::link(&link)).backoff(MS(30_000), MS(60_000)),
        )
    });
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.polls, waited.sends), (1, 1));
    assert!(
        begun.elapsed() >= MS(200) && begun.elapsed() < MS(1_200),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!((polls(&sandbox), client.charges()), (1, ledger(&sandbox)));
    // What is cancelled already asks nothing.
    let waited = client.wait_for_result_with(&cancel, WaitPolicy::link(&link));
    assert_eq!((waited.polls, waited.charges), (0, Charges::NONE));
    assert_eq!((polls(&sandbox), client.charges()), (1, ledger(&sandbox)));
}

#[test]
fn a_request_under_way_is_seen_to_its_end_and_its_result_kept() {
    let sandbox = sandbox(|habits| {
        habits.charging = Charging::PayPerResult;
        habits.delay = MS(400);
    });
    let api = Api::of(Kind::Blocking, &sandbox);
    let (unfinished, finished) = (api.link("somebody"), api.link("sbx-ok"));
    let Api::Blocking(client) = &api else {
        unreachable!()
    };
    for (link, is_kept) in [(unfinished, false), (finished, true)] {
        let cancel = WaitControl::new();
        let elsewhere = cancel.clone();
        let waited = thread::scope(|scope| {
            scope.spawn(move || {
                thread::sleep(MS(150));
                elsewhere.cancel();
            });
            client.wait_for_result_with(&cancel, soon(WaitPolicy::link(&link)))
        });
        // It may have been paid for.
        let kept = matches!(waited.outcome, WaitOutcome::Finished(_));
        assert_eq!(kept, is_kept, "{waited:?}");
        assert!(kept || matches!(waited.outcome, WaitOutcome::Cancelled));
        assert_eq!(client.charges(), ledger(&sandbox));
    }
    assert_eq!(client.charges().pay, 1);
}

#[test]
fn a_cancelled_wait_does_not_wait_for_another_calls_token() {
    let sandbox = sandbox(|habits| habits.delay = MS(2_000));
    let api = Api::of(Kind::Blocking, &sandbox);
    let Api::Blocking(client) = &api else {
        unreachable!()
    };
    let cancel = WaitControl::new();
    thread::scope(|scope| {
        scope.spawn(|| client.token());
        thread::sleep(MS(200));
        let elsewhere = cancel.clone();
        scope.spawn(move || {
            thread::sleep(MS(200));
            elsewhere.cancel();
        });
        let id = advance_core::SignatureId::new("f302f5d2454a85c2").unwrap();
        let begun = Instant::now();
        let waited = client.wait_for_result_with(&cancel, WaitPolicy::of(id));
        assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
        assert!(begun.elapsed() < MS(1_200), "{:?}", begun.elapsed());
    });
}
