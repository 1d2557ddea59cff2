//! How the suites run: as many cases as `PROPTEST_CASES` says, and a panic that shows the smallest offender.

use std::fmt;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::{Ask, Parsed, Parser};

/// Runs a property over the values of a strategy.
pub(super) fn check<S: Strategy>(
    property: &str,
    strategy: &S,
    holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: fmt::Debug,
{
    let config = Config {
        // A finding becomes a named test or a seed of the fuzz corpus.
        failure_persistence: None,
        max_shrink_iters: 4_096,
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, holds) {
        panic!("{property}: {error}");
    }
}

/// The same for each question that the parser can ask.
pub(super) fn for_each_ask<S: Strategy>(
    parser: &impl Parser,
    property: &str,
    strategy: impl Fn(Ask) -> S,
    holds: impl Fn(Ask, S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: fmt::Debug,
{
    for &ask in parser.asks() {
        check(&format!("{property} ({ask:?})"), &strategy(ask), |value| {
            holds(ask, value)
        });
    }
}

/// A property that is violated, with the body that does so.
pub(super) fn fault(what: &str, body: impl AsRef<[u8]>, parsed: &Parsed) -> TestCaseError {
    TestCaseError::fail(format!(
        "{what}\nbody: {}\nmade: {parsed:?}",
        String::from_utf8_lossy(body.as_ref())
    ))
}

/// Whether two bodies were taken for the same reply.
pub(super) fn same(a: &Parsed, b: &Parsed) -> bool {
    a.is_reply == b.is_reply
        && a.data == b.data
        && a.code == b.code
        && a.message == b.message
        && a.transaction_id == b.transaction_id
        && a.charge == b.charge
}
