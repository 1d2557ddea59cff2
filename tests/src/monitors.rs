//! What must hold for every driver of the session and every server: one list, over events and requests.
//!
//! A monitor is a plain function over what was seen so far ([`Facts`]) and what happens now ([`Seen`]). It knows nothing
//! of the machine's inside. The exploration, the simulation and a client over real sockets ([`Desk`]) show their lives to the
//! same list.

mod asking;
mod charges;
mod clocks;
mod facts;
mod pace;
mod refusals;
mod requests;
mod retries;
mod secrets;
mod seen;
mod story;
mod success;
mod tokens;
mod watched;
mod words;

use advance_core::Now;

use crate::simulation::Invariant;
use crate::simulation::violation::{Checked, Violation};
pub(crate) use asking::{RENEWALS, RENEWALS_A_MINUTE};
use facts::Facts;
pub use seen::{Seen, Terms};
pub use watched::{Desk, Watched};

/// Judges what happens, by what has happened before. The text says what is wrong.
type Monitor = fn(&Facts, Now, &Seen<'_>) -> Result<(), String>;

/// All there are.
const MONITORS: &[(Invariant, Monitor)] = &[
    (Invariant::OneStory, story::is_one_story),
    (Invariant::NoDeadlock, story::comes_to_its_end),
    (Invariant::AnswersAreKept, story::keeps_answers),
    (Invariant::BoundedTime, pace::keeps_to_its_time),
    (Invariant::BoundedSends, pace::sends_a_bounded_number),
    (Invariant::RetryAfter, pace::comes_when_told),
    (Invariant::TrueCharges, charges::are_what_replies_said),
    (Invariant::NoChargedResend, charges::are_not_doubled),
    (Invariant::OneAsker, asking::is_done_by_one),
    (Invariant::TwoPerWindow, asking::renews_twice),
    (Invariant::CoolDown, asking::rests_after_a_refusal),
    (
        Invariant::NoLostWakeUp,
        asking::is_waited_for_only_while_it_goes_on,
    ),
    (Invariant::NoDeadTokenSent, tokens::are_alive),
    (Invariant::LateRejection, tokens::stay_in_use),
    (Invariant::RenewalIsOptional, tokens::need_no_renewal_to_serve),
    (Invariant::OneReAcquisition, refusals::lead_to_one_replacement),
    (Invariant::PacedReplacements, refusals::are_answered_in_their_time),
    (Invariant::PatientWithYouth, refusals::of_the_young_are_waited_out),
    (Invariant::OthersAreEvidence, refusals::are_weighed_against_others),
    (Invariant::BothClocks, clocks::both_count),
    (Invariant::BudgetBites, retries::stay_within_their_stock),
    (
        Invariant::NoEarlySurrender,
        retries::are_made_while_there_are_some,
    ),
    (Invariant::AsDocumented, requests::are_as_documented),
    (Invariant::OwnWords, words::are_its_own),
    (Invariant::NoSecretShown, secrets::are_not_shown),
    (Invariant::UsersSucceed, success::comes_where_it_is_promised),
];

/// The list at work on one session.
#[derive(Debug)]
pub struct Monitors {
    facts: Facts,
    left_out: &'static [Invariant],
}

impl Monitors {
    /// For a session with these keys.
    pub fn new(access_key: &'static str, secret_key: &'static str) -> Self {
        Self {
            facts: Facts::new(access_key, secret_key),
            left_out: &[],
        }
    }

    /// All but these.
    #[must_use]
    pub fn without(mut self, left_out: &'static [Invariant]) -> Self {
        self.left_out = left_out;
        self
    }

    /// Shows them what happens.
    ///
    /// # Errors
    /// The first of the list that it violates.
    pub fn see(&mut self, now: Now, seen: &Seen<'_>) -> Checked {
        let asked = |invariant: &Invariant| !self.left_out.contains(invariant);
        for (invariant, holds) in MONITORS.iter().filter(|(invariant, _)| asked(invariant)) {
            if let Err(what) = holds(&self.facts, now, seen) {
                return Err(Violation {
                    invariant: *invariant,
                    what,
                });
            }
        }
        self.facts.take_in(now, seen);
        Ok(())
    }

    /// The number of the call that began last.
    pub fn last_call(&self) -> Option<u64> {
        self.facts.calls.last().map(|call| call.id)
    }
}
