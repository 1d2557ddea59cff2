//! A wait that outlives its process: what of it is stored, and how it goes on from there.

use std::time::Duration;

use super::wait::{Due, LINK_LIFE, LinkEnds, Wait, WaitStep};
use super::wait_policy::WaitPolicy;
use crate::charge::Charges;
use crate::session::Call;
use crate::time::{Now, UnixMillis};
use crate::wire::GetResult;

/// Where a wait stands: what to store, beside its id and its link's end, so that another process takes it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitStanding {
    /// When it began.
    pub began: UnixMillis,
    /// How many polls there were.
    pub polls: u32,
    /// How many of them there were since the pauses last began to grow: all, or those since the person was last back.
    pub in_a_row: u32,
    /// How many of them were charged and brought nothing.
    pub charged: u32,
}

impl WaitStanding {
    /// A wait that began then, and has not asked yet.
    pub const fn new(began: UnixMillis) -> Self {
        Self {
            began,
            polls: 0,
            in_a_row: 0,
            charged: 0,
        }
    }

    /// After so many polls, so many of them since the pauses last began to grow, and so many that were charged and brought
    /// nothing.
    #[must_use]
    pub const fn after(mut self, polls: u32, in_a_row: u32, charged: u32) -> Self {
        (self.polls, self.in_a_row, self.charged) = (polls, in_a_row, charged);
        self
    }
}

impl Wait {
    /// Takes a wait up that began earlier. Its next poll is due at once, however much time has passed since.
    ///
    /// It belongs to no session: [`step_alone`](Self::step_alone) is its step, and both clocks of `now` may be that of the
    /// store that it was kept in.
    ///
    /// ```
    /// use std::time::Duration;
    /// use advance_core::{Now, SignatureId, UnixMillis, WaitPolicy};
    /// use advance_core::session::{Wait, WaitStanding, WaitStep};
    ///
    /// let stored = WaitStanding::new(UnixMillis::new(1_700_000_000_000)).after(3, 3, 0);
    /// let policy = WaitPolicy::of(SignatureId::new("f302f5d2454a85c2")?).link_ends(UnixMillis::new(1_700_003_600_000));
    /// let now = Now { wall: UnixMillis::new(1_700_000_060_000), mono: Duration::from_secs(99) };
    /// let mut wait = Wait::take_up(policy, stored, now);
    /// assert!(matches!(wait.step_alone(now, 7), WaitStep::Ask(_)));
    /// # Ok::<(), advance_core::Error>(())
    /// ```
    pub fn take_up(mut policy: WaitPolicy, standing: WaitStanding, now: Now) -> Self {
        let passed = now.wall.saturating_since(standing.began);
        // A link whose end is known was at hand when its wait began, and its end was believed or not by that.
        policy.is_fresh = policy.link_ends.is_some();
        let ends = policy.link_ends;
        let link = ends.and_then(|ends| LinkEnds::new(ends, standing.began, policy.grace));
        let total = policy.total.or_else(|| link.is_none().then_some(LINK_LIFE));
        let left = total.map_or(Duration::MAX, |total| total.saturating_sub(passed));
        Self {
            id: 0,
            // However late it is, there is time for one poll.
            deadline: now.mono.saturating_add(left.max(policy.first)),
            link,
            begun: Now {
                wall: standing.began,
                mono: now.mono.saturating_sub(passed),
            },
            asked: Duration::ZERO,
            polls: standing.polls,
            in_a_row: standing.in_a_row,
            charged: standing.charged.into(),
            not_before: Duration::ZERO,
            known: standing.polls > 0,
            odd: false,
            charges: Charges::NONE,
            sends: 0,
            last_error: None,
            endless: false,
            due: Due::Ask,
            policy,
        }
    }

    /// As [`step`](Self::step), of a wait without a session: `entropy` is any number and spreads the pauses, and the call is
    /// bounded by the time that the wait has left and not by a configuration.
    pub fn step_alone(&mut self, now: Now, entropy: u64) -> WaitStep {
        match self.due {
            Due::First | Due::Ask => {
                self.begin_poll(now);
                let left = self.deadline.saturating_sub(now.mono);
                WaitStep::Ask(Call::new(GetResult::new(self.policy.signature_id.clone())).total(left))
            }
            Due::Pause { told, failed } => self.pause(now, told, failed, entropy),
            Due::Over(_) => WaitStep::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SignatureId;
    use crate::error::{Error, ErrorKind};
    use crate::session::WaitOutcome;

    const BEGAN: UnixMillis = UnixMillis::new(1_700_000_000_000);
    const S: fn(u64) -> Duration = Duration::from_secs;

    fn after(passed: Duration) -> Now {
        Now {
            wall: BEGAN.saturating_add(passed),
            mono: S(1_000_000) + passed,
        }
    }

    fn later(now: Now, passed: Duration) -> Now {
        Now {
            wall: now.wall.saturating_add(passed),
            mono: now.mono + passed,
        }
    }

    fn policy() -> WaitPolicy {
        WaitPolicy::of(SignatureId::new("f302f5d2454a85c2").unwrap())
    }

    /// Asks once, hears that there is nothing yet, and says what comes next.
    fn asked(policy: WaitPolicy, polls: u32, passed: Duration) -> (Wait, WaitStep) {
        let now = after(passed);
        let mut wait = Wait::take_up(policy, WaitStanding::new(BEGAN).after(polls, polls, 0), now);
        assert!(matches!(wait.step_alone(now, 0), WaitStep::Ask(_)));
        wait.ended(Err(Error::missing_data()));
        let step = wait.step_alone(later(now, S(1)), 0);
        (wait, step)
    }

    #[test]
    fn pauses_go_on_growing_and_end_with_the_link() {
        for (polls, passed, pause) in [(0, 10, 3), (1, 10, 6), (3, 10, 24), (9, 10, 30), (9, 3_580, 19)] {
            let policy = policy().link_ends(BEGAN.saturating_add(S(3_600)));
            let (_, step) = asked(policy, polls, S(passed));
            assert!(
                matches!(step, WaitStep::Pause(found) if found == S(pause)),
                "{polls} {passed}: {step:?}"
            );
        }
    }

    #[test]
    fn one_more_poll_goes_out_however_late_it_is() {
        let link = policy().link_ends(BEGAN.saturating_add(S(3_600)));
        for (policy, ended) in [(link, ErrorKind::LinkExpired), (policy(), ErrorKind::NotFinished)] {
            let (wait, step) = asked(policy, 40, S(9 * 3_600));
            let last = match step {
                // Without a link's end it has time for one poll, and a little is left of it.
                WaitStep::Pause(pause) => pause < S(3),
                _ => true,
            };
            assert!(last, "{step:?}");
            assert_eq!(wait.into_result().into_result().unwrap_err().kind(), ended);
        }
    }

    #[test]
    fn an_end_that_was_not_believed_is_not_believed_later() {
        let policy = policy().link_ends(BEGAN.saturating_add(S(30 * 3_600)));
        let (_, step) = asked(policy, 0, S(20 * 3_600));
        assert!(
            !matches!(step, WaitStep::Pause(pause) if pause > S(3)),
            "{step:?}"
        );
    }

    #[test]
    fn what_ends_a_wait_ends_one_that_was_taken_up() {
        let mut wait = Wait::take_up(policy(), WaitStanding::new(BEGAN), after(S(1)));
        wait.ended(Err(Error::invalid("x", "is wrong")));
        assert!(matches!(wait.step_alone(after(S(1)), 0), WaitStep::Done));
        assert!(matches!(wait.into_result().outcome, WaitOutcome::Failed(_)));
    }
}
