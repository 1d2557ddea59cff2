//! How the process ends, in numbers that a script can rely on.

use advance_core::Outcome;

/// It failed.
pub(crate) const FAILED: u8 = 1;
/// The command line or a setting is wrong; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// The person had not finished when the time was up, or the limit of charges was reached.
pub(crate) const NOT_IN_TIME: u8 = 3;
/// No reply came: network, TLS, proxy.
pub(crate) const NO_REPLY: u8 = 4;
/// Ctrl-C or SIGTERM.
pub(crate) const INTERRUPTED: u8 = 130;

/// The same for `--help`.
pub(crate) const TABLE: &str = "\
Exit status:
  0    it worked
  1    it failed
  2    the command line or a setting is wrong; nothing was sent
  3    the person had not finished in time, or --max-charges was reached
  4    no reply came: network, TLS or proxy
  130  interrupted by Ctrl-C or SIGTERM
With --exit-status, result and wait tell the outcome as well:
  10   failed
  11   needs review
  12   not finished
Of several outcomes, the first in this order that occurs.";

/// How an outcome ends a process that was asked to tell.
#[expect(
    clippy::match_wildcard_for_single_variants,
    reason = "outcomes to come as well"
)]
pub(crate) const fn of_outcome(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Passed => 0,
        Outcome::Failed => 10,
        Outcome::NotFinished => 12,
        // What is not known calls for a person.
        _ => 11,
    }
}

/// The worse of two outcomes: failed, needs review, not finished, passed.
pub(crate) const fn worse(one: u8, other: u8) -> u8 {
    match (one, other) {
        (0, exit) | (exit, 0) => exit,
        (one, other) if one < other => one,
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_outcomes_the_worst_is_told() {
        assert_eq!(worse(0, 12), 12);
        assert_eq!(worse(12, 10), 10);
        assert_eq!(worse(11, 12), 11);
        assert_eq!(worse(0, 0), 0);
    }
}
