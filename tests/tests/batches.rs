//! Many results at once, by both clients, over real sockets; the sandbox's books are the judge.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use advance_core::wire::CodeClass;
use advance_core::{AsyncClient, BatchPolicy, Code, Error, ErrorKind, SignatureId};
use advance_sandbox::Sandbox;
use advance_sandbox::model::{Charging, Endpoint, Entry, Failure};
use serde_json::json;

use support::{Api, BOTH, Kind, config, credentials, ledger, sandbox};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn limit(at_once: usize) -> BatchPolicy {
    BatchPolicy::new().concurrency(NonZeroUsize::new(at_once).unwrap())
}

/// Every get-result that came, by its transaction id.
fn journal(sandbox: &Sandbox) -> BTreeMap<String, Entry> {
    sandbox.with_vendor(|vendor| {
        let entries = vendor.journal().entries();
        let results = entries.filter(|entry| entry.path == Endpoint::GetResult.path());
        results
            .map(|entry| (entry.transaction_id.clone().unwrap(), entry.clone()))
            .collect()
    })
}

fn most_at_once(sandbox: &Sandbox) -> u32 {
    journal(sandbox)
        .values()
        .map(|entry| entry.under_way)
        .max()
        .unwrap_or_default()
}

/// What is wrong with the one at this place of the batch, if anything is: 120 of the last 460.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    UnknownId,
    NoData,
    Misfit,
}

fn fault(place: usize) -> Option<Fault> {
    const FAULTS: [Fault; 3] = [Fault::UnknownId, Fault::NoData, Fault::Misfit];
    let nth = place.checked_sub(40)?;
    (nth < 360 && nth % 3 == 1).then(|| FAULTS[nth / 3 % 3])
}

fn ids(sandbox: &Sandbox, api: &Api, count: usize) -> Vec<SignatureId> {
    (0..count)
        .map(|place| {
            let fault = fault(place);
            if fault == Some(Fault::UnknownId) {
                return SignatureId::new(format!("unknown-{place}")).unwrap();
            }
            let id = api.link("sbx-ok").signature_id().clone();
            let data = match fault {
                Some(Fault::NoData) => Some(json!(null)),
                Some(Fault::Misfit) => Some(json!({"idvCode": 5})),
                _ => None,
            };
            if let Some(data) = data {
                assert!(sandbox.with_vendor(|vendor| vendor.finish_with(id.as_str(), data)));
            }
            id
        })
        .collect()
}

#[test]
fn fault_75_five_hundred_with_thirty_percent_faults() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.charging = Charging::PayPerPoll);
        let api = Api::of(kind, &sandbox);
        let ids = ids(&sandbox, &api, 500);
        let before = ledger(&sandbox);
        sandbox.with_vendor(|vendor| {
            vendor.behaviour_mut().delay = MS(4);
            // The first thirty are refused, whichever they are among the first few; ten of those that follow are put
            // off once, and go through when they are sent again.
            vendor.fail_next(
                Endpoint::GetResult,
                30,
                Failure::new("OVER_QUERY_LIMIT", "Used up"),
            );
            vendor.fail_next(Endpoint::GetResult, 10, Failure::retry_later());
        });
        let batch = api.get_results(ids.clone(), limit(8));

        assert_eq!(batch.items.len(), 500);
        let journal = journal(&sandbox);
        let mut refused = 0;
        let mut by_id = BTreeMap::new();
        for (place, (item, id)) in batch.items.iter().zip(&ids).enumerate() {
            assert_eq!(&item.signature_id, id, "{kind:?} {place}");
            let result = item.result.as_ref().unwrap();
            let told = match result {
                Ok(response) => response.transaction_id(),
                Err(error) => error.transaction_id(),
            };
            let entry = &journal[told.unwrap().as_str()];
            if let Err(error) = result
                && error.code() == Some(&Code::OverQueryLimit)
            {
                // Who was refused at the door is not asked for a name.
                assert_eq!((entry.signature_id.as_deref(), error.sends()), (None, 1));
                assert!(place < 40, "{kind:?} {place}");
                refused += 1;
                continue;
            }
            assert_eq!(
                entry.signature_id.as_deref(),
                Some(id.as_str()),
                "{kind:?} {place}"
            );
            match (fault(place), result) {
                (None, Ok(response)) => assert!(response.data().idv_code().is_some()),
                (Some(fault), Err(error)) => {
                    let expected = match fault {
                        Fault::UnknownId => ErrorKind::Api(CodeClass::NotFound),
                        Fault::NoData => ErrorKind::MissingData,
                        Fault::Misfit => ErrorKind::Decode,
                    };
                    assert_eq!(error.kind(), expected, "{kind:?} {place}");
                    *by_id.entry(format!("{fault:?}")).or_insert(0) += 1;
                }
                (expected, got) => panic!("{kind:?} {place}: {expected:?}, {got:?}"),
            }
        }
        assert_eq!(
            (refused, by_id.values().sum::<i32>()),
            (30, 120),
            "{kind:?} {by_id:?}"
        );
        assert_eq!(by_id.len(), 3);
        assert_eq!(journal.len(), 510, "{kind:?}");
        assert_eq!(most_at_once(&sandbox), 8, "{kind:?}");
        assert_eq!(before + batch.charges, ledger(&sandbox), "{kind:?}");
        assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
    }
}

/// How many of a batch are under way at once where each answer takes so long.
fn seen_at_once(kind: Kind, at_once: usize, delay: Duration) -> usize {
    let sandbox = sandbox(|_| {});
    let api = Api::of(kind, &sandbox);
    let id = api.link("sbx-ok").signature_id().clone();
    sandbox.with_vendor(|vendor| vendor.behaviour_mut().delay = delay);
    let batch = api.get_results(vec![id; 34], limit(at_once));
    assert!(batch.items.iter().all(|item| matches!(item.result, Some(Ok(_)))));
    most_at_once(&sandbox) as usize
}

#[test]
fn never_more_at_once_than_allowed_and_no_fewer_than_that() {
    for kind in BOTH {
        for at_once in [1, 2, 17] {
            // A busy machine takes a while to begin as many: then each answer takes longer.
            let reached = [10, 40, 160].into_iter().any(|delay| {
                let seen = seen_at_once(kind, at_once, MS(delay * at_once as u64));
                assert!(seen <= at_once, "{kind:?}: {seen} of {at_once}");
                seen == at_once
            });
            assert!(reached, "{kind:?}: never {at_once}");
        }
    }
}

#[test]
fn a_cold_start_asks_for_one_token() {
    for kind in BOTH {
        let sandbox = sandbox(|habits| habits.delay = MS(20));
        let id = Api::of(kind, &sandbox).link("sbx-ok").signature_id().clone();
        let before = ledger(&sandbox);
        let api = Api::of(kind, &sandbox);
        let batch = api.get_results(vec![id; 20], limit(20));
        assert!(batch.items.iter().all(|item| matches!(item.result, Some(Ok(_)))));
        assert_eq!(
            sandbox.with_vendor(|vendor| vendor.token_requests()),
            2,
            "{kind:?}"
        );
        // The token is one of the batch's costs.
        assert_eq!(before + batch.charges, ledger(&sandbox), "{kind:?}");
    }
}

#[test]
fn an_interval_holds_by_the_journal() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let api = Api::of(kind, &sandbox);
        let id = api.link("sbx-ok").signature_id().clone();
        let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let took = Instant::now();
        api.get_results(vec![id; 12], limit(4).interval(MS(40)));
        // No delay on the way can make a request arrive before it was begun.
        let mut arrived: Vec<u64> = journal(&sandbox).values().map(|entry| entry.at).collect();
        arrived.sort_unstable();
        assert_eq!(arrived.len(), 12, "{kind:?}");
        for (place, at) in arrived.into_iter().enumerate() {
            let earliest = begun + MS(40) * u32::try_from(place).unwrap();
            assert!(u128::from(at) + 2 >= earliest.as_millis(), "{kind:?} {place}");
        }
        assert!(took.elapsed() < MS(3_000), "{kind:?}: {:?}", took.elapsed());
    }
}

#[test]
fn it_stops_early_only_when_asked_to() {
    fn balance(error: &Error) -> bool {
        error.kind() == ErrorKind::Api(CodeClass::Balance)
    }
    for kind in BOTH {
        for (policy, stops) in [(limit(4), false), (limit(4).stop_on(balance), true)] {
            let sandbox = sandbox(|_| {});
            let api = Api::of(kind, &sandbox);
            let id = api.link("sbx-ok").signature_id().clone();
            sandbox.with_vendor(|vendor| {
                // Long enough for those beside the refused one to be under way.
                vendor.behaviour_mut().delay = MS(40);
                let refusal = Failure::new("INSUFFICIENT_BALANCE", "Used up");
                vendor.fail_next(Endpoint::GetResult, 1, refusal);
            });
            let batch = api.get_results(vec![id; 40], policy);
            let ended = batch.items.iter().filter(|item| item.result.is_some()).count();
            let failed = batch
                .items
                .iter()
                .filter(|item| matches!(item.result, Some(Err(_))))
                .count();
            assert_eq!(failed, 1, "{kind:?}");
            if stops {
                // What was under way beside the refused one is seen to its end.
                assert!((4..=8).contains(&ended), "{kind:?}: {ended}");
                assert!(
                    batch.items[ended..].iter().all(|item| item.result.is_none()),
                    "{kind:?}"
                );
            } else {
                assert_eq!(ended, 40, "{kind:?}");
            }
            assert_eq!(journal(&sandbox).len(), ended, "{kind:?}");
            assert_eq!(api.charges(), ledger(&sandbox), "{kind:?}");
        }
    }
}

#[test]
fn a_batch_dropped_at_any_moment_leaves_a_client_that_works() {
    let sandbox = sandbox(|habits| habits.delay = MS(5));
    let api = Api::of(Kind::Async, &sandbox);
    let id = api.link("sbx-ok").signature_id().clone();
    let Api::Async(runtime, client) = &api else {
        unreachable!()
    };
    let mut told = api.charges();
    for round in 0..40 {
        let client = AsyncClient::new(client.transport().clone(), config(&sandbox), credentials(), round);
        runtime.block_on(async {
            let batch = client.get_results(vec![id.clone(); 1_000], limit(8));
            let dropped = tokio::time::timeout(MS(round), batch).await;
            assert!(dropped.is_err(), "it takes longer than that");
            let begun = Instant::now();
            client.get_result(&id).await.unwrap();
            assert!(begun.elapsed() < MS(1_000), "{:?}", begun.elapsed());
        });
        told += client.charges();
    }
    assert!(most_at_once(&sandbox) >= 8);
    let books = ledger(&sandbox);
    assert!(told.unknown > 0 && told.free <= books.free, "{told:?} {books:?}");
    assert!(books.free <= told.free + told.unknown, "{told:?} {books:?}");
}

#[test]
fn nothing_to_ask_for_asks_nothing() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let batch = Api::of(kind, &sandbox).get_results(Vec::new(), BatchPolicy::new());
        assert!(batch.items.is_empty());
        assert_eq!(sandbox.with_vendor(|vendor| vendor.journal().total()), 0);
    }
}
