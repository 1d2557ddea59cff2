//! Who may ask the vendor.

use std::time::Duration;

use advance_core::sharing::{Claimed, ClientId, TokenClaim, TokenLease, TokenWish};

use super::{Bench, Desk, LEASE, MS, S, cases, key};

cases! {
    one_leads: "of those who ask while there is no token one gets the lease, and the others hear how long it lasts"
    a_dead_holder: "a holder that vanished holds the others up until its lease is over, and the next lease has a higher fence"
    goes_on: "a client that has the latest lease keeps its fence and gets a fresh lease when it asks again, even after its end, unless another has one by now or it was ended"
    given_back: "a lease that is given back is free at once, and a stale one takes nothing from anybody"
    never_granted: "what is told under a lease that was never granted changes nothing"
    keys_apart: "those with another key have nothing to do with it"
    no_lease_is_endless: "no lease is longer than ten minutes"
    set_back: "a clock that is set back, by days or by minutes, holds nothing up"
}

fn one_leads(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    desk.leads(TokenWish::Any);
    assert_eq!(other.any(), Claimed::Wait(LEASE));
    desk.pass(S(10));
    assert_eq!(other.any(), Claimed::Wait(S(6)));
    assert_eq!(
        desk.any(),
        Claimed::Wait(S(6)),
        "it does not say that it holds the lease"
    );
}

fn a_dead_holder(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let dead = desk.leads(TokenWish::Any);
    drop(desk);
    let desk = Desk::new(bench);
    desk.pass(LEASE.saturating_sub(MS(1)));
    assert_eq!(desk.any(), Claimed::Wait(MS(1)));
    desk.pass(MS(1));
    let next = desk.leads(TokenWish::Any);
    assert!(
        next.fence > dead.fence,
        "{} is not above {}",
        next.fence,
        dead.fence
    );
}

fn goes_on(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let claim = || TokenClaim::new(desk.key.clone(), TokenWish::Any, LEASE);
    // As large as they can be.
    let [own, others] = [0, 1].map(|less| claim().by(ClientId::new(u64::MAX - less)));
    let Claimed::Lead(lease) = desk.asks(&own) else {
        panic!("there was no lease before");
    };
    for passed in [S(10), LEASE] {
        desk.pass(passed);
        assert_eq!(desk.asks(&own), Claimed::Lead(lease.clone()));
        assert_eq!(other.asks(&others), Claimed::Wait(LEASE));
        assert_eq!(other.any(), Claimed::Wait(LEASE));
    }
    desk.pass(LEASE);
    let next = other.leads(TokenWish::Any);
    assert_eq!(
        desk.asks(&own),
        Claimed::Wait(LEASE),
        "another has the lease by now"
    );
    other.give_back(&next, None);
    let Claimed::Lead(last) = desk.asks(&own) else {
        panic!("the lease was free");
    };
    desk.give_back(&last, None);
    let again = desk.asks(&own);
    assert!(
        matches!(&again, Claimed::Lead(lease) if lease.fence > last.fence),
        "{again:?} after {last:?}"
    );
}

fn given_back(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let first = desk.leads(TokenWish::Any);
    desk.give_back(&first, None);
    let second = other.leads(TokenWish::Any);
    assert!(second.fence > first.fence);
    desk.give_back(&first, None);
    assert_eq!(desk.any(), Claimed::Wait(LEASE), "a stale lease ended another's");
    assert!(other.publish(&second, "second"));
    other.give_back(&second, None);
    assert_eq!(desk.holds(TokenWish::Any).generation, second.fence);
}

fn never_granted(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for fence in [0, 1, u64::MAX] {
        let lease = TokenLease::new(desk.key.clone(), fence);
        assert!(!desk.publish(&lease, "never"), "{fence}");
        desk.give_back(&lease, None);
    }
    desk.leads(TokenWish::Any);
}

fn keys_apart(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let elsewhere = Desk {
        key: key("there"),
        ..Desk::new(bench)
    };
    desk.share("here");
    let lease = elsewhere.leads(TokenWish::Any);
    assert!(elsewhere.publish(&lease, "there"));
    assert_eq!(desk.holds(TokenWish::Any).token.expose(), "here");
    assert_eq!(elsewhere.holds(TokenWish::Any).token.expose(), "there");
}

fn no_lease_is_endless(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.asks(&TokenClaim::new(desk.key.clone(), TokenWish::Any, Duration::MAX));
    assert_eq!(desk.any(), Claimed::Wait(S(600)));
    desk.pass(S(600));
    desk.leads(TokenWish::Any);
}

fn set_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for back in [S(300), S(3 * 24 * 3_600)] {
        desk.leads(TokenWish::Any);
        let back = u64::try_from(back.as_millis()).unwrap_or_default();
        bench.set(advance_core::UnixMillis::new(bench.now().get() - back));
        desk.leads(TokenWish::Any);
        desk.pass(LEASE);
    }
}
