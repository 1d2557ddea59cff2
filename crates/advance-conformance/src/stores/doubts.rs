//! Senders that vanished, and those that come back.

use std::time::Duration;

use advance_collector::{Ending, Settled, Settlement, State, Then};
use advance_core::{Charges, UnixMillis};

use super::{Bench, Desk, LEASE, attempt_of, cases, done, ended, paid, passed};

cases! {
    vanished: "an attempt whose lease is over is a doubt of unknown cost, once, and not a moment earlier"
    resent: "a verification is due again while it has had no more doubts than are allowed, and unsure after that"
    came_back: "a sender that comes back is booked: its cost is known, and what it brought is the outcome"
    came_back_empty: "one that certainly sent nothing, or heard that there is nothing yet, sends its verification back"
    came_back_beside: "one that comes back while another attempt is under way books its own, and the other stays a doubt"
    came_back_twice: "a doubt is settled once"
    vanished_with_a_clock: "a clock that is set back by days does not hide a sender that vanished"
}

const UNKNOWN: Charges = Charges {
    free: 0,
    pay: 0,
    unknown: 1,
};

fn vanished(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    desk.pass(LEASE.saturating_sub(Duration::from_millis(1)));
    assert_eq!(done(desk.store.sweep(0)), 0);
    desk.pass(Duration::from_millis(1));
    assert_eq!(done(desk.store.sweep(0)), 1);
    assert_eq!(done(desk.store.sweep(0)), 0);
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.charges, record.doubts),
        (State::Unsure, UNKNOWN, 1)
    );
    assert_eq!(record.conclusion.map(|end| end.ending), Some(Ending::Unsure));
    assert_eq!(desk.claim_all(), []);
}

fn resent(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    for attempt in 1..=2 {
        desk.intend(attempt);
        desk.pass(LEASE);
        assert_eq!(done(desk.store.sweep(1)), 1);
    }
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.doubts, record.charges.unknown),
        (State::Unsure, 2, 2)
    );
}

fn came_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    desk.pass(LEASE);
    done(desk.store.sweep(0));
    assert_eq!(done(desk.store.settle(attempt_of(1), &ended())), Settled::Late);
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.charges, record.revision),
        (State::Done, paid(), 2)
    );
    assert_eq!(record.conclusion, Some(passed()));
}

fn came_back_empty(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for (attempt, then) in [
        (1, Then::Back(Duration::ZERO)),
        (2, Then::again(Duration::ZERO, false)),
    ] {
        let a = desk.add(&format!("a{attempt}"));
        desk.intend(attempt);
        desk.pass(LEASE);
        done(desk.store.sweep(0));
        let settlement = Settlement::new(Charges::NONE, then);
        assert_eq!(
            done(desk.store.settle(attempt_of(attempt), &settlement)),
            Settled::Late
        );
        let record = desk.record(&a);
        assert_eq!((record.state, record.charges), (State::Waiting, Charges::NONE));
        assert_eq!((record.conclusion, record.ended), (None, None));
        assert_eq!(
            done(desk.store.untold(9, LEASE)),
            [],
            "an outcome that was taken back is told"
        );
        desk.claim_one();
    }
}

fn came_back_beside(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    desk.pass(LEASE);
    done(desk.store.sweep(1));
    desk.intend(2);
    assert_eq!(done(desk.store.settle(attempt_of(1), &ended())), Settled::Late);
    let record = desk.record(&a);
    assert_eq!((record.state, record.revision), (State::Done, 1));
    assert_eq!(
        record.charges,
        paid() + UNKNOWN,
        "the second attempt is of unknown cost as long as it is silent"
    );
    desk.pass(LEASE * 2);
    assert_eq!(done(desk.store.sweep(1)), 0);
    assert_eq!(done(desk.store.settle(attempt_of(2), &ended())), Settled::Late);
    let record = desk.record(&a);
    assert_eq!((record.charges, record.revision), (paid() + paid(), 1));
}

fn came_back_twice(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    desk.pass(LEASE);
    done(desk.store.sweep(0));
    assert_eq!(done(desk.store.settle(attempt_of(1), &ended())), Settled::Late);
    assert_eq!(done(desk.store.settle(attempt_of(1), &ended())), Settled::Already);
    assert_eq!(desk.record(&a).charges, paid());
}

fn vanished_with_a_clock(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("a");
    desk.intend(1);
    bench.set(UnixMillis::new(bench.now().get() - 3 * 24 * 3_600_000));
    assert_eq!(done(desk.store.sweep(0)), 1);
}
