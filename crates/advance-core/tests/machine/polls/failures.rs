//! Polls that fail, and which failures end a wait.

use std::time::Duration;

use advance_core::session::Until;
use advance_core::transport::{FailureKind, Sent};
use advance_core::wire::CodeClass;
use advance_core::{Charges, Config, ErrorKind, RetryPolicy, WaitOutcome, WaitPolicy};
use http::header::RETRY_AFTER;

use super::{PollStep, S, answer, begin, id, link, prompt, resume, wait};
use crate::support::{Bench, envelope, failure, lost, page, result, unfinished, with};

#[test]
fn missing_data_is_not_finished_and_an_unknown_id_only_if_the_caller_says_so() {
    let missing = || envelope("SUCCESS", "null", "\"FREE\"");
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |n| {
        if n < 2 { missing() } else { result("\"FREE\"") }
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));

    let unknown = |n| {
        if n < 2 {
            failure("SIGNATURE_NOT_EXIST")
        } else {
            result("\"FREE\"")
        }
    };
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), unknown);
    assert!(matches!(waited.outcome, WaitOutcome::Failed(_)));
    assert_eq!(waited.polls, 1);
    let (waited, _) = wait(
        &mut Bench::warm(),
        WaitPolicy::of(id()).signature_not_exist(true),
        unknown,
    );
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
}

#[test]
fn a_passing_failure_does_not_end_a_wait_and_a_lasting_one_does() {
    let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
    let (waited, _) = wait(&mut bench, WaitPolicy::of(id()), |n| match n {
        1 => lost(FailureKind::Reset, Sent::Maybe),
        2 => failure("SERVICE_BUSY"),
        _ => result("\"FREE\""),
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
    assert_eq!(
        waited.charges,
        Charges {
            free: 2,
            pay: 0,
            unknown: 1
        }
    );
    assert_eq!(
        waited.last_error.unwrap().code().unwrap().as_str(),
        "SERVICE_BUSY"
    );

    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |_| {
        failure("ACCESS_DENIED")
    });
    assert!(matches!(waited.outcome, WaitOutcome::Failed(_)));
}

#[test]
fn a_poll_waits_as_long_as_the_server_asks() {
    let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
    let (_, pauses) = wait(&mut bench, WaitPolicy::of(id()), |n| match n {
        1 => with(failure("SERVICE_BUSY"), RETRY_AFTER, "20s"),
        _ => result("\"FREE\""),
    });
    assert_eq!(pauses, [S(20)]);
}

#[test]
fn a_page_that_passes_does_not_end_a_wait_and_one_that_stays_does() {
    for (status, passes) in [
        (408, true),
        (429, true),
        (500, true),
        (503, true),
        (504, true),
        (403, false),
        (505, false),
    ] {
        let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
        let page = |n| {
            if n == 1 {
                crate::support::page(status)
            } else {
                result("\"FREE\"")
            }
        };
        let (waited, _) = wait(&mut bench, WaitPolicy::of(id()), page);
        assert_eq!(
            matches!(waited.outcome, WaitOutcome::Finished(_)),
            passes,
            "{status}"
        );
    }
}

#[test]
fn a_poll_that_never_got_its_turn_does_not_end_a_wait() {
    let mut bench = Bench::retrying(RetryPolicy::never().total(S(5)));
    let leader = bench.url().token();
    let PollStep::Wait(Until::Token { .. }, waiting) = begin(&mut bench, WaitPolicy::of(id())) else {
        panic!("somebody else asks for the token")
    };
    bench.pass(S(5));
    let PollStep::Wait(Until::Elapsed(_), _) = resume(&mut bench, waiting) else {
        panic!("it tries again later")
    };
    bench.session.abandon(leader.ticket());
}

#[test]
fn a_finished_wait_and_a_failed_one_as_a_result() {
    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |_| result("\"PAY\""));
    let data = waited.into_result().unwrap().into_data();
    assert!(data.idv_code().is_some());

    let (waited, _) = wait(&mut Bench::warm(), WaitPolicy::of(id()), |n| {
        if n == 1 {
            unfinished()
        } else {
            failure("ACCESS_DENIED")
        }
    });
    let error = waited.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Account));
    assert_eq!((error.sends(), error.charges().free), (2, 2), "of the whole wait");
}

/// It is unknown how it stands, and the person may have finished.
#[test]
fn a_last_poll_that_is_lost_is_tried_again() {
    let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
    let polling = prompt(&link(10)).backoff(S(20), S(20));
    let (waited, pauses) = wait(&mut bench, polling.clone(), |n| match n {
        1 => unfinished(),
        2 => lost(FailureKind::Reset, Sent::Maybe),
        _ => result("\"PAY\""),
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    assert_eq!(pauses, [S(10), S(20)]);

    let mut bench = Bench::retrying(RetryPolicy::never()).warmed();
    let (waited, pauses) = wait(&mut bench, polling, |n| match n {
        1 => unfinished(),
        _ => lost(FailureKind::Reset, Sent::Maybe),
    });
    let WaitOutcome::Failed(error) = waited.outcome else {
        panic!("no reply said that it was not finished: {:?}", waited.outcome)
    };
    assert_eq!(error.kind(), ErrorKind::Transport(FailureKind::Reset));
    let afterwards = pauses.iter().sum::<Duration>().checked_sub(S(10)).unwrap();
    assert_eq!(afterwards, S(120), "the last of them comes two minutes later");
}

#[test]
fn a_server_that_asks_for_time_gets_it_even_as_the_link_ends() {
    let never = advance_core::RetryPolicy::never();
    let told = |n, seconds: &str| match n {
        1 => with(failure("SERVICE_BUSY"), RETRY_AFTER, seconds),
        _ => result("\"FREE\""),
    };
    let polling = prompt(&link(10));
    let mut bench = Bench::retrying(never).warmed();
    let (waited, pauses) = wait(&mut bench, polling.clone(), |n| told(n, "50"));
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
    assert_eq!(pauses, [S(50)]);
    // Longer than anybody waits for a link that has ended.
    let mut bench = Bench::retrying(never).warmed();
    let (waited, pauses) = wait(&mut bench, polling, |n| told(n, "131"));
    assert_eq!(pauses, []);
    assert_eq!(
        waited.into_result().unwrap_err().retry_after(),
        Some(S(131)),
        "it says when to come back"
    );
}

/// One meaning of "finished" for the wait and for the verdict.
#[test]
fn a_wait_is_over_when_the_verdict_says_so() {
    for (data, finished) in [
        (r#"{"image":"https://i.example/a.png"}"#, false),
        (r#"{"imageType":"SCAN","ocrResult":{"name":"X"}}"#, false),
        (r#"{"idvResult":{"forgeryLabels":["retake"]}}"#, true),
        (r#"{"ocrCode":"SUCCESS"}"#, true),
        (r#"{"idvCode":"LOW_QUALITY_IMAGE"}"#, true),
    ] {
        let polling = WaitPolicy::of(id()).total(S(5));
        let (waited, _) = wait(&mut Bench::warm(), polling, |_| {
            envelope("SUCCESS", data, "\"FREE\"")
        });
        assert_eq!(
            matches!(waited.outcome, WaitOutcome::Finished(_)),
            finished,
            "{data}"
        );
    }
}

/// What failed before says nothing of what was answered since.
#[test]
fn a_late_answer_is_followed_by_a_poll_and_not_by_an_older_error() {
    let patient = Config::new()
        .attempt_timeout(S(300))
        .retry(RetryPolicy::never().total(S(600)));
    let mut bench = Bench::with(patient).warmed();
    let PollStep::Send(_, polled) = begin(&mut bench, prompt(&link(60))) else {
        panic!("it asks at once")
    };
    let PollStep::Wait(Until::Elapsed(wait), pause) = answer(&mut bench, polled, page(502)) else {
        panic!("a page that may pass")
    };
    bench.pass(wait);
    let PollStep::Send(_, polled) = resume(&mut bench, pause) else {
        panic!("it asks again")
    };
    // Asked before the end of the link, and answered long after.
    bench.pass(S(200));
    let PollStep::Wait(Until::Elapsed(at_once), pause) = answer(&mut bench, polled, unfinished()) else {
        panic!("no poll was sent after the end yet")
    };
    assert_eq!(at_once, S(0));
    let PollStep::Send(_, polled) = resume(&mut bench, pause) else {
        panic!("it asks for the last time")
    };
    let PollStep::Done(waited) = answer(&mut bench, polled, result("\"PAY\"")) else {
        panic!("it is finished")
    };
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
}

/// The server asked for that while, so a poll that comes after it will do.
#[test]
fn a_rejection_that_asks_for_longer_than_a_poll_has_does_not_end_a_wait() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(10))).warmed();
    let (waited, pauses) = wait(&mut bench, WaitPolicy::of(id()), |n| match n {
        1 => with(failure("IAM_FAILED"), RETRY_AFTER, "60"),
        _ => result("\"PAY\""),
    });
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)));
    assert!(pauses[0] >= S(60), "{pauses:?}");
    assert_eq!(
        waited.last_error.unwrap().kind(),
        ErrorKind::Api(CodeClass::Throttle)
    );
}
