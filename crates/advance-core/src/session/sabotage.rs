//! Rules that can be broken on purpose, so that the simulation can show it would notice.

/// A rule of the machine. Breaking one is possible only with the feature `sabotage`, which nothing but the
/// simulation's own test enables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(feature = "sabotage"),
    expect(unreachable_pub, reason = "rules are named where they are kept")
)]
pub enum Rule {
    /// Broken: everybody renews, lease or not.
    OneRenewal,
    /// Broken: a call replaces a rejected token for ever.
    OneReacquisition,
    /// Broken: what may have been charged is sent again.
    ChargedResend,
    /// Broken: news of the token wakes no waiter.
    WakeWaiters,
    /// Broken: a refusal of any token counts against the one in use.
    LateRejection,
    /// Broken: a token that is refused right after its issue is as bad as any.
    Youth,
    /// Broken: a refusal counts though its request was sent before the token was known to be good.
    ProofComesFirst,
    /// Broken: what others were answered is no evidence.
    EvidenceOfOthers,
    /// Broken: a replacement may follow another at once, and may cure nothing.
    ReplacementsArePaced,
    /// Broken: a replacement that cured uses up its minute all the same.
    CuresAreFree,
    /// Broken: the token that is replaced is dropped for all.
    OldServesMeanwhile,
    /// Broken: all endpoints draw on one stock of retries.
    BudgetsByPath,
    /// Broken: an error that several calls hear has the words and ids of one.
    SharedErrors,
    /// Broken: only the monotonic clock counts.
    BothClocks,
    /// Broken: `Retry-After` is not read.
    RetryAfter,
    /// Broken: keys that a server echoes are repeated.
    KeysStaySecret,
    /// Broken: a wait goes on after its link has ended.
    PollsEnd,
    /// Broken: a batch loses the outcome of an id.
    BatchesAreComplete,
}

/// Whether a batch that is broken loses the outcome of this number.
pub(super) fn loses(broken: Option<Rule>, number: usize) -> bool {
    broken == Some(Rule::BatchesAreComplete) && number % 7 == 6
}
