//! Tokens that leave a session and enter another.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;

use crate::support::{Bench, result, token};

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn tokens_leave_and_enter_a_session() {
    let bench = Bench::warm();
    let exported = bench.session.export_token(bench.now()).unwrap();
    assert_eq!(exported.token.expose(), "warm");

    let mut other = Bench::new();
    other.pass(S(10));
    let now = other.now();
    assert!(other.session.adopt_token(exported.clone(), now));
    assert!(
        !other.session.adopt_token(exported.clone(), now),
        "it is in use already"
    );
    other.url().call();

    let mut late = Bench::new();
    late.pass(S(4_000));
    let now = late.now();
    assert!(!late.session.adopt_token(exported, now), "it is past");
    late.url().token();
}

#[test]
fn an_adopted_token_is_not_believed_for_more_than_a_day() {
    let mut bench = Bench::new();
    let now = bench.now();
    let token = advance_core::secret::AccessToken::new("t").unwrap();
    let forever = advance_core::session::ExportedToken::new(token, advance_core::UnixMillis::new(u64::MAX));
    assert!(bench.session.adopt_token(forever, now));
    bench.pass(S(86_401)).url().token();
}

#[test]
fn a_token_can_be_asked_for_by_itself() {
    let mut bench = Bench::new();
    let now = bench.now();
    let advance_core::session::Step::Send(_, _, asking) =
        bench.session.begin(advance_core::session::Call::token(), now)
    else {
        panic!()
    };
    let response = bench.answer(asking, token("mine", 3_600)).success();
    assert_eq!(response.data().token.expose(), "mine");
    assert!(!response.raw().is_empty() && response.transaction_id().is_some());

    let advance_core::session::Step::Done(Ok(held)) =
        bench.session.begin(advance_core::session::Call::token(), now)
    else {
        panic!()
    };
    assert_eq!(held.data().token.expose(), "mine");
    assert_eq!((held.sends(), held.raw().len()), (0, 0));
}

#[test]
fn an_abandoned_request_counts_as_of_unknown_cost() {
    let mut bench = Bench::warm();
    let before = bench.session.charges();
    let call = bench.result().call();
    bench.session.abandon(call.ticket());
    assert_eq!(bench.session.charges().unknown, before.unknown + 1);
    let call = bench.result().call();
    bench.answer(call, result("\"PAY\"")).success();
    assert_eq!(bench.session.charges().pay, before.pay + 1);
}

fn in_use(bench: &Bench) -> String {
    let held = bench.session.export_token(bench.now()).unwrap();
    held.token.expose().to_owned()
}

#[test]
fn the_token_that_lives_longer_stays_in_use() {
    for (second, kept) in [(1_200, "first"), (2_400, "second"), (1_817, "second")] {
        let mut bench = Bench::new();
        let late = bench.url().token();
        bench.pass(S(17));
        let next = bench.url().token();
        bench.answer(next, token("first", 1_800)).call();
        // Its life counts from when it was asked for, 17 s earlier.
        bench.answer(late, token("second", second)).call();
        assert_eq!(in_use(&bench), kept, "{second}");
    }
}

#[test]
fn a_token_is_adopted_only_if_it_is_another_and_lives_longer() {
    for (name, seconds, taken) in [
        ("other", 7_200, true),
        ("other", 1_800, false),
        ("warm", 7_200, false),
    ] {
        let mut bench = Bench::warm();
        let now = bench.now();
        let stored = ExportedToken::new(
            AccessToken::new(name).unwrap(),
            now.wall.saturating_add(S(seconds)),
        );
        assert_eq!(bench.session.adopt_token(stored, now), taken, "{name} {seconds}");
        assert_eq!(in_use(&bench), if taken { name } else { "warm" });
    }
}

#[test]
fn a_token_in_hand_is_handed_out_even_by_a_clock_that_cannot_sign() {
    let mut bench = Bench::warm();
    bench.session.record_events(true);
    let now = advance_core::Now {
        wall: advance_core::UnixMillis::new(7),
        mono: bench.mono,
    };
    let advance_core::session::Step::Done(Ok(held)) =
        bench.session.begin(advance_core::session::Call::token(), now)
    else {
        panic!("it is in hand")
    };
    assert_eq!(held.data().token.expose(), "warm");
    let mut cold = Bench::new();
    cold.session.record_events(true);
    let advance_core::session::Step::Done(Err(error)) =
        cold.session.begin(advance_core::session::Call::token(), now)
    else {
        panic!("nothing can be signed")
    };
    assert_eq!(error.kind(), advance_core::ErrorKind::Invalid);
    for bench in [&mut bench, &mut cold] {
        let events = bench.session.take_events();
        assert!(
            matches!(
                events[..],
                [
                    advance_core::session::Event::CallBegun { .. },
                    advance_core::session::Event::CallEnded { .. }
                ]
            ),
            "{events:?}"
        );
    }
}
