//! Rules that can be broken on purpose, so that the simulation can show it would notice.

/// A rule of the machine. Breaking one is possible only with the feature `sabotage`, which nothing but the
/// simulation's own test enables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(feature = "sabotage"),
    expect(dead_code, reason = "rules are named where they are kept")
)]
#[cfg_attr(
    feature = "sabotage",
    expect(missing_docs, reason = "named after the rules they break")
)]
pub enum Rule {
    OneRenewal,
    OneReacquisition,
    ChargedResend,
    WakeWaiters,
    LateRejection,
    RetryAfter,
    KeysStaySecret,
    PollsEnd,
    BatchesAreComplete,
}
