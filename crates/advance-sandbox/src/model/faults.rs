//! Faults that stand until they are over: by call, number, probability, count and lifetime.

use std::time::Duration;

use super::delivery::{Delivery, SocketFault};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::shape::Shape;
use super::time::UnixMs;
use super::when::When;

/// Faults that stand at a time.
const MOST: usize = 100;

/// Something that happens to some calls, and undoes itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fault {
    /// The call that it happens to; every one, stubs included, if none is named.
    pub call: Option<Endpoint>,
    /// Which of those calls, counted from when the fault was planned.
    pub when: When,
    /// How often it happens at most.
    pub times: Option<u32>,
    /// When it is over, by the vendor's clock.
    pub until: Option<UnixMs>,
    /// What happens.
    pub effect: Effect,
}

/// What a fault does to a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Effect {
    /// This is answered instead.
    Fail(Failure),
    /// The reply is kept back for so long.
    Delay(Duration),
    /// The reply comes so many bytes at a time, so far apart.
    Dribble(usize, Duration),
    /// The reply has a wrong shape.
    Shape(Shape),
    /// The connection fails.
    Socket(SocketFault),
}

impl Fault {
    /// A fault of every call, until it is cleared.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self {
            call: None,
            when: When::Always,
            times: None,
            until: None,
            effect,
        }
    }

    /// Of this call only.
    #[must_use]
    pub fn of(self, call: Endpoint) -> Self {
        Self {
            call: Some(call),
            ..self
        }
    }

    /// Of these calls only.
    #[must_use]
    pub fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// So often at most.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// Until this time, by the vendor's clock.
    #[must_use]
    pub fn until(self, until: UnixMs) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }
}

/// A fault, how many calls it has seen, and how many it has hit.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) fault: Fault,
    pub(super) seen: u64,
    pub(super) hit: u32,
}

impl Standing {
    fn is_over(&self, now: UnixMs) -> bool {
        self.fault.times.is_some_and(|times| self.hit >= times)
            || self.fault.until.is_some_and(|until| now >= until)
            || self.fault.when.is_over_after(self.seen)
    }
}

/// What the standing faults do to one call.
#[derive(Default)]
pub(super) struct Struck {
    pub(super) failure: Option<Failure>,
    pub(super) shape: Option<Shape>,
    pub(super) delivery: Delivery,
}

impl Struck {
    fn add(&mut self, effect: &Effect) {
        let delivery = &mut self.delivery;
        match effect {
            Effect::Fail(failure) => self.failure = self.failure.take().or_else(|| Some(failure.clone())),
            Effect::Delay(delay) => delivery.delay = delivery.delay.saturating_add(*delay),
            Effect::Dribble(bytes, every) => delivery.dribble = Some((*bytes, *every)),
            Effect::Shape(shape) => self.shape = Some(*shape),
            Effect::Socket(fault) => delivery.socket = Some(*fault),
        }
    }
}

/// The faults that stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<Standing>);

impl Faults {
    /// False if there are too many.
    pub(super) fn add(&mut self, fault: Fault, now: UnixMs) -> bool {
        self.0.retain(|standing| !standing.is_over(now));
        let room = self.0.len() < MOST;
        if room {
            self.0.push(Standing {
                fault,
                seen: 0,
                hit: 0,
            });
        }
        room
    }

    /// Whether so many faults more may stand.
    pub(super) fn has_room_for(&self, more: usize, now: UnixMs) -> bool {
        self.standing(now).count() + more <= MOST
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn standing(&self, now: UnixMs) -> impl Iterator<Item = &Standing> {
        self.0.iter().filter(move |standing| !standing.is_over(now))
    }

    /// What happens to this call.
    pub(super) fn strike(
        &mut self,
        call: Option<Endpoint>,
        now: UnixMs,
        mut dice: impl FnMut() -> f64,
    ) -> Struck {
        let mut struck = Struck::default();
        if self.0.is_empty() {
            return struck;
        }
        for standing in &mut self.0 {
            if standing.fault.call.is_some_and(|named| Some(named) != call) || standing.is_over(now) {
                continue;
            }
            standing.seen += 1;
            if standing.fault.when.hits(standing.seen, &mut dice) {
                standing.hit += 1;
                struck.add(&standing.fault.effect);
            }
        }
        self.0.retain(|standing| !standing.is_over(now));
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(fault: Fault, at: impl Fn(u64) -> UnixMs) -> Vec<u64> {
        let mut faults = Faults::default();
        assert!(faults.add(fault, UnixMs(0)));
        let struck = |number: &u64| {
            faults
                .strike(Some(Endpoint::GetResult), at(*number), || 0.5)
                .failure
                .is_some()
        };
        (1..=6).filter(struck).collect()
    }

    #[test]
    fn a_fault_undoes_itself() {
        let fault = || Fault::new(Effect::Fail(Failure::busy()));
        let now = |_| UnixMs(0);
        assert_eq!(hits(fault(), now), [1, 2, 3, 4, 5, 6]);
        assert_eq!(hits(fault().times(2), now), [1, 2]);
        assert_eq!(hits(fault().when(When::Nth(3)), now), [3]);
        assert_eq!(hits(fault().when(When::Every(2)).times(2), now), [2, 4]);
        assert_eq!(hits(fault().when(When::Chance(0.4)), now), [0; 0]);
        assert_eq!(hits(fault().until(UnixMs(4)), UnixMs), [1, 2, 3]);
        assert_eq!(hits(fault().of(Endpoint::GenerateUrl), now), [0; 0]);
    }

    #[test]
    fn there_is_an_end_to_planning_and_what_is_over_makes_room() {
        let mut faults = Faults::default();
        for _ in 0..MOST {
            let fault = Fault::new(Effect::Delay(Duration::ZERO)).until(UnixMs(5));
            assert!(faults.add(fault, UnixMs(0)));
        }
        let one_more = || Fault::new(Effect::Shape(Shape::Empty));
        assert!(!faults.add(one_more(), UnixMs(0)));
        assert!(faults.add(one_more(), UnixMs(5)));
        assert_eq!(faults.standing(UnixMs(5)).count(), 1);
    }
}
