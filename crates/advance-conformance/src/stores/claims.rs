//! What is due, to whom, and for how long.

use std::time::Duration;

use advance_collector::{Pending, Wanted};

use super::{Bench, Desk, LEASE, cases, done, id};

cases! {
    added_once: "a verification that is known already stays as it is when it is added again"
    due_when_it_said: "nothing is due before its time, and everything is after it"
    claimed_once: "what is claimed is one worker's alone until the lease is over, and each claim has a higher fence"
    longest_due_first: "no more is handed out than was wanted, the longest due first, or only what belongs to one id"
    given_back: "a claim that is given back is due again after its pause, but not if somebody else has it by now"
    leases_end: "no lease is longer than an hour"
    set_back: "a clock that is set back by days holds nothing up for as long"
    nothing_left: "what is left, and how long until then, is told"
}

const S: fn(u64) -> Duration = Duration::from_secs;

fn added_once(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let pending = Pending::of(id("a")).first_after(Duration::ZERO);
    assert_eq!(done(desk.store.add(&[pending.clone(), pending.clone()])), 1);
    let claim = desk.intend(1);
    assert_eq!(done(bench.open().add(&[pending])), 0);
    assert_eq!(claim.signature_id, id("a"));
    assert_eq!(desk.record(&id("a")).state, advance_collector::State::Asking);
}

fn due_when_it_said(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    done(desk.store.add(&[Pending::of(id("a")).first_after(S(3))]));
    desk.pass(Duration::from_millis(2_999));
    assert_eq!(desk.claim_all(), []);
    desk.pass(Duration::from_millis(1));
    assert_eq!(desk.claim_all().len(), 1);
}

fn claimed_once(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    desk.add("a");
    let first = desk.claim_one();
    desk.pass(LEASE.saturating_sub(Duration::from_millis(1)));
    assert_eq!(other.claim_all(), []);
    desk.pass(Duration::from_millis(1));
    let second = other.claim_one();
    assert!(
        second.fence > first.fence,
        "{} is not above {}",
        second.fence,
        first.fence
    );
    assert_eq!(desk.claim_all(), []);
}

fn longest_due_first(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for text in ["c", "a", "b"] {
        desk.add(text);
        desk.pass(S(1));
    }
    let first = done(desk.store.claim(&Wanted::new(2, LEASE)));
    let ids: Vec<_> = first.into_iter().map(|claim| claim.signature_id).collect();
    assert_eq!(ids, [id("c"), id("a")]);
    desk.pass(LEASE);
    let only = done(desk.store.claim(&Wanted::new(5, LEASE).only(id("a"))));
    assert_eq!(only.len(), 1);
    assert_eq!(only[0].signature_id, id("a"));
    assert_eq!(done(desk.store.claim(&Wanted::new(0, LEASE))), []);
}

fn given_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("a");
    let first = desk.claim_one();
    done(desk.store.give_back(&first, S(5)));
    assert_eq!(desk.claim_all(), []);
    desk.pass(S(5));
    let second = desk.claim_one();
    done(desk.store.give_back(&first, Duration::ZERO));
    assert_eq!(desk.claim_all(), [], "a stale claim was taken back");
    done(desk.store.give_back(&second, Duration::ZERO));
    assert_eq!(desk.claim_all().len(), 1);
}

fn leases_end(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("a");
    assert_eq!(done(desk.store.claim(&Wanted::new(1, Duration::MAX))).len(), 1);
    desk.pass(S(3_600));
    assert_eq!(desk.claim_all().len(), 1);
}

fn set_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.add("claimed");
    desk.claim_one();
    done(desk.store.add(&[Pending::of(id("waiting")).first_after(S(10))]));
    let days = 3 * 24 * 3_600_000;
    bench.set(advance_core::UnixMillis::new(bench.now().get() - days));
    let mut ids: Vec<_> = desk
        .claim_all()
        .into_iter()
        .map(|claim| claim.signature_id)
        .collect();
    ids.sort();
    assert_eq!(ids, [id("claimed"), id("waiting")]);
}

fn nothing_left(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    assert!(done(desk.store.rest()).is_done());
    done(desk.store.add(&[Pending::of(id("a")).first_after(S(3))]));
    assert_eq!(done(desk.store.rest()).due, Some(S(3)));
    desk.pass(S(4));
    assert_eq!(done(desk.store.rest()).due, Some(Duration::ZERO));
    desk.intend(1);
    assert_eq!(
        done(desk.store.rest()).due,
        Some(LEASE),
        "an attempt under way is left to do"
    );
    done(desk.store.settle(super::attempt_of(1), &super::ended()));
    let rest = done(desk.store.rest());
    assert_eq!((rest.due, rest.untold), (None, Some(Duration::ZERO)));
    let events = done(desk.store.untold(9, LEASE));
    assert_eq!(done(desk.store.rest()).untold, Some(LEASE));
    done(desk.store.told(&events[0]));
    assert!(done(desk.store.rest()).is_done());
}
