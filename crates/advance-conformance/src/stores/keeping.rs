//! What is counted, listed and forgotten.

use std::time::Duration;

use advance_collector::{Ending, Settled, Settlement, Then};
use advance_core::{Charges, SignatureId};

use super::{Bench, Desk, attempt_of, cases, done, ended, id, paid};

cases! {
    counted: "every verification is counted once, where it stands, and every cost"
    listed: "verifications come by id, page by page"
    erased: "what is erased is gone, its cost stays in the sum, and an attempt under way counts as of unknown cost"
    old: "only what ended long enough ago, and was told, is old"
}

fn counted(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for attempt in 1..=4 {
        desk.add(&format!("a{attempt}"));
        desk.intend(attempt);
    }
    desk.add("waiting");
    done(desk.store.settle(attempt_of(1), &ended()));
    let failed = advance_collector::Conclusion::of(Ending::LinkExpired);
    let failed = Settlement::new(paid(), Then::Ended(failed, Vec::new()));
    done(desk.store.settle(attempt_of(2), &failed));
    let doubt = Charges {
        unknown: 1,
        free: 2,
        pay: 0,
    };
    done(
        desk.store
            .settle(attempt_of(3), &Settlement::new(doubt, Then::Unsure(None))),
    );
    let status = done(desk.store.status());
    assert_eq!(
        (status.waiting, status.done, status.failed, status.unsure),
        (2, 1, 1, 1)
    );
    assert_eq!(status.charges, paid() + paid() + doubt);
    assert_eq!((status.untold, status.pictures), (3, 0));
}

fn listed(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for number in [3, 1, 2, 5, 4] {
        desk.add(&format!("a{number}"));
    }
    let mut found = Vec::new();
    loop {
        let page = done(desk.store.list(found.last(), 2));
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2);
        found.extend(page.into_iter().map(|record| record.signature_id));
    }
    let expected: Vec<SignatureId> = (1..=5).map(|number| id(&format!("a{number}"))).collect();
    assert_eq!(found, expected);
    assert_eq!(done(desk.store.get(&id("a9"))), None);
}

fn erased(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let (ended_id, asking) = (desk.add("a1"), desk.add("a2"));
    desk.intend(1);
    desk.intend(2);
    done(desk.store.settle(attempt_of(1), &ended()));
    let ids = [ended_id, id("unknown"), asking.clone()];
    assert_eq!(done(desk.store.erase(&ids)), 2);
    assert_eq!(done(desk.store.erase(&ids)), 0);
    for id in &ids {
        assert_eq!(done(desk.store.get(id)), None);
    }
    assert_eq!(done(desk.store.settle(attempt_of(2), &ended())), Settled::Already);
    let status = done(desk.store.status());
    assert_eq!((status.waiting, status.done), (0, 0));
    assert_eq!(
        status.charges,
        Charges {
            free: 0,
            pay: 1,
            unknown: 1
        }
    );
    // A name may come again, and the attempts of its former life are not its own.
    desk.add("a2");
    assert_eq!(done(desk.store.settle(attempt_of(2), &ended())), Settled::Already);
    assert_eq!(desk.record(&asking).charges, Charges::NONE);
}

fn old(bench: &dyn Bench) {
    const DAY: Duration = Duration::from_secs(24 * 3_600);
    let desk = Desk::new(bench);
    let ids: Vec<_> = (1..=3).map(|number| desk.add(&format!("a{number}"))).collect();
    let waiting = desk.add("waiting");
    for attempt in 1..=2 {
        desk.intend(attempt);
        done(desk.store.settle(attempt_of(attempt), &ended()));
    }
    for event in done(desk.store.untold(1, DAY)) {
        done(desk.store.told(&event));
    }
    desk.pass(DAY);
    desk.intend(3);
    done(desk.store.settle(attempt_of(3), &ended()));
    for event in done(desk.store.untold(9, DAY)) {
        if event.signature_id == ids[2] {
            done(desk.store.told(&event));
        }
    }
    let told: Vec<_> = ids.iter().filter(|id| desk.record(id).told == 1).collect();
    let old: Vec<_> = told.into_iter().filter(|id| **id != ids[2]).cloned().collect();
    assert_eq!(done(desk.store.old(DAY + Duration::from_secs(1), 9)), []);
    assert_eq!(done(desk.store.old(DAY, 0)), []);
    // It is named until it is erased.
    for _ in 0..2 {
        assert_eq!(done(desk.store.old(DAY, 9)), old);
    }
    assert_eq!(done(desk.store.erase(&old)), old.len() as u64);
    assert_eq!(done(desk.store.old(DAY, 9)), []);
    assert_eq!(done(desk.store.list(None, 9)).len(), 3);
    assert_eq!(desk.record(&waiting).revision, 0);
    assert_eq!(done(desk.store.status()).charges.pay, 3);
}
