//! A case that nothing fails holds nothing: every case is failed by one of these.

use std::collections::BTreeSet;
use std::time::Duration;

use advance_conformance::{Claims, Outcome, Subject, cases, run_all, run_one};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport, Now, UnixMillis};
use async_trait::async_trait;
use http::{Request, Response};

#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

/// Says that everything went well, and does nothing at all.
struct YesMan;

/// Says that nothing went well, and does nothing at all.
struct NaySayer;

/// Writes everything that it is given to the log.
struct Chatterbox;

#[async_trait]
impl AsyncTransport for Chatterbox {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        log::trace!("{} {:?}", request.uri(), request.headers());
        YesMan.send(request, limits).await
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        YesMan.now()
    }
}

#[async_trait]
impl AsyncTransport for YesMan {
    async fn send(&self, _: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Ok(Response::new(b"{}".to_vec()))
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(0),
            mono: Duration::ZERO,
        }
    }
}

#[async_trait]
impl AsyncTransport for NaySayer {
    async fn send(&self, _: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Err(Failure::new(FailureKind::Other, Sent::Maybe))
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(0),
            mono: Duration::ZERO,
        }
    }
}

#[test]
fn every_case_can_be_failed() {
    let claims = Claims::none().tls().identity().proxy().pool().compression();
    let liars = [
        Subject::asynchronous("yes-man", claims, |_| YesMan, tokio_runtime::block_on),
        Subject::asynchronous("nay-sayer", claims, |_| NaySayer, tokio_runtime::block_on),
        Subject::asynchronous("chatterbox", claims, |_| Chatterbox, tokio_runtime::block_on),
    ];
    let caught: BTreeSet<&str> = liars
        .iter()
        .flat_map(run_all)
        .filter(|report| matches!(report.outcome, Outcome::Failed(_)))
        .map(|report| report.case.name)
        .collect();
    let passed: Vec<&str> = cases()
        .map(|case| case.name)
        .filter(|name| !caught.contains(name))
        .collect();
    assert!(passed.is_empty(), "nothing fails {passed:?}");
}

#[test]
fn what_is_declared_as_impossible_fails_and_what_is_declared_and_possible_fails_too() {
    let subject = Subject::asynchronous("yes-man", Claims::none(), |_| YesMan, tokio_runtime::block_on)
        .cannot([
            ("connection_refused", "it says yes to everything"),
            ("nothing_secret_is_logged", "it is declared wrongly"),
        ]);
    let outcome = |name| {
        let case = cases().find(|case| case.name == name).unwrap();
        run_one(&subject, case).outcome
    };
    assert!(
        matches!(outcome("connection_refused"), Outcome::Cannot(text) if text.starts_with("it says yes to everything."))
    );
    assert!(
        matches!(outcome("nothing_secret_is_logged"), Outcome::Failed(text) if text.contains("take the case out"))
    );
}

#[test]
fn what_is_not_claimed_does_not_pass() {
    let modest = Subject::asynchronous("modest", Claims::none(), |_| YesMan, tokio_runtime::block_on);
    for report in run_all(&modest) {
        let claimed = report.case.need == advance_conformance::Need::Base;
        assert_eq!(report.outcome == Outcome::NotClaimed, !claimed, "{report}");
    }
}
