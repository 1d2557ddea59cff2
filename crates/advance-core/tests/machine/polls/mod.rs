//! Waiting for a verification to finish.

mod failures;
mod given_up;
mod patience;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use advance_core::session::{Awaiting, Pause, Step, Ticket, Until, Wait, WaitStep, Waited};
use advance_core::transport::Limits;
use advance_core::{
    Charge, Charges, ErrorKind, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId, VerificationLink,
    WaitOutcome, WaitPolicy,
};

use crate::support::{Bench, Reply, START, envelope, failure, result, unfinished};

const S: fn(u64) -> Duration = Duration::from_secs;

fn id() -> SignatureId {
    SignatureId::new("f302f5d2454a85c2").unwrap()
}

/// A link that ends this long after the beginning of the bench.
fn link(seconds: u64) -> VerificationLink {
    link_until(START + 1_000_000 + seconds * 1_000)
}

fn link_until(expired_time: u64) -> VerificationLink {
    use advance_core::Endpoint as _;
    let url = || ReturnUrl::new("https://shop.example/").unwrap();
    let data = format!(
        r#"{{"signatureId":"f302f5d2454a85c2","url":"https://h5.advance.ai/","expiredTime":{expired_time}}}"#
    );
    GenerateUrl::new(url(), url(), Region::IDN).decode(&data).unwrap()
}

/// Asks at once, and ends with the link: what most of these tests are not about.
fn prompt(link: &VerificationLink) -> WaitPolicy {
    WaitPolicy::link(link)
        .first_poll_after(Duration::ZERO)
        .grace(Duration::ZERO)
}

/// Sees a wait through: `reply` answers each request by its number, counted from 1; pauses between polls are kept.
fn wait(
    bench: &mut Bench,
    polling: WaitPolicy,
    mut reply: impl FnMut(u32) -> Reply,
) -> (Waited, Vec<Duration>) {
    let mut pauses = Vec::new();
    let mut requests = 0;
    let mut step = begin(bench, polling);
    loop {
        step = match step {
            PollStep::Send(_, awaiting) => {
                requests += 1;
                assert!(requests < 10_000, "a poll that never ends");
                answer(bench, awaiting, reply(requests))
            }
            PollStep::Wait(Until::Elapsed(pause), waiting) => {
                pauses.push(pause);
                bench.pass(pause);
                resume(bench, waiting)
            }
            PollStep::Wait(Until::Token { .. }, _) => panic!("no other call asks for a token"),
            PollStep::Done(waited) => return (waited, pauses),
        };
    }
}

/// What a wait and its call ask for together.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
enum PollStep {
    Send(Limits, PollAwaiting),
    Wait(Until, PollPause),
    Done(Waited),
}

struct PollAwaiting {
    wait: Wait,
    call: Awaiting<GetResult>,
}

/// Between two polls, or within one.
struct PollPause {
    wait: Wait,
    call: Option<Pause<GetResult>>,
}

fn begin(bench: &mut Bench, policy: WaitPolicy) -> PollStep {
    let now = bench.now();
    let wait = bench.session.begin_wait(policy, now);
    goes_on(bench, wait)
}

fn answer(bench: &mut Bench, awaiting: PollAwaiting, reply: Reply) -> PollStep {
    let now = bench.now();
    let step = awaiting.call.resume(&mut bench.session, now, reply);
    follow(bench, awaiting.wait, step)
}

fn resume(bench: &mut Bench, pause: PollPause) -> PollStep {
    let now = bench.now();
    match pause.call {
        Some(call) => {
            let step = call.resume(&mut bench.session, now);
            follow(bench, pause.wait, step)
        }
        None => goes_on(bench, pause.wait),
    }
}

fn goes_on(bench: &mut Bench, mut wait: Wait) -> PollStep {
    let now = bench.now();
    match wait.step(&mut bench.session, now) {
        WaitStep::Ask(call) => {
            let step = bench.session.begin(call, now);
            follow(bench, wait, step)
        }
        WaitStep::Pause(pause) => PollStep::Wait(Until::Elapsed(pause), PollPause { wait, call: None }),
        WaitStep::Done => PollStep::Done(wait.into_result()),
    }
}

fn follow(bench: &mut Bench, mut wait: Wait, step: Step<GetResult>) -> PollStep {
    match step {
        Step::Send(_, limits, call) => PollStep::Send(limits, PollAwaiting { wait, call }),
        Step::Wait(until, call) => {
            let call = Some(call);
            PollStep::Wait(until, PollPause { wait, call })
        }
        Step::Share(..) => unreachable!("no store was given"),
        Step::Done(result) => {
            wait.ended(result);
            goes_on(bench, wait)
        }
    }
}

impl PollPause {
    fn ticket(&self) -> Ticket {
        self.call.as_ref().map_or(self.wait.ticket(), Pause::ticket)
    }
}

#[test]
fn the_third_poll_finds_it_finished() {
    let mut bench = Bench::warm();
    let (waited, pauses) = wait(&mut bench, WaitPolicy::of(id()), |n| {
        if n < 3 { unfinished() } else { result("\"PAY\"") }
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
    assert_eq!((waited.polls, waited.sends), (3, 3));
    assert_eq!(
        waited.charges,
        Charges {
            free: 2,
            pay: 1,
            unknown: 0
        }
    );
    assert!(
        pauses[0] == S(3) && pauses[1] > S(5) && pauses[1] <= S(6),
        "{pauses:?}"
    );
}

#[test]
fn pauses_grow_to_half_a_minute() {
    let mut bench = Bench::warm();
    let (_, pauses) = wait(&mut bench, WaitPolicy::of(id()), |_| unfinished());
    let longest = pauses.iter().max().unwrap();
    assert!(*longest <= S(30) && *longest > S(27), "{longest:?}");
    assert!(pauses.iter().all(|pause| *pause >= S(1)));
}

#[test]
fn fault_73_a_link_that_ends_first_is_said_to_have_ended() {
    let mut bench = Bench::warm();
    let (waited, pauses) = wait(&mut bench, prompt(&link(60)), |_| unfinished());
    assert!(matches!(waited.outcome, WaitOutcome::LinkExpired));
    assert_eq!(
        pauses.iter().sum::<Duration>(),
        S(60),
        "the last poll comes as it ends"
    );
    assert_eq!(waited.charges.free, u64::from(waited.polls));
    let error = waited.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LinkExpired);
}

#[test]
fn a_result_that_comes_as_the_link_ends_is_not_missed() {
    let mut bench = Bench::warm();
    let link = link(10);
    // 0 s, 3 s, 9 s or so, and 10 s.
    let (waited, _) = wait(&mut bench, WaitPolicy::link(&link), |n| {
        if n < 4 { unfinished() } else { result("\"FREE\"") }
    });
    assert!(
        matches!(waited.outcome, WaitOutcome::Finished(_)),
        "{:?}",
        waited.outcome
    );
}

#[test]
fn a_link_that_has_ended_already_is_asked_for_once() {
    let mut bench = Bench::warm();
    bench.pass(S(100));
    let (waited, _) = wait(&mut bench, prompt(&link(60)), |_| unfinished());
    assert!(matches!(waited.outcome, WaitOutcome::LinkExpired));
    assert_eq!(waited.polls, 1);
}

/// The document's own sample is years old, and a server may mean seconds, or lie.
#[test]
fn an_end_more_than_a_day_away_is_not_believed() {
    let now = START + 1_000_000;
    let day = 86_400_000;
    for (ends, believed) in [
        (1_642_580_192_430, false),
        (now / 1_000 + 3_600, false),
        (now - day - 1, false),
        (now - day, true),
        (now + day, true),
        (now + day + 1, false),
        (u64::MAX, false),
    ] {
        let mut bench = Bench::warm();
        let polling = prompt(&link_until(ends)).backoff(S(600), S(600));
        // Tokens end on the way, so this is an answer to both requests.
        let data = format!(r#"{{"token":"t","expiredTime":{},"idvCode":null}}"#, START * 2);
        let (waited, pauses) = wait(&mut bench, polling, |_| envelope("SUCCESS", &data, "\"FREE\""));
        let lasted: Duration = pauses.iter().sum();
        let hour = lasted > S(3_000) && lasted <= S(3_600);
        assert_eq!(
            matches!(waited.outcome, WaitOutcome::LinkExpired),
            believed,
            "{ends}"
        );
        assert_eq!(hour, !believed, "{ends}: {lasted:?}");
    }
}

/// The poll was under way when the link ended, and tells what was before.
#[test]
fn a_poll_from_before_the_end_does_not_tell_what_was_at_the_end() {
    let mut bench = Bench::warm();
    let polling = prompt(&link(10));
    let PollStep::Send(_, polled) = begin(&mut bench, polling) else {
        panic!()
    };
    bench.pass(S(11));
    let PollStep::Wait(Until::Elapsed(pause), pausing) = answer(&mut bench, polled, unfinished()) else {
        panic!("there is one more poll")
    };
    assert_eq!(pause, Duration::ZERO, "the link has ended already");
    let PollStep::Send(_, polled) = resume(&mut bench, pausing) else {
        panic!()
    };
    let PollStep::Done(waited) = answer(&mut bench, polled, result("\"PAY\"")) else {
        panic!()
    };
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
}

#[test]
fn polls_are_a_tenth_of_a_second_apart_at_the_least() {
    let polling = WaitPolicy::of(id())
        .backoff(Duration::ZERO, Duration::ZERO)
        .total(S(1));
    let (waited, pauses) = wait(&mut Bench::warm(), polling, |_| unfinished());
    assert!(waited.polls <= 11, "{pauses:?}");
}

#[test]
fn fault_73_the_callers_time_ends_it() {
    let mut bench = Bench::warm();
    let (waited, pauses) = wait(&mut bench, WaitPolicy::of(id()).total(S(20)), |_| unfinished());
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
    let passed: Duration = pauses.iter().sum();
    assert!(
        passed < S(20) && passed >= S(18),
        "the last poll is a moment before the end, at {passed:?}"
    );
    assert_eq!(waited.into_result().unwrap_err().kind(), ErrorKind::NotFinished);
}

#[test]
fn a_link_that_ends_with_the_callers_time_leaves_that_to_end_it() {
    let polling = prompt(&link(20)).total(S(20));
    let (waited, _) = wait(&mut Bench::warm(), polling, |_| unfinished());
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
}

#[test]
fn the_callers_time_bounds_the_poll_in_flight() {
    let mut bench = Bench::warm();
    let PollStep::Send(limits, _) = begin(&mut bench, WaitPolicy::of(id()).total(S(2))) else {
        panic!()
    };
    assert_eq!(limits.within, S(2));
}

#[test]
fn without_a_link_it_ends_after_an_hour() {
    let mut bench = Bench::warm();
    let (waited, pauses) = wait(&mut bench, WaitPolicy::of(id()), |n| {
        // The token runs out on the way.
        if n > 100 && n % 2 == 0 {
            failure("SERVICE_BUSY")
        } else {
            unfinished()
        }
    });
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
    assert!(pauses.iter().sum::<Duration>() <= S(3_600));
}

#[test]
fn the_rule_for_unfinished_can_be_replaced() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    // What a caller has at hand may decide: a closure, and no bare function.
    let polling = WaitPolicy::of(id()).unfinished(move |answer| {
        counted.fetch_add(1, Ordering::Relaxed);
        answer.is_ok_and(|answer| answer.ocr_code().is_none())
    });
    let (waited, _) = wait(&mut Bench::warm(), polling.total(S(20)), |_| result("\"FREE\""));
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
    assert_eq!(
        (asked.load(Ordering::Relaxed), &waited.signature_id),
        (waited.polls, &id())
    );
}

#[test]
fn fault_74_each_poll_is_paid_for_and_counted() {
    let pending = || envelope("SUCCESS", r#"{"idvCode":null}"#, "\"PAY\"");
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |n| {
        if n < 5 { pending() } else { result("\"PAY\"") }
    });
    assert_eq!(
        waited.charges,
        Charges {
            free: 0,
            pay: 5,
            unknown: 0
        }
    );
    assert_eq!(waited.charges.summary(), Charge::Pay);
}

#[test]
fn a_reply_past_both_ends_is_past_the_callers_time() {
    let mut bench = Bench::warm();
    let polling = prompt(&link(60)).total(S(60));
    let PollStep::Send(_, awaiting) = begin(&mut bench, polling) else {
        panic!()
    };
    bench.pass(S(60));
    let PollStep::Done(waited) = answer(&mut bench, awaiting, unfinished()) else {
        panic!()
    };
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
}

#[test]
fn a_pause_that_would_fill_the_time_leaves_a_little_for_a_last_poll() {
    let (waited, pauses) = wait(&mut Bench::warm(), WaitPolicy::of(id()).total(S(3)), |_| {
        unfinished()
    });
    assert_eq!((waited.polls, pauses), (2, vec![Duration::from_millis(1_500)]));
}

#[test]
fn pauses_are_as_the_caller_sets_them() {
    let polling = WaitPolicy::of(id()).backoff(S(10), S(15));
    let (_, pauses) = wait(&mut Bench::warm(), polling.total(S(60)), |_| unfinished());
    assert_eq!(pauses[0], S(10));
    assert!(pauses[1] > S(13) && pauses[1] <= S(15), "{pauses:?}");
}

#[test]
fn a_wait_without_time_sends_nothing() {
    let (waited, pauses) = wait(
        &mut Bench::warm(),
        WaitPolicy::of(id()).total(Duration::ZERO),
        |_| panic!("nothing is sent"),
    );
    assert!(matches!(waited.outcome, WaitOutcome::TimedOut));
    assert_eq!((waited.polls, pauses.len()), (0, 0));
}
