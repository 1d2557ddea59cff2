//! What holds for any input of the pure parts: retries, lives, the clock's correction, and the lease.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::evidence::{Doubt, Wish};
use super::life::{life, renewal_due};
use super::retry::RetryPolicy;
use super::skew::Skew;
use super::token::{Arrival, COOL_DOWN, Claim, Claimant, Generation, HOLD_OFF, Source, TokenSlot};
use crate::error::Error;
use crate::secret::AccessToken;
use crate::time::{Lifetime, Now, UnixMillis};
use crate::wire::Code;

/// Anything from nothing to for ever, and mostly what a policy would have.
fn duration() -> impl Strategy<Value = Duration> + Clone {
    prop_oneof![
        8 => (0_u64..200_000).prop_map(Duration::from_millis),
        1 => Just(Duration::ZERO),
        1 => Just(Duration::MAX),
        1 => any::<u64>().prop_map(Duration::from_secs),
    ]
}

/// The vendor's times, and the ends of what can be said.
fn unix_millis() -> impl Strategy<Value = UnixMillis> + Clone {
    prop_oneof![
        8 => 1_600_000_000_000_u64..1_800_000_000_000,
        1 => Just(0),
        1 => any::<u64>(),
    ]
    .prop_map(UnixMillis::new)
}

fn lifetime() -> impl Strategy<Value = Lifetime> + Clone {
    (duration(), duration()).prop_map(|(start, length)| Lifetime::new(start, length))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_retry_keeps_to_its_policy_and_to_what_it_was_told(
        attempts in 0_u32..6,
        (base, cap, total) in (duration(), duration(), duration()),
        tries in prop_oneof![1_u32..7, any::<u32>()],
        spent in duration(),
        told in proptest::option::of(duration()),
        entropy in any::<u64>(),
    ) {
        let policy = RetryPolicy::new().attempts(attempts).backoff(base, cap).total(total);
        let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = base.saturating_mul(doubled).min(cap);
        let (least, most) = match told {
            Some(told) => (told, told.saturating_add(base)),
            None => (bound / 2, bound),
        };
        let waits = policy.delay(tries, spent, told, entropy);
        if tries >= attempts.max(1) || spent.saturating_add(least) >= total {
            prop_assert_eq!(waits, None);
        } else if spent.saturating_add(most) < total {
            prop_assert!(waits.is_some());
        }
        if let Some(wait) = waits {
            prop_assert!(least <= wait && wait <= most, "{:?}", wait);
            prop_assert!(spent.saturating_add(wait) < total);
            let sooner = policy.delay(tries, spent, told, entropy / 2);
            prop_assert!(sooner.is_some_and(|sooner| sooner <= wait), "more entropy is a longer wait");
        }
    }

    #[test]
    fn a_token_lives_no_longer_than_asked_and_than_the_server_says(
        asked in duration(),
        expired in unix_millis(),
        date in proptest::option::of(unix_millis()),
        wall in unix_millis(),
    ) {
        let lives = life(asked, expired, date, wall);
        prop_assert!(lives.is_none_or(|lives| !lives.is_zero() && lives <= asked));
        if let Some(date) = date {
            prop_assert_eq!(lives.unwrap_or_default(), expired.saturating_since(date).min(asked));
            prop_assert_eq!(lives, life(asked, expired, Some(date), UnixMillis::new(0)), "the wall clock has no say");
        } else {
            prop_assert_eq!(lives.is_none(), asked.is_zero(), "without a Date nothing is dead on arrival");
        }
    }

    #[test]
    fn a_renewal_is_due_in_the_last_tenth_and_not_in_the_last_moment(life in lifetime(), entropy in any::<u64>()) {
        let window = (life.length() / 10).min(Duration::from_secs(60));
        let due = renewal_due(&life, entropy);
        prop_assert!(life.end().saturating_sub(window) <= due);
        prop_assert!(due <= life.end().saturating_sub(window / 2).saturating_add(Duration::from_nanos(1)));
    }

    #[test]
    fn a_correction_brings_the_clock_to_the_servers_time_or_is_not_made(
        earlier in proptest::option::of((unix_millis(), unix_millis())),
        wall in unix_millis(),
        distance in prop_oneof![-90_000_000_i64..90_000_000, any::<i64>()],
    ) {
        let mut skew = Skew::default();
        if let Some((wall, date)) = earlier {
            skew.measure(wall, date);
        }
        let before = skew;
        let date = wall.offset_by(distance);
        if skew.measure(wall, date) {
            let off = date.distance_from(skew.corrected(wall)).unsigned_abs();
            prop_assert!(off <= 120_000, "{} ms", off);
            prop_assert!(!Skew::is_suspect(skew.corrected(wall), date));
            prop_assert!(skew.corrected(wall).distance_from(wall).unsigned_abs() <= 86_400_000);
        } else {
            prop_assert_eq!(skew, before);
            prop_assert!(date.distance_from(wall).unsigned_abs() > 86_400_000);
        }
    }

    /// A finite script ends before a server that says the same for ever shows what it does, so it is played in a circle.
    #[test]
    fn one_asks_at_a_time_whatever_the_server_says_for_ever(
        script in proptest::collection::vec(move_of_one(), 1..12),
    ) {
        let mut slot = Played::new();
        for next in script.iter().cycle().take(200) {
            slot.plays(next)?;
        }
    }
}

/// Something that happens to a slot.
#[derive(Clone, Debug)]
enum Move {
    Passes(Duration),
    /// Until a twentieth is left of the token in use: by then its renewal is due.
    NearsTheEnd,
    Claims(u64, Duration),
    /// Found the token in use to be dead.
    ClaimsOther(u64, Duration),
    Extends(u64, Duration),
    Releases(u64),
    Brings(u64, Duration),
    Refused(u64),
    /// A request was refused, with the token in use or with one before it.
    Rejected(bool),
    /// A request was answered that carried the token in use.
    Accepted,
    Adopts(Duration),
    CoolsDown,
    HeldOff(Duration),
    Busy(u64),
}

fn move_of_one() -> impl Strategy<Value = Move> {
    let caller = || 1_u64..5;
    let while_ = || (1_u64..70_000).prop_map(Duration::from_millis);
    prop_oneof![
        3 => while_().prop_map(Move::Passes),
        2 => Just(Move::NearsTheEnd),
        5 => (caller(), while_()).prop_map(|(caller, lease)| Move::Claims(caller, lease)),
        2 => (caller(), while_()).prop_map(|(caller, lease)| Move::ClaimsOther(caller, lease)),
        1 => Just(Move::Accepted),
        1 => (caller(), while_()).prop_map(|(caller, lease)| Move::Extends(caller, lease)),
        1 => caller().prop_map(Move::Releases),
        2 => (caller(), while_()).prop_map(|(caller, life)| Move::Brings(caller, life)),
        1 => caller().prop_map(Move::Refused),
        2 => any::<bool>().prop_map(Move::Rejected),
        1 => while_().prop_map(Move::Adopts),
        1 => Just(Move::CoolsDown),
        1 => while_().prop_map(Move::HeldOff),
        1 => caller().prop_map(Move::Busy),
    ]
}

/// A slot, and what its callers were told of it.
struct Played {
    slot: TokenSlot,
    mono: Duration,
    /// Who asks, and until when others have to believe it.
    asking: Option<(u64, Duration)>,
    cools: Duration,
    /// When the last replacement was begun.
    replaced: Option<Duration>,
    held_off_until: Duration,
    made: u64,
    /// When each token ends, and how often its renewal was begun.
    tokens: BTreeMap<String, (Duration, u32)>,
    lent: Option<Generation>,
    /// The one before that.
    old: Option<Generation>,
}

impl Played {
    fn new() -> Self {
        Self {
            slot: TokenSlot::new(None),
            mono: Duration::from_secs(1),
            asking: None,
            cools: Duration::ZERO,
            replaced: None,
            held_off_until: Duration::ZERO,
            made: 0,
            tokens: BTreeMap::new(),
            lent: None,
            old: None,
        }
    }

    fn token(&mut self, life: Duration) -> AccessToken {
        self.made += 1;
        let name = format!("token-{}", self.made);
        self.tokens.insert(name.clone(), (self.mono + life, 0));
        AccessToken::new(name).unwrap()
    }

    /// Both clocks go alike.
    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(u64::try_from(self.mono.as_millis()).unwrap()),
            mono: self.mono,
        }
    }

    fn stops(&mut self, caller: u64) {
        self.asking = self.asking.filter(|(asks, _)| *asks != caller);
    }

    fn plays(&mut self, next: &Move) -> Result<(), TestCaseError> {
        let (now, mono, error) = (self.now(), self.mono, Error::api(Code::AccountDisabled, None));
        match *next {
            Move::Passes(time) => self.mono += time,
            Move::NearsTheEnd => {
                let left = self.slot.held(now).map_or(Duration::ZERO, |(_, left)| left);
                // In whole milliseconds, as the wall clock goes: what that cuts off would make it go further.
                let most = u64::try_from((left * 19 / 20).as_millis()).unwrap();
                self.mono += Duration::from_millis(most);
            }
            Move::Claims(caller, lease) => self.claims(Claimant::any(caller), lease)?,
            Move::ClaimsOther(caller, lease) => {
                let wish = self.lent.map_or(Wish::InUse, Wish::Other);
                let who = Claimant {
                    wish,
                    ..Claimant::any(caller)
                };
                self.claims(who, lease)?;
            }
            Move::Accepted => {
                if let Some(generation) = self.lent {
                    self.slot.accepted(&Doubt::NONE, generation, "/path", now);
                }
            }
            Move::Extends(caller, lease) => {
                self.slot.extend(caller, mono, lease);
                if let Some((asks, until)) = &mut self.asking
                    && *asks == caller
                {
                    *until = mono + lease;
                }
            }
            Move::Releases(caller) => {
                self.slot.release(caller);
                self.stops(caller);
            }
            Move::Brings(caller, life) => {
                let token = self.token(life);
                let arrival = Arrival {
                    token,
                    asked: now,
                    life,
                    source: Source::Vendor,
                    entropy: self.made,
                };
                self.slot.install(caller, arrival, now);
                self.stops(caller);
            }
            Move::Refused(caller) => {
                self.slot.refuse(caller, &error);
                self.stops(caller);
            }
            Move::Rejected(late) => {
                let generation = if late { self.old } else { self.lent };
                let held = self.slot.held(now).is_some();
                if let Some(generation) = generation {
                    let mut doubt = Doubt::NONE;
                    self.slot.refused(&mut doubt, generation, now, self.made);
                    prop_assert_eq!(self.slot.held(now).is_some(), held, "a refusal drops nothing");
                    prop_assert!(
                        !self.slot.is_cooling(now) || mono < self.cools,
                        "nor does it cool down"
                    );
                }
            }
            Move::Adopts(life) => {
                let token = self.token(life);
                self.slot.adopt(token, life, now, self.made);
            }
            Move::CoolsDown => {
                self.slot.cool_down(now, COOL_DOWN, &error);
                self.cools = mono + COOL_DOWN;
            }
            Move::HeldOff(told) => {
                self.slot.hold_off(now, told, &error);
                self.held_off_until = self.held_off_until.max(mono + told.min(HOLD_OFF));
            }
            Move::Busy(caller) => {
                self.slot.pace(caller, now, &error);
                if self.asking.is_some_and(|(asks, _)| asks == caller) {
                    self.held_off_until = self.held_off_until.max(mono + Duration::from_secs(1));
                }
            }
        }
        Ok(())
    }

    fn claims(&mut self, who: Claimant, lease: Duration) -> Result<(), TestCaseError> {
        let (mono, now, caller) = (self.mono, self.now(), who.call);
        let others = self
            .asking
            .filter(|(asks, until)| *asks != caller && *until > mono);
        let renews = match self.slot.claim(who, now, lease) {
            Claim::Use(token, generation) => {
                prop_assert!(
                    mono < self.tokens[token.expose()].0,
                    "a token is lent past its end"
                );
                if self.lent != Some(generation) {
                    self.old = self.lent.replace(generation);
                }
                self.stops(caller);
                return Ok(());
            }
            Claim::Wait { at_most, .. } => {
                let (_, until) = others.ok_or_else(|| TestCaseError::fail("waits for no call"))?;
                prop_assert_eq!(at_most, until.saturating_sub(mono));
                return Ok(());
            }
            Claim::HeldOff { at_least, .. } => {
                prop_assert!(others.is_none() && !at_least.is_zero());
                prop_assert_eq!(mono + at_least, self.held_off_until);
                self.stops(caller);
                return Ok(());
            }
            Claim::Refused(_) => {
                prop_assert!(mono < self.cools, "a verdict that no call got");
                return Ok(());
            }
            Claim::Later(_) | Claim::NoOther => {
                self.stops(caller);
                return Ok(());
            }
            Claim::Lead => false,
            Claim::Renew => true,
            Claim::Replace => {
                let leads = self.asking.is_some_and(|(asks, _)| asks == caller);
                if !leads {
                    let last = self.replaced.replace(mono);
                    let apart = last.is_none_or(|last| mono >= last + Duration::from_secs(5));
                    prop_assert!(apart, "replaced at {:?} and at {:?}", last, mono);
                }
                prop_assert!(others.is_none(), "two ask at a time");
                self.asking = Some((caller, mono + lease));
                return Ok(());
            }
        };
        prop_assert!(others.is_none(), "two ask at a time");
        prop_assert!(mono >= self.held_off_until, "the server will not have that yet");
        prop_assert!(mono >= self.cools, "the account cools down");
        let held = self.slot.held(now);
        prop_assert_eq!(renews, held.is_some());
        if let Some((_, begun)) = held.and_then(|(token, _)| self.tokens.get_mut(token.expose())) {
            *begun += 1;
            prop_assert!(*begun <= 2, "renewed for the {}th time", begun);
        }
        self.asking = Some((caller, mono + lease));
        Ok(())
    }
}
