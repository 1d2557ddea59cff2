//! The beginning and the end of a wait: no poll too early, a grace for who finishes late, a limit of money, a nudge.

use std::time::Duration;

use advance_core::session::{Event, Until, WaitReason, WaitStep};
use advance_core::wire::CodeClass;
use advance_core::{Advice, Charges, ErrorKind, RetryPolicy, UnixMillis, WaitOutcome, WaitPolicy};
use http::header::RETRY_AFTER;

use super::{PollStep, S, answer, begin, id, link, resume, wait};
use crate::support::{Bench, Reply, START, envelope, failure, page, result, token, unfinished, with};

fn empty() -> Reply {
    Ok(http::Response::new(Vec::new()))
}

fn paid_for_nothing() -> Reply {
    envelope("SUCCESS", r#"{"idvCode":null}"#, "\"PAY\"")
}

#[test]
fn fault_90_no_person_finishes_in_the_first_seconds_of_a_link() {
    let (waited, pauses) = wait(&mut Bench::warm(), WaitPolicy::link(&link(3_600)), |_| {
        result("\"PAY\"")
    });
    assert_eq!((waited.polls, pauses), (1, vec![S(5)]));
    // One that is taken up again is asked about at once.
    let stored = WaitPolicy::of(id()).link_ends(UnixMillis::new(START + 1_000_000 + 60_000));
    let (waited, pauses) = wait(&mut Bench::warm(), stored, |_| result("\"PAY\""));
    assert_eq!((waited.polls, pauses), (1, vec![]));
    // A wait that is shorter than the first pause asks at least once.
    let short = WaitPolicy::link(&link(3_600)).total(S(4));
    let (waited, _) = wait(&mut Bench::warm(), short, |_| result("\"PAY\""));
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
}

#[test]
fn fault_90_one_odd_answer_among_good_ones_does_not_end_a_wait_and_two_do() {
    let odd: [fn() -> Reply; 3] = [|| failure("SIGNATURE_NOT_EXIST"), empty, || page(200)];
    for odd in odd {
        let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |n| match n {
            2 | 4 | 6 => odd(),
            7 => result("\"PAY\""),
            _ => unfinished(),
        });
        assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
        assert!(waited.last_error.is_some(), "it is told");
        let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |n| match n {
            2 | 3 => odd(),
            _ => unfinished(),
        });
        assert!(matches!(waited.outcome, WaitOutcome::Failed(_)), "{waited:?}");
        assert_eq!(waited.polls, 3);
    }
}

#[test]
fn fault_90_a_fresh_link_may_be_unknown_for_a_minute_and_no_longer() {
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::link(&link(3_600)), |n| match n {
        1..4 => failure("SIGNATURE_NOT_EXIST"),
        _ => result("\"PAY\""),
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");

    let (waited, pauses) = wait(&mut Bench::warm(), WaitPolicy::link(&link(3_600)), |_| {
        failure("SIGNATURE_NOT_EXIST")
    });
    let WaitOutcome::Failed(error) = waited.outcome else {
        panic!("it is unknown after a minute: {:?}", waited.outcome)
    };
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::NotFound));
    let took: Duration = pauses.iter().sum();
    assert!(took >= S(60) && took <= S(90), "{pauses:?}");

    // A mistyped id is not worth a minute.
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |_| {
        failure("SIGNATURE_NOT_EXIST")
    });
    assert_eq!(waited.polls, 1);
}

#[test]
fn fault_89_a_result_that_comes_up_to_a_minute_after_the_link_is_found() {
    for late in [0, 10, 30, 59, 60] {
        let mut bench = Bench::warm();
        let finished = bench.mono + S(300 + late);
        let mut step = begin(&mut bench, WaitPolicy::link(&link(300)));
        let waited = loop {
            step = match step {
                PollStep::Send(_, awaiting) => {
                    let reply = if bench.mono >= finished {
                        result("\"PAY\"")
                    } else {
                        unfinished()
                    };
                    answer(&mut bench, awaiting, reply)
                }
                PollStep::Wait(Until::Elapsed(pause), pausing) => {
                    bench.pass(pause);
                    resume(&mut bench, pausing)
                }
                PollStep::Wait(..) => panic!("there is a token"),
                PollStep::Done(waited) => break waited,
            };
        };
        assert!(
            matches!(waited.outcome, WaitOutcome::Finished(_)),
            "{late}: {waited:?}"
        );
    }
}

#[test]
fn fault_89_the_grace_is_the_callers_to_set_and_bounds_the_polls_after_the_end() {
    let after = |policy: WaitPolicy| {
        let (waited, pauses) = wait(&mut Bench::warm(), policy, |_| unfinished());
        assert!(matches!(waited.outcome, WaitOutcome::LinkExpired), "{waited:?}");
        pauses.iter().sum::<Duration>()
    };
    assert_eq!(after(WaitPolicy::link(&link(300))), S(360));
    assert_eq!(after(WaitPolicy::link(&link(300)).grace(S(10))), S(310));
    assert_eq!(after(WaitPolicy::link(&link(300)).grace(S(0))), S(300));
}

/// What the docs of the policy say of it.
#[test]
fn a_person_who_never_comes_costs_about_125_polls() {
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::link(&link(3_600)), |_| {
        unfinished()
    });
    assert!((115..=135).contains(&waited.polls), "{}", waited.polls);
}

#[test]
fn fault_87_a_machine_that_slept_past_the_end_of_the_link_asks_once_more() {
    for slept_in_a_poll in [false, true] {
        let mut bench = Bench::warm();
        let mut step = begin(&mut bench, WaitPolicy::link(&link(3_600)));
        let mut polls_after = 0;
        let mut slept = false;
        let mut renewed = false;
        let waited = loop {
            step = match step {
                // The token is over as well.
                PollStep::Send(_, awaiting) if slept && !renewed => {
                    renewed = true;
                    answer(&mut bench, awaiting, token("next", 3_600))
                }
                PollStep::Send(_, awaiting) => {
                    polls_after += u32::from(slept);
                    if slept_in_a_poll && !slept {
                        bench.wall_error += 7_200_000;
                        slept = true;
                    }
                    answer(&mut bench, awaiting, unfinished())
                }
                PollStep::Wait(Until::Elapsed(pause), pausing) => {
                    bench.pass(pause);
                    if !slept_in_a_poll && !slept {
                        bench.wall_error += 7_200_000;
                        slept = true;
                    }
                    resume(&mut bench, pausing)
                }
                PollStep::Wait(..) => panic!("there is a token"),
                PollStep::Done(waited) => break waited,
            };
        };
        assert!(matches!(waited.outcome, WaitOutcome::LinkExpired), "{waited:?}");
        assert_eq!(polls_after, 1);
    }
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_lengthen_a_wait() {
    let mut bench = Bench::warm();
    let policy = WaitPolicy::link(&link(300));
    let mut first = true;
    let mut step = begin(&mut bench, policy);
    let begun = bench.mono;
    let waited = loop {
        step = match step {
            PollStep::Send(_, awaiting) => answer(&mut bench, awaiting, unfinished()),
            PollStep::Wait(Until::Elapsed(pause), pausing) => {
                if std::mem::take(&mut first) {
                    bench.wall_error -= 86_400_000;
                }
                bench.pass(pause);
                resume(&mut bench, pausing)
            }
            PollStep::Wait(..) => panic!("there is a token"),
            PollStep::Done(waited) => break waited,
        };
    };
    assert!(matches!(waited.outcome, WaitOutcome::LinkExpired), "{waited:?}");
    assert_eq!(bench.mono.checked_sub(begun), Some(S(360)));
}

#[test]
fn fault_91_polls_that_are_charged_and_bring_nothing_have_a_limit() {
    let policy = WaitPolicy::link(&link(3_600));
    let (waited, _) = wait(&mut Bench::warm(), policy.clone(), |_| paid_for_nothing());
    assert!(matches!(waited.outcome, WaitOutcome::ChargeLimit), "{waited:?}");
    assert_eq!((waited.polls, waited.charges.pay), (5, 5));
    let error = waited.into_result().unwrap_err();
    assert_eq!((error.kind(), error.charges().pay), (ErrorKind::ChargeLimit, 5));
    assert_eq!(error.advice(), Advice::AskWhenBack);

    let (waited, _) = wait(&mut Bench::warm(), policy.clone().charged_polls(2), |_| {
        paid_for_nothing()
    });
    assert_eq!(waited.polls, 2);
    // A reply without data brings nothing either.
    let (waited, _) = wait(&mut Bench::warm(), policy.clone(), |_| {
        envelope("SUCCESS", "null", "\"PAY\"")
    });
    assert!(matches!(waited.outcome, WaitOutcome::ChargeLimit), "{waited:?}");
    // Free ones count for nothing, and the result itself may be the sixth that is charged.
    let (waited, _) = wait(&mut Bench::warm(), policy.clone(), |n| match n {
        1..=20 => unfinished(),
        21..=24 => paid_for_nothing(),
        _ => result("\"PAY\""),
    });
    assert_eq!((waited.charges.pay, waited.polls), (5, 25));
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
    let unlimited = WaitPolicy::link(&link(300)).charged_polls(u32::MAX);
    let (waited, _) = wait(&mut Bench::warm(), unlimited, |_| paid_for_nothing());
    assert!(matches!(waited.outcome, WaitOutcome::LinkExpired), "{waited:?}");
}

#[test]
fn a_nudge_makes_pauses_short_again_and_a_caller_may_come_early() {
    let mut bench = Bench::warm();
    let now = bench.now();
    let mut plan = bench.session.begin_wait(WaitPolicy::link(&link(3_600)), now);
    let WaitStep::Pause(first) = plan.step(&mut bench.session, now) else {
        panic!("no person is that fast")
    };
    assert_eq!(first, S(5));
    let mut last = S(0);
    for _ in 0..6 {
        let now = bench.now();
        let WaitStep::Ask(call) = plan.step(&mut bench.session, now) else {
            panic!("early or not, it asks")
        };
        let asking = bench.begin(call).call();
        plan.ended(bench.answer(asking, unfinished()).done());
        let now = bench.now();
        let WaitStep::Pause(pause) = plan.step(&mut bench.session, now) else {
            panic!("and pauses")
        };
        last = pause;
    }
    assert!(last > S(20), "{last:?}");
    plan.nudge();
    let now = bench.now();
    let WaitStep::Ask(call) = plan.step(&mut bench.session, now) else {
        panic!("it asks at once")
    };
    let asking = bench.begin(call).call();
    plan.ended(bench.answer(asking, unfinished()).done());
    let now = bench.now();
    let WaitStep::Pause(pause) = plan.step(&mut bench.session, now) else {
        panic!("and pauses")
    };
    assert_eq!(pause, S(3));
}

#[test]
fn a_nudge_does_not_shorten_what_the_server_asked_for() {
    let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
    let now = bench.now();
    let mut plan = bench.session.begin_wait(WaitPolicy::of(id()), now);
    let WaitStep::Ask(call) = plan.step(&mut bench.session, now) else {
        panic!("it asks")
    };
    let asking = bench.begin(call).call();
    let busy = with(failure("SERVICE_BUSY"), RETRY_AFTER, "20s");
    plan.ended(bench.answer(asking, busy).done());
    let now = bench.now();
    let WaitStep::Pause(pause) = plan.step(&mut bench.session, now) else {
        panic!("as told")
    };
    assert_eq!(pause, S(20));
    bench.pass(S(5));
    plan.nudge();
    let now = bench.now();
    let WaitStep::Pause(pause) = plan.step(&mut bench.session, now) else {
        panic!("as told")
    };
    assert_eq!(pause, S(15));
}

#[test]
fn a_wait_that_is_cancelled_says_what_it_has_cost() {
    let mut bench = Bench::warm();
    let now = bench.now();
    let mut plan = bench.session.begin_wait(WaitPolicy::of(id()), now);
    let WaitStep::Ask(call) = plan.step(&mut bench.session, now) else {
        panic!("it asks")
    };
    let asking = bench.begin(call).call();
    plan.ended(bench.answer(asking, paid_for_nothing()).done());
    plan.cancel(Charges::NONE, 0);
    let now = bench.now();
    assert!(matches!(plan.step(&mut bench.session, now), WaitStep::Done));
    let waited = plan.into_result();
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled));
    assert_eq!((waited.charges.pay, waited.sends), (1, 1));
    assert_eq!(waited.into_result().unwrap_err().kind(), ErrorKind::NotFinished);
}

#[test]
fn fault_91_a_poll_that_was_charged_and_failed_counts_against_the_limit_of_money() {
    let failed = || envelope("ERROR", "null", "\"PAY\"");
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::link(&link(3_600)), |_| failed());
    assert!(matches!(waited.outcome, WaitOutcome::ChargeLimit), "{waited:?}");
    assert_eq!((waited.polls, waited.charges.pay), (5, 5));
    assert!(waited.last_error.is_some(), "it is told");

    // Also one that fits among no good ones.
    let odd = || envelope("SIGNATURE_NOT_EXIST", "null", "\"PAY\"");
    let policy = WaitPolicy::link(&link(3_600)).charged_polls(2);
    let (waited, _) = wait(&mut Bench::warm(), policy, |_| odd());
    assert!(matches!(waited.outcome, WaitOutcome::ChargeLimit), "{waited:?}");
}

#[test]
fn fault_91_a_limit_of_no_charged_poll_is_not_reached_by_free_ones() {
    let policy = || WaitPolicy::of(id()).charged_polls(0);
    let (waited, _) = wait(&mut Bench::warm(), policy(), |n| match n {
        1..4 => unfinished(),
        _ => result("\"PAY\""),
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    let (waited, _) = wait(&mut Bench::warm(), policy(), |_| paid_for_nothing());
    assert!(matches!(waited.outcome, WaitOutcome::ChargeLimit), "{waited:?}");
    assert_eq!(waited.polls, 1);
}

#[test]
fn polls_name_their_wait() {
    let mut bench = Bench::warm();
    bench.session.record_events(true);
    wait(&mut bench, WaitPolicy::of(id()), |n| {
        if n < 3 { unfinished() } else { result("\"FREE\"") }
    });
    bench.result();

    let (mut waits, mut polls) = (Vec::new(), Vec::new());
    for event in bench.session.take_events() {
        match event {
            Event::Waiting {
                call,
                why: WaitReason::Poll,
                ..
            } => waits.push(Some(call)),
            Event::CallBegun { wait, .. } => polls.push(wait),
            _ => {}
        }
    }
    let alone = polls.pop();
    assert_eq!(alone, Some(None), "a call of its own is of no wait");
    assert_eq!(polls.len(), 3);
    waits.dedup();
    polls.dedup();
    assert_eq!((waits.len(), &waits), (1, &polls));
}
