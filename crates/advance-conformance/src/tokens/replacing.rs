//! What happens to a token that the vendor refuses.

use advance_core::UnixMillis;
use advance_core::sharing::{Claimed, TokenWish};

use super::{Bench, Desk, LEASE, MS, S, cases, other};

cases! {
    replaced_once: "of those who refuse the same token one replaces it, and the others get what that one brought"
    old_serves: "while a token is replaced, those who do not refuse it still get it"
    not_the_one_refused: "a client that refuses a token is never handed that one"
    apart: "replacements of tokens that were accepted are five seconds apart"
    far_apart: "replacements by clients that have not seen the token accepted are a minute apart"
    brought_nothing: "a replacement that was given back, or whose holder vanished, holds the next one up no longer than its lease"
    often: "where the last two replacements were less than two minutes apart, the next is a minute after the last"
    own_token: "a client that refuses a token of its own takes the one that is shared"
    apart_set_back: "a clock that is set back holds no replacement up"
}

fn replaced_once(bench: &dyn Bench) {
    let (desk, second) = (Desk::new(bench), Desk::new(bench));
    let refused = desk.share("refused");
    let lease = desk.leads(other(refused, true));
    assert_eq!(second.ask(other(refused, true)), Claimed::Wait(LEASE));
    assert!(desk.publish(&lease, "next"));
    for accepted in [true, false] {
        let got = second.holds(other(refused, accepted));
        assert_eq!((got.token.expose(), got.generation), ("next", lease.fence));
    }
}

fn old_serves(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let refused = desk.share("refused");
    desk.leads(other(refused, true));
    assert_eq!(desk.holds(TokenWish::Any).token.expose(), "refused");
}

fn not_the_one_refused(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let refused = desk.share("refused");
    let lease = desk.leads(other(refused, true));
    desk.give_back(&lease, None);
    desk.leads(other(refused, true));
}

fn replace(desk: &Desk<'_>, generation: u64) -> u64 {
    let lease = desk.leads(other(generation, true));
    assert!(desk.publish(&lease, "replacement"));
    lease.fence
}

fn apart(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let second = replace(&desk, desk.share("first"));
    assert_eq!(desk.ask(other(second, true)), Claimed::Kept(S(5)));
    desk.pass(S(5).saturating_sub(MS(1)));
    assert_eq!(desk.ask(other(second, true)), Claimed::Kept(MS(1)));
    desk.pass(MS(1));
    replace(&desk, second);
}

fn far_apart(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let second = replace(&desk, desk.share("first"));
    desk.pass(S(5));
    assert_eq!(desk.ask(other(second, false)), Claimed::Kept(S(55)));
    desk.pass(S(55));
    desk.leads(other(second, false));
}

fn brought_nothing(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let first = desk.share("first");
    let lease = desk.leads(other(first, true));
    desk.give_back(&lease, None);
    desk.leads(other(first, false));
    desk.pass(LEASE);
    let second = replace(&desk, first);
    // What did bring something still counts.
    desk.pass(S(5));
    let lease = desk.leads(other(second, true));
    assert_eq!(desk.ask(other(second, false)), Claimed::Wait(LEASE));
    desk.give_back(&lease, None);
    assert_eq!(desk.ask(other(second, false)), Claimed::Kept(S(55)));
}

fn often(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let second = replace(&desk, desk.share("first"));
    desk.pass(S(119));
    let third = replace(&desk, second);
    desk.pass(S(5));
    assert_eq!(desk.ask(other(third, true)), Claimed::Kept(S(55)));
    desk.pass(S(55));
    let fourth = replace(&desk, third);
    desk.pass(S(120));
    let fifth = replace(&desk, fourth);
    desk.pass(S(5));
    replace(&desk, fifth);
}

fn own_token(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let shared = desk.share("shared");
    let own = TokenWish::Other {
        generation: None,
        accepted: false,
    };
    assert_eq!(desk.holds(own).generation, shared);
}

fn apart_set_back(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let second = replace(&desk, desk.share("first"));
    bench.set(UnixMillis::new(bench.now().get() - 3_600_000));
    desk.leads(other(second, true));
}
