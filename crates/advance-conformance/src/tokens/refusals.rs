//! What the vendor said to one is heard by all.

use std::time::Duration;

use advance_core::Code;
use advance_core::sharing::{Claimed, Setback, TokenWish};

use super::{Bench, Desk, LEASE, S, cases};

cases! {
    told_to_all: "a refusal of the vendor's is told to all who ask, with its code and what is left of the pause, until that is over"
    without_a_code: "a refusal without a documented code is told as well, and no other word of the vendor's is kept"
    a_token_ends_it: "a token that comes ends the pause"
    of_the_latest_alone: "what was refused under a stale lease is told to no client"
    tokens_are_handed_out: "a token that lives is handed out during the pause"
    no_pause_is_endless: "no pause is longer than a minute"
}

fn told_to_all(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    for code in [Code::AccountDisabled, Code::ServiceBusy, Code::ParameterError] {
        let lease = desk.leads(TokenWish::Any);
        desk.give_back(&lease, Some(&Setback::new(Some(&code), S(5))));
        desk.pass(S(2));
        let left = Setback::new(Some(&code), S(3));
        assert_eq!(other.any(), Claimed::Refused(left));
        desk.pass(S(3));
    }
    other.leads(TokenWish::Any);
}

fn without_a_code(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    let setback = Setback::new(Some(&Code::from("hidden echo")), S(5));
    desk.give_back(&lease, Some(&setback));
    assert_eq!(desk.any(), Claimed::Refused(Setback::new(None, S(5))));
}

fn a_token_ends_it(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    desk.give_back(&lease, Some(&Setback::new(None, S(5))));
    assert!(desk.publish(&lease, "after-all"));
    desk.holds(TokenWish::Any);
    desk.pass(super::HOUR);
    desk.leads(TokenWish::Any);
}

fn of_the_latest_alone(bench: &dyn Bench) {
    let (desk, other) = (Desk::new(bench), Desk::new(bench));
    let stale = desk.leads(TokenWish::Any);
    desk.pass(LEASE);
    let latest = other.leads(TokenWish::Any);
    desk.give_back(&stale, Some(&Setback::new(None, S(5))));
    other.give_back(&latest, None);
    desk.leads(TokenWish::Any);
}

fn tokens_are_handed_out(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let generation = desk.share("alive");
    let lease = desk.leads(super::other(generation, true));
    desk.give_back(&lease, Some(&Setback::new(None, S(5))));
    assert_eq!(desk.holds(TokenWish::Any).token.expose(), "alive");
    assert_eq!(
        desk.ask(super::other(generation, true)),
        Claimed::Refused(Setback::new(None, S(5)))
    );
}

fn no_pause_is_endless(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let lease = desk.leads(TokenWish::Any);
    desk.give_back(&lease, Some(&Setback::new(None, Duration::MAX)));
    assert_eq!(desk.any(), Claimed::Refused(Setback::new(None, S(60))));
}
