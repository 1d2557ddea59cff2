//! The outbox.

use super::{Bench, Desk, LEASE, attempt_of, cases, done, ended, passed};
use advance_collector::State;

cases! {
    told_until_it_is: "an outcome comes again and again, with the same id and not too early, until it was told"
    told_in_parts: "no more is handed out than was wanted, and the rest comes next"
    told_anew: "an outcome that replaced a doubt is told as another event, and telling the old one does not hide it"
    told_of_nobody: "an outcome of a verification that was erased can be told without harm"
}

fn told_until_it_is(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    desk.add("a");
    desk.intend(1);
    assert_eq!(done(desk.store.untold(9, LEASE)), []);
    done(desk.store.settle(attempt_of(1), &ended()));
    let first = done(desk.store.untold(9, LEASE));
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].conclusion, passed());
    assert_eq!(
        done(other.store.untold(9, LEASE)),
        [],
        "it is being told by another"
    );
    desk.pass(LEASE);
    let second = done(other.store.untold(9, LEASE));
    assert_eq!(second.len(), 1);
    assert_eq!(
        (first[0].id(), first[0].tries + 1),
        (second[0].id(), second[0].tries)
    );
    assert_eq!(done(desk.store.status()).untold, 1);
    done(other.store.told(&first[0]));
    done(desk.store.told(&second[0]));
    desk.pass(LEASE * 9);
    assert_eq!(done(desk.store.untold(9, LEASE)), []);
    assert_eq!(done(desk.store.status()).untold, 0);
}

fn told_in_parts(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for attempt in 1..=5 {
        desk.add(&format!("a{attempt}"));
        desk.intend(attempt);
        done(desk.store.settle(attempt_of(attempt), &ended()));
    }
    let mut ids = Vec::new();
    for expected in [2, 2, 1, 0] {
        let events = done(desk.store.untold(2, LEASE));
        assert_eq!(events.len(), expected);
        ids.extend(events.iter().map(advance_collector::Event::id));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

fn told_anew(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    desk.pass(LEASE);
    done(desk.store.sweep(0));
    let doubt = done(desk.store.untold(9, LEASE));
    assert_eq!(doubt[0].conclusion.ending.state(), State::Unsure);
    done(desk.store.settle(attempt_of(1), &ended()));
    done(desk.store.told(&doubt[0]));
    let outcome = done(desk.store.untold(9, LEASE));
    assert_eq!(outcome.len(), 1, "it waits for nothing that the doubt waited for");
    assert_ne!(outcome[0].id(), doubt[0].id());
    assert_eq!(
        (outcome[0].conclusion.clone(), outcome[0].revision),
        (passed(), 2)
    );
    done(desk.store.told(&outcome[0]));
    assert_eq!((desk.record(&a).told, desk.record(&a).revision), (2, 2));
}

fn told_of_nobody(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    done(desk.store.settle(attempt_of(1), &ended()));
    let events = done(desk.store.untold(9, LEASE));
    assert_eq!(done(desk.store.erase(std::slice::from_ref(&a))), 1);
    done(desk.store.told(&events[0]));
    assert_eq!(done(desk.store.get(&a)), None);
}
