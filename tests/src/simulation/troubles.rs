//! What goes wrong by itself: at the vendor, with the clock, and by the hand of a caller.

use std::time::Duration;

use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;

use super::ACCESS_KEY;
use super::fault::Fault;
use super::illness::Illness;
use super::plan::Trouble;
use super::violation::Checked;
use super::world::World;
use crate::monitors::Seen;

impl World {
    /// What goes wrong at a time of its own.
    pub(super) fn trouble(&mut self, trouble: Trouble) -> Checked {
        self.tell(|| format!("    {trouble:?}"));
        let now = self.clock.client();
        let fault = match trouble {
            Trouble::Revoke => {
                self.vendor.revoke_all_tokens();
                Fault::Revoked
            }
            Trouble::Disable => {
                self.vendor.set_account_enabled(ACCESS_KEY, false);
                Fault::Disabled
            }
            Trouble::Enable => {
                self.vendor.set_account_enabled(ACCESS_KEY, true);
                return Ok(());
            }
            Trouble::ExpiryOffset(offset) => {
                self.vendor.behaviour_mut().expired_time_offset_ms = offset;
                Fault::ExpiryLie
            }
            Trouble::DateOffset(offset) => {
                self.vendor.behaviour_mut().date_offset_ms = offset;
                Fault::DateLie
            }
            Trouble::Jump(by) => {
                self.clock.jump(by);
                self.clock_was_set();
                self.clock.run_again();
                Fault::ClockJump
            }
            Trouble::Absurd(wall) => {
                self.clock.stand_at(wall);
                self.clock_was_set();
                Fault::ClockJump
            }
            Trouble::Ill(illness) => {
                self.ill = Some(illness);
                match illness {
                    Illness::Revoked => {
                        self.vendor.revoke_all_tokens();
                    }
                    Illness::Asleep(long) => {
                        self.clock.sleep(long);
                        self.clock_was_set();
                    }
                    Illness::Denied(_) | Illness::Dead(_) | Illness::KnownLate(_) => {}
                }
                illness.fault()
            }
            Trouble::Well => {
                self.ill = None;
                return Ok(());
            }
            Trouble::Keep => {
                self.kept = self.machine.export_token(now);
                return Ok(());
            }
            Trouble::Adopt { garbage, life } => {
                let stored = match (garbage, &self.kept) {
                    (false, Some(kept)) => Some(kept.clone()),
                    _ => AccessToken::new(format!("stale.token.{}", self.queued))
                        .ok()
                        .map(|token| ExportedToken::new(token, now.wall.saturating_add(life))),
                };
                let Some(stored) = stored else {
                    return Ok(());
                };
                let text = stored.token.expose().to_owned();
                self.watch.keep("an adopted token", &text);
                if self.machine.adopt_token(stored, now) {
                    self.tokens.adopted(&text, self.clock.at);
                    self.monitors.see(now, &Seen::Adopted(&text))?;
                }
                self.tally.faults.count(Fault::Adopted);
                self.after_transition()?;
                return self.nobody_waits_in_vain();
            }
        };
        self.tally.faults.count(fault);
        Ok(())
    }

    /// For all that the machine knows it has slept: what holds it off may be over.
    const fn clock_was_set(&mut self) {
        self.must_cool = Duration::ZERO;
        self.must_hold = Duration::ZERO;
    }

    /// Everything is well again.
    pub(super) fn calm(&mut self) {
        let behaviour = self.vendor.behaviour_mut();
        behaviour.date_offset_ms = 0;
        behaviour.expired_time_offset_ms = 0;
        self.vendor.set_account_enabled(ACCESS_KEY, true);
        self.clock.run_again();
        self.clock_was_set();
        self.ill = None;
    }
}
