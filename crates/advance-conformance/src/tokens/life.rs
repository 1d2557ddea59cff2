//! What a token is, and how much of it is left.

use std::time::Duration;

use advance_core::UnixMillis;
use advance_core::sharing::{Claimed, TokenWish};

use super::{Bench, Desk, HOUR, LEASE, MS, PATIENCE, S, cases, done, token};

cases! {
    shared: "what was published is handed out to all as it came, named by the fence that brought it, with its age and what is left of it"
    life_begins_with_the_lease: "the life of a token counts from when its lease was granted, by the store's clock"
    late_and_overtaken: "what is published under a lease that is no longer the latest changes nothing, before the next token and after it"
    late_and_alone: "what is published after its lease is over is taken, if no other lease was granted"
    said_twice: "a token that is published a second time is the same token"
    a_moment_is_left: "a token in its last second is handed out to none"
    no_life_is_endless: "no token lives for more than a day"
    renewed: "while one client renews a token, the others that ask for any get it, and those that would renew wait"
    renewed_by_another: "a client whose own token is about to end gets one that lives longer, and none that does not"
    life_set_back: "a clock that is set back makes no token live longer than it could"
    any_text: "a token may be any text that fits a header, up to 16 KiB"
}

fn shared(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    assert!(desk.publish(&lease, "abc.def"));
    drop(desk);
    let desk = Desk::new(bench);
    desk.pass(S(7));
    let shared = desk.holds(TokenWish::Any);
    assert_eq!(shared.token.expose(), "abc.def");
    assert_eq!(
        (shared.generation, shared.age, shared.left),
        (lease.fence, S(7), HOUR.saturating_sub(S(7)))
    );
}

fn life_begins_with_the_lease(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    desk.pass(S(3));
    assert!(desk.publish(&lease, "slow"));
    let shared = desk.holds(TokenWish::Any);
    assert_eq!(
        (shared.left, shared.age),
        (HOUR.saturating_sub(S(3)), Duration::ZERO)
    );
}

fn late_and_overtaken(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let late = desk.leads(TokenWish::Any);
    desk.pass(LEASE);
    let next = other.leads(TokenWish::Any);
    assert!(
        !desk.publish(&late, "late"),
        "a former lease was taken for the latest"
    );
    assert_eq!(desk.any(), Claimed::Wait(LEASE), "it was handed out");
    assert!(other.publish(&next, "newer"));
    assert!(!desk.publish(&late, "late"), "it overwrote a newer token");
    assert_eq!(desk.holds(TokenWish::Any).token.expose(), "newer");
}

fn late_and_alone(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    desk.pass(LEASE * 2);
    assert!(desk.publish(&lease, "late"));
    assert_eq!(desk.holds(TokenWish::Any).left, HOUR.saturating_sub(LEASE * 2));
}

fn said_twice(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    assert!(desk.publish(&lease, "once"));
    desk.publish(&lease, "once");
    let shared = desk.holds(TokenWish::Any);
    assert_eq!((shared.generation, shared.left), (lease.fence, HOUR));
}

fn a_moment_is_left(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.share("short");
    desk.pass(HOUR.saturating_sub(MS(1_001)));
    assert_eq!(desk.holds(TokenWish::Any).left, MS(1_001));
    desk.pass(MS(1));
    desk.leads(TokenWish::Any);
}

fn no_life_is_endless(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    assert!(done(desk.store.publish(
        &lease,
        &token("long"),
        Duration::MAX,
        PATIENCE
    )));
    assert_eq!(desk.holds(TokenWish::Any).left, HOUR * 24);
}

fn renewed(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let generation = desk.share("old");
    desk.pass(HOUR.saturating_sub(S(50)));
    let renewal = TokenWish::Renewed {
        generation: Some(generation),
        left: S(50),
    };
    let lease = desk.leads(renewal);
    assert_eq!(other.holds(TokenWish::Any).token.expose(), "old");
    assert_eq!(other.ask(renewal), Claimed::Wait(LEASE));
    assert!(desk.publish(&lease, "new"));
    assert_eq!(other.holds(renewal).token.expose(), "new");
}

fn renewed_by_another(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.share("shared");
    let own = |left| TokenWish::Renewed {
        generation: None,
        left,
    };
    assert_eq!(
        desk.holds(own(HOUR.saturating_sub(MS(1)))).token.expose(),
        "shared"
    );
    desk.leads(own(HOUR));
}

fn life_set_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    desk.share("token");
    bench.set(UnixMillis::new(bench.now().get() - 3 * 24 * 3_600_000));
    let shared = desk.holds(TokenWish::Any);
    assert!(shared.left <= HOUR, "{:?} is left of an hour", shared.left);
}

fn any_text(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    for name in [r#"'"\%_;--$1{}"#.to_owned(), "x".repeat(16 * 1024)] {
        desk.pass(HOUR);
        desk.share(&name);
        assert_eq!(desk.holds(TokenWish::Any).token.expose(), name);
    }
}
