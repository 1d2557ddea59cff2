//! What the simulation found, each as a named test.

#![expect(unused_must_use, reason = "a test drops what it has looked at")]
#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_wraps,
    clippy::unchecked_time_subtraction,
    reason = "a test may fail where it stands"
)]

#[path = "machine/support.rs"]
#[allow(dead_code, reason = "shared with the suite next door, which uses the rest")]
mod support;

use advance_core::{ErrorKind, RetryPolicy};
use std::time::Duration;

use support::{Asked, Bench, token};

const S: fn(u64) -> Duration = Duration::from_secs;

/// Seed 165: a caller that came late to its token sent its own request with no time left for a reply, which may be
/// charged and cannot be answered.
#[test]
fn a_token_that_comes_after_the_deadline_is_kept_and_not_used() {
    let mut bench = Bench::retrying(RetryPolicy::new().total(S(10)));
    let asking = bench.result().token();
    bench.pass(S(10));
    match bench.answer(asking, token("late", 3_600)) {
        Asked::Done(Err(error)) => {
            assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
            assert_eq!(error.sends(), 1);
        }
        other => panic!("expected the end, got {}", other.name()),
    }
    assert!(bench.session.export_token(bench.now()).is_some(), "others can use it");
}
