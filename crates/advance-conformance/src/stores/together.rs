//! Many at once, each with its own handle.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use advance_collector::{Claim, Intended, Intent, Settled, Wanted};

use super::{Bench, Desk, LEASE, attempt_of, cases, done, ended, id};

cases! {
    claimed_by_one: "of many who claim at the same time each verification has one"
    intended_by_one: "of many who intend the same claim one may send"
    settled_by_one: "of many who settle the same attempt one books it"
}

const WORKERS: u128 = 4;

fn claimed_by_one(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let pending: Vec<_> = (0..200)
        .map(|number| advance_collector::Pending::of(id(&format!("a{number}"))).first_after(Duration::ZERO))
        .collect();
    done(desk.store.add(&pending));
    let claims = Mutex::new(Vec::<Claim>::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let store = bench.open();
                loop {
                    let mine = done(store.claim(&Wanted::new(7, LEASE)));
                    if mine.is_empty() {
                        return;
                    }
                    claims
                        .lock()
                        .unwrap_or_else(|broken| panic!("{broken}"))
                        .extend(mine);
                }
            });
        }
    });
    let claims = claims.into_inner().unwrap_or_else(|broken| panic!("{broken}"));
    let mut ids: Vec<_> = claims.into_iter().map(|claim| claim.signature_id).collect();
    assert_eq!(ids.len(), 200);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200, "a verification was claimed twice");
}

fn intended_by_one(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("a");
    let claim = desk.claim_one();
    let intended = each(bench, |store, worker| {
        done(store.intend(&Intent::new(&claim, attempt_of(worker), true, LEASE)))
    });
    let committed = intended.iter().filter(|one| **one == Intended::Committed);
    assert_eq!(committed.count(), 1, "{intended:?}");
}

fn settled_by_one(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    let settled = each(bench, |store, _| done(store.settle(attempt_of(1), &ended())));
    let booked = settled.iter().filter(|one| **one == Settled::Booked);
    assert_eq!(booked.count(), 1, "{settled:?}");
    assert_eq!(desk.record(&a).charges.pay, 1);
}

fn each<R: Send>(
    bench: &dyn Bench,
    work: impl Fn(&dyn advance_collector::Store, u128) -> R + Sync,
) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| scope.spawn(move || work(&*bench.open(), worker)))
            .collect();
        let ended = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
