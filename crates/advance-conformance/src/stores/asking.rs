//! Intents and settlements.

use std::time::Duration;

use advance_collector::{
    Claim, Conclusion, Ending, Intended, Intent, Nudged, Settled, Settlement, State, Then, Work,
};
use advance_core::Charges;

use super::{Bench, Desk, LEASE, attempt_of, cases, done, ended, id, paid, passed};

cases! {
    intended_once: "a claim that is not the latest, or that was intended already, is fenced off"
    intended_for_all: "a committed intent is seen by all who open the store, and the verification is handed to no other worker"
    settled_once: "an attempt is booked by its name and once, however often its settlement comes"
    settled_by_its_name: "an attempt that was never intended changes nothing"
    asked_again_later: "what is not finished is due after its pause, with its polls counted"
    sent_back: "what was not sent is as if it had not been claimed"
    nudged: "a nudge makes a verification due, begins nothing beside an attempt, and says so"
    asked_again: "one that ended as unsure is asked about again if the application says so, and no other is"
}

const S: fn(u64) -> Duration = Duration::from_secs;

fn intended_once(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    desk.add("a");
    let stale = desk.claim_one();
    desk.pass(LEASE);
    let latest = other.claim_one();
    let intend = |claim: &Claim, attempt| Intent::new(claim, attempt_of(attempt), true, LEASE);
    assert_eq!(done(desk.store.intend(&intend(&stale, 1))), Intended::Fenced);
    assert_eq!(done(other.store.intend(&intend(&latest, 2))), Intended::Committed);
    assert_eq!(done(other.store.intend(&intend(&latest, 3))), Intended::Fenced);
    done(other.store.settle(attempt_of(2), &ended()));
    assert_eq!(done(desk.store.intend(&intend(&stale, 4))), Intended::Fenced);
    assert_eq!(done(desk.store.intend(&intend(&latest, 5))), Intended::Fenced);
    let mut gone = latest;
    gone.signature_id = id("never-added");
    assert_eq!(done(desk.store.intend(&intend(&gone, 6))), Intended::Fenced);
}

fn intended_for_all(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    drop(desk);
    let other = Desk::new(bench);
    assert_eq!(other.record(&a).state, State::Asking);
    other.pass(LEASE * 4);
    assert_eq!(other.claim_all(), [], "an attempt under way was handed out again");
}

fn settled_once(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let a = desk.add("a");
    desk.intend(1);
    assert_eq!(done(desk.store.settle(attempt_of(1), &ended())), Settled::Booked);
    for store in [&desk.store, &other.store] {
        assert_eq!(done(store.settle(attempt_of(1), &ended())), Settled::Already);
    }
    let record = other.record(&a);
    assert_eq!(
        (record.state, record.charges, record.revision),
        (State::Done, paid(), 1)
    );
    assert_eq!(record.conclusion, Some(passed()));
    assert_eq!(record.ended, Some(bench.now()));
}

fn settled_by_its_name(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    assert_eq!(done(desk.store.settle(attempt_of(2), &ended())), Settled::Already);
    assert_eq!(desk.record(&a).state, State::Asking);
    assert_eq!(desk.record(&a).charges, Charges::NONE);
}

fn asked_again_later(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("a");
    let again = |barren| Settlement::new(paid(), Then::again(S(7), barren));
    for attempt in 1..=2 {
        desk.intend(attempt);
        done(desk.store.settle(attempt_of(attempt), &again(attempt == 1)));
        desk.pass(S(6));
        assert_eq!(desk.claim_all(), []);
        desk.pass(S(1));
    }
    let claim = desk.claim_one();
    let Work::Result(progress) = claim.work else {
        panic!("{claim:?}")
    };
    assert_eq!((progress.polls, progress.barren, progress.pauses), (2, 1, 2));
    assert_eq!(progress.now, bench.now());
    let record = desk.record(&claim.signature_id);
    assert_eq!(
        (record.state, record.polls, record.charges),
        (State::Waiting, 2, paid() + paid())
    );
}

fn sent_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    desk.intend(1);
    let back = Settlement::new(Charges::NONE, Then::Back(S(2)));
    assert_eq!(done(desk.store.settle(attempt_of(1), &back)), Settled::Booked);
    desk.pass(S(2));
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.polls, record.charges),
        (State::Waiting, 0, Charges::NONE)
    );
    desk.claim_one();
}

fn nudged(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    assert_eq!(done(desk.store.nudge(&id("b"))), Nudged::Unknown);
    desk.intend(1);
    assert_eq!(done(desk.store.nudge(&a)), Nudged::UnderWay);
    assert_eq!(desk.claim_all(), [], "a second attempt began beside the first");
    done(desk.store.settle(
        attempt_of(1),
        &Settlement::new(Charges::NONE, Then::again(S(600), false)),
    ));
    assert_eq!(desk.claim_all(), []);
    assert_eq!(done(desk.store.nudge(&a)), Nudged::Due);
    let claim = desk.claim_one();
    let Work::Result(progress) = claim.work else {
        panic!("{claim:?}")
    };
    assert_eq!(progress.pauses, 0, "the pauses begin anew");
    let intent = Intent::new(&claim, attempt_of(2), true, LEASE);
    assert_eq!(done(desk.store.intend(&intent)), Intended::Committed);
    done(desk.store.settle(attempt_of(2), &ended()));
    assert_eq!(done(desk.store.nudge(&a)), Nudged::Ended);
    assert_eq!(desk.claim_all(), []);
}

fn asked_again(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = desk.add("a");
    assert!(!done(desk.store.ask_again(&a)) && !done(desk.store.ask_again(&id("b"))));
    desk.intend(1);
    let mut unknown = Charges::NONE;
    unknown.unknown = 1;
    done(
        desk.store
            .settle(attempt_of(1), &Settlement::new(unknown, Then::Unsure(None))),
    );
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.doubts, record.charges),
        (State::Unsure, 1, unknown)
    );
    assert_eq!(record.conclusion, Some(Conclusion::of(Ending::Unsure)));
    assert!(done(desk.store.ask_again(&a)));
    desk.intend(2);
    done(desk.store.settle(attempt_of(2), &ended()));
    let record = desk.record(&a);
    assert_eq!(
        (record.state, record.charges, record.revision),
        (State::Done, unknown + paid(), 2)
    );
    assert!(!done(desk.store.ask_again(&a)));
}
