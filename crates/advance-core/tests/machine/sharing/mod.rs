//! One token for several sessions.

mod denied;
mod setbacks;
mod slow_store;
mod which_token;
mod world;

use std::time::Duration;

use advance_core::session::{Call, Event};
use advance_core::sharing::TokenStoreErrorKind;
use advance_core::{Code, ErrorKind, GetResult, SignatureId};

use crate::support::{Asked, failure, result};
use world::{World, keys};

const S: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn cold_sessions_make_one_token_request() {
    let mut world = World::of(5);
    let asking = world.begin(0).token();
    let mut looking = Vec::new();
    for who in 1..5 {
        looking.push((who, world.begin(who).backoff()));
    }
    world.pass(MS(200));
    let reply = world.issue(3_600);
    let calling = world.answer(0, asking, reply).call();
    world.accepts(0, calling);
    for (who, (wait, pause)) in looking {
        assert!(wait < S(1), "{wait:?}");
        world.pass(wait);
        let calling = world.wake(who, pause).call();
        world.accepts(who, calling);
        assert_eq!(world.in_use(who), "token-1");
        let shared = world.events(who).into_iter().any(
            |event| matches!(event, Event::TokenShared { life, .. } if life > S(3_590) && life <= S(3_600)),
        );
        assert!(shared, "it says where the token is from");
    }
    assert_eq!((world.issued, world.asked.matches('p').count()), (1, 1));
    // From then on no call asks the store.
    world.asked.clear();
    for who in 0..5 {
        world.begin(who).call();
    }
    assert_eq!(world.asked, "");
}

#[test]
fn a_session_that_dies_while_it_leads_holds_the_others_up_until_its_lease_is_over() {
    let mut world = World::of(2);
    drop(world.begin(0).token());
    let mut waited = Duration::ZERO;
    let mut step = world.begin(1);
    let asking = loop {
        match step {
            Asked::Token(_, asking) => break asking,
            other => {
                let (wait, pause) = other.backoff();
                waited += wait;
                world.pass(wait);
                step = world.wake(1, pause);
            }
        }
    };
    assert!((S(21)..S(22)).contains(&waited), "{waited:?}");
    let reply = world.issue(3_600);
    world.answer(1, asking, reply).call();
    assert_eq!(world.in_use(1), "token-1");
}

#[test]
fn a_late_answer_overwrites_no_newer_token_and_serves_the_one_who_brought_it() {
    let mut world = World::of(3);
    let late = world.begin(0).token();
    world.pass(S(22));
    let asking = world.begin(1).token();
    let newer = world.issue(3_600);
    world.answer(1, asking, newer).call();
    let reply = world.issue(3_600);
    let call = world.answer(0, late, reply).call();
    world.accepts(0, call);
    assert_eq!(world.in_use(0), "token-2");
    world.begin(2).call();
    assert_eq!(world.in_use(2), "token-1");
    assert_eq!(world.issued, 2);
}

#[test]
fn a_call_that_is_given_up_gives_its_lease_back_by_the_next() {
    let mut world = World::of(2);
    let call = Call::new(GetResult::new(SignatureId::new("id").unwrap()));
    let asking = world.begins(0, call).token();
    world.sessions[0].abandon(asking.ticket());
    // The next call of the same session leads at once, under a lease of its own.
    let asking = world.begin(0).token();
    assert_eq!(world.asked, "cgc");
    world.sessions[0].abandon(asking.ticket());
    world.pass(S(22));
    world.begin(1).token();
}

#[test]
fn a_failed_request_hands_the_lead_to_another_session() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    world.answer(0, asking, failure("CLIENT_ERROR")).error();
    assert_eq!(world.asked, "cg");
    world.begin(1).token();
}

#[test]
fn a_refused_token_is_replaced_once_for_all() {
    let mut world = World::of(4);
    for who in 0..4 {
        world.warm(who);
    }
    world.pass(S(60));
    let asking = world.refused_twice(0).token();
    let (wait, pause) = world.refused_twice(1).backoff();
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.pass(wait);
    let call = world.wake(1, pause).call();
    world.accepts(1, call);
    // These find the next one there, however late they learn of it.
    for (who, later) in [(2, S(1)), (3, S(600))] {
        world.pass(later);
        let call = world.refused_twice(who).call();
        world.accepts(who, call);
        assert_eq!(world.in_use(who), "token-2");
    }
    assert_eq!(world.issued, 2);
}

#[test]
fn what_others_replaced_is_no_replacement_of_the_calls_own() {
    let mut world = World::of(2);
    world.warm(0);
    world.warm(1);
    world.pass(S(60));
    let asking = world.refused_twice(0).token();
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.pass(S(60));
    // The second token is dead by now as well: the call that learns of it replaces it all the same.
    let call = world.refused_twice(1).call();
    let call = world.answer(1, call, failure("IAM_FAILED")).call();
    let asking = world.answer(1, call, failure("IAM_FAILED")).token();
    let reply = world.issue(3_600);
    let call = world.answer(1, asking, reply).call();
    world.accepts(1, call);
    assert_eq!(world.in_use(1), "token-3");
}

#[test]
fn a_token_of_another_session_is_young_by_its_age() {
    let mut world = World::of(3);
    let asking = world.begin(0).token();
    let reply = world.issue(3_600);
    world.answer(0, asking, reply).call();
    world.pass(S(2));
    let call = world.begin(1).call();
    let (wait, _) = world.answer(1, call, failure("IAM_FAILED")).backoff();
    assert!(wait >= MS(100), "a node may not know it yet: it waits, {wait:?}");
    world.pass(S(11));
    let call = world.begin(2).call();
    let call = world.answer(2, call, failure("IAM_FAILED")).call();
    world.answer(2, call, failure("IAM_FAILED")).token();
    assert_eq!(world.issued, 1);
}

#[test]
fn a_renewal_of_one_is_everybodys() {
    let mut world = World::of(3);
    for who in 0..3 {
        world.warm(who);
    }
    world.pass(S(3_572));
    let asking = world.begin(0).token();
    // The others go on with the old one meanwhile, and ask the store no more than once a second or so.
    world.asked.clear();
    for _ in 0..20 {
        let call = world.begin(1).call();
        world.accepts(1, call);
        assert_eq!(world.in_use(1), "token-1");
        world.pass(MS(100));
    }
    assert!((2..=5).contains(&world.asked.len()), "{}", world.asked);
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.pass(S(1));
    for who in 1..3 {
        world.begin(who).call();
        assert_eq!(world.in_use(who), "token-2");
    }
    assert_eq!(world.issued, 2);
}

#[test]
fn a_refusal_to_issue_is_heard_by_all_without_the_words_of_one() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    world.answer(0, asking, failure("ACCOUNT_DISABLED")).error();
    world.pass(S(1));
    let error = world.begin(1).error();
    assert_eq!(error.code(), Some(&Code::AccountDisabled));
    assert_eq!(
        (error.message(), error.transaction_id(), error.sends()),
        (None, None, 0)
    );
    // In five seconds either may try again, and its success ends it for both.
    world.pass(S(4));
    let asking = world.begin(1).token();
    let reply = world.issue(3_600);
    world.answer(1, asking, reply).call();
    world.begin(0).call();
}

#[test]
fn a_busy_token_endpoint_is_left_alone_by_all() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    let busy = crate::support::with(failure("SERVICE_BUSY"), http::header::RETRY_AFTER, "20");
    world.answer(0, asking, busy).backoff();
    let (wait, _) = world.begin(1).news();
    assert!((S(19)..=S(20)).contains(&wait), "{wait:?}");
}

#[test]
fn a_session_without_its_store_goes_on_with_what_it_holds_and_then_alone() {
    for kind in [TokenStoreErrorKind::Unavailable, TokenStoreErrorKind::Late] {
        let mut world = World::of(1);
        world.warm(0);
        world.events(0);
        world.down = Some(kind);
        world.pass(S(3_572));
        let call = world.begin(0).call();
        world.accepts(0, call);
        let failed = |holds| move |event: &Event| matches!(event, Event::TokenStoreFailed { kind: told, holds: held, .. } if *told == kind && *held == holds);
        assert!(world.events(0).iter().any(failed(true)), "it says so");
        // The second try is alone, before the token ends.
        world.pass(S(20));
        let asking = world.begin(0).token();
        let reply = world.issue(3_600);
        let call = world.answer(0, asking, reply).call();
        world.accepts(0, call);
        // A cold one is alone at once, and leaves the store alone for a while.
        let mut cold = World::of(1);
        cold.down = Some(kind);
        let asking = cold.begin(0).token();
        cold.answer(0, asking, crate::support::page(500)).backoff();
        assert!(cold.events(0).iter().any(failed(false)));
        let asking = cold.begin(0);
        assert!(matches!(asking, Asked::News(..)), "one asks, also alone");
        assert_eq!(cold.asked, "c");
    }
}

#[test]
fn a_call_in_haste_does_not_turn_its_session_away_from_a_slow_store() {
    let mut world = World::of(1);
    world.down = Some(TokenStoreErrorKind::Late);
    let hasty = Call::new(GetResult::new(SignatureId::new("id").unwrap())).total(S(1));
    let asking = world.begins(0, hasty).token();
    world.down = None;
    world.sessions[0].abandon(asking.ticket());
    world.begin(0).token();
    assert_eq!(world.asked, "cc");
}

#[test]
fn a_token_that_could_not_be_shared_is_shared_when_the_store_is_back() {
    let mut world = World::of(2);
    let asking = world.begin(0).token();
    world.down = Some(TokenStoreErrorKind::Unavailable);
    let reply = world.issue(3_600);
    let call = world.answer(0, asking, reply).call();
    world.accepts(0, call);
    world.down = None;
    world.pass(S(11));
    let call = world.begin(0).call();
    world.accepts(0, call);
    world.begin(1).call();
    assert_eq!((world.in_use(1).as_str(), world.issued), ("token-1", 1));
}

#[test]
fn a_session_with_new_keys_takes_no_token_of_the_former_ones() {
    let mut world = World::of(3);
    world.warm(0);
    world.sessions[1].set_credentials(keys("anothersecret"));
    let asking = world.begin(1).token();
    let reply = world.issue(3_600);
    let call = world.answer(1, asking, reply).call();
    world.accepts(1, call);
    assert_eq!(world.in_use(1), "token-2");
    // The others of the old keys have theirs, and take the other when they have the new keys.
    world.begin(2).call();
    assert_eq!(world.in_use(2), "token-1");
    world.sessions[0].set_credentials(keys("anothersecret"));
    world.pass(S(3_572));
    let asking = world.begin(0).token();
    let reply = world.issue(3_600);
    world.answer(0, asking, reply).call();
    world.begin(1).call();
    assert_eq!(
        (world.in_use(0), world.in_use(1)),
        ("token-3".into(), "token-3".into())
    );
}

#[test]
fn nothing_secret_is_shown() {
    let mut world = World::of(2);
    world.warm(0);
    let now = world.now(1);
    let call = Call::new(GetResult::new(SignatureId::new("id").unwrap()));
    let step = world.sessions[1].begin(call, now);
    let advance_core::session::Step::Share(ask, _, _) = &step else {
        panic!("it asks the store");
    };
    let mut shown = vec![format!("{step:?} {ask:?}")];
    let ticket = step.ticket().unwrap();
    world.sessions[1].abandon(ticket);
    shown.push(format!("{:?}", world.events(0)));
    let Asked::Done(Ok(response)) = ({
        let call = world.begin(1).call();
        world.answer(1, call, result("\"FREE\""))
    }) else {
        panic!("it succeeds");
    };
    let events = world.events(1);
    shown.push(format!("{response:?} {:?} {events:?}", world.sessions[1]));
    let shown = shown.join(" ");
    for secret in ["sampleaccesskey", "samplesecretkey", "token-1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let error = advance_core::sharing::Egress::new("").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
