//! What a seed decides about one wait.

use std::time::Duration;

use advance_core::WaitPolicy;

use super::super::dice::Dice;
use super::super::line::Line;
use super::super::requests;
use super::S;

/// How somebody waits for a person.
pub(super) struct Person {
    pub(super) policy: WaitPolicy,
    pub(super) begins: Duration,
    /// When the caller's time ends.
    pub(super) deadline: Duration,
    pub(super) link_ends: Option<Duration>,
    pub(super) first: Duration,
    /// How many polls may be charged and bring nothing.
    pub(super) charged_polls: u32,
    /// When its caller loses patience, and says nothing.
    pub(super) gives_up: Option<Duration>,
}

impl Person {
    pub(super) fn draw(line: &mut Line, unknown_id_is_unfinished: bool) -> Self {
        let dice = &mut line.dice;
        let user = dice.pick(&["sbx-ok", "sbx-pending-3", "sbx-pending-9", "nobody", "nobody"]);
        let begins = dice.millis(0, 30_000);
        let total = dice.pick(&[None, None, Some(S(1)), Some(S(90)), Some(S(700))]);
        let (first, cap) = dice.pick(&[(S(3), S(30)), (Duration::from_millis(500), S(60)), (S(20), S(20))]);
        let by_link = !dice.one_in(3);
        let charged_polls = dice.pick(&[5, 5, 2, u32::MAX]);
        let patience = dice.one_in(6).then(|| dice.millis(0, 100_000));
        let begun = requests::begin(&mut line.vendor, user, Line::time(begins));
        let policy = if by_link {
            WaitPolicy::link(&begun)
        } else {
            WaitPolicy::of(begun.signature_id().clone())
        };
        let mut policy = policy
            .backoff(first, cap)
            .charged_polls(charged_polls)
            .signature_not_exist(unknown_id_is_unfinished);
        if let Some(total) = total {
            policy = policy.total(total);
        }
        let untold = if by_link { Duration::MAX } else { S(3_600) };
        Self {
            policy,
            begins,
            deadline: begins.saturating_add(total.unwrap_or(untold)),
            link_ends: by_link.then(|| begins + line.vendor.behaviour().link_life),
            first,
            charged_polls,
            gives_up: patience.map(|patience| begins + patience),
        }
    }
}

/// What is done to the handle of a wait, if it has one.
#[derive(Clone, Debug, Default)]
pub(super) struct Handling {
    pub(super) nudges: Vec<Duration>,
    pub(super) cancelled: Option<Duration>,
}

impl Handling {
    pub(super) fn draw(dice: &mut Dice, begins: Duration) -> Option<Self> {
        if dice.one_in(3) {
            return None;
        }
        let mut later = |most| begins + dice.millis(0, most);
        let nudges = [later(5_000), later(60_000), later(600_000)];
        let cancelled = later(200_000);
        let many = usize::try_from(dice.below(4)).unwrap_or(0);
        Some(Self {
            nudges: nudges[..many].to_vec(),
            cancelled: dice.one_in(3).then_some(cancelled),
        })
    }
}
