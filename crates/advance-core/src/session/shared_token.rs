//! What the token slot knows of a token that several sessions share.

use std::time::Duration;

use super::event::Purpose;
use super::token::{Ban, TokenSlot};
use crate::error::{Error, ErrorKind};
use crate::sharing::{Setback, TokenWish};
use crate::time::Now;
use crate::wire::{Code, CodeClass};

impl TokenSlot {
    /// Which token of the store will do.
    pub(super) fn wish(&self, purpose: Purpose, now: Now) -> TokenWish {
        let Some(held) = &self.held else {
            return TokenWish::Any;
        };
        let generation = held.shared;
        if purpose == Purpose::Replacement || held.doubted {
            return TokenWish::Other {
                generation,
                accepted: held.is_proven(),
            };
        }
        TokenWish::Renewed {
            generation,
            left: held.left(self.clocks(now)),
        }
    }

    /// The token that has just come has this number in the store.
    pub(super) fn is_generation(&mut self, fence: u64) {
        let latest = self.generation();
        if let Some(held) = self.held.as_mut().filter(|held| held.generation == latest) {
            held.shared = Some(fence);
        }
    }

    /// The numbers are those of another row.
    pub(super) fn forgets_generations(&mut self) {
        for held in [&mut self.held, &mut self.before].into_iter().flatten() {
            held.shared = None;
        }
    }

    /// What keeps this session from asking the vendor, if it concerns the others: a server that asked for a while, or an account
    /// that gets no token. A signature that was refused may be due to this machine's clock.
    pub(super) fn setback(&self, now: Now) -> Option<Setback> {
        let account = |ban: &&Ban| ban.error.kind() == ErrorKind::Api(CodeClass::Account);
        [self.cooling.as_ref().filter(account), self.held_off.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|ban| Some(Setback::new(told_to_all(&ban.error), ban.left(now)?)))
            .max_by_key(|setback| setback.pause)
    }

    /// Whether renewal is tried once more.
    pub(super) fn may_renew_again(&self) -> bool {
        self.held.as_ref().is_some_and(super::held::Held::may_renew_again)
    }

    /// Another session renews. The caller goes on with the old token, and looks again after this pause.
    pub(super) fn renews_later(&mut self, caller: u64, now: Now, pause: Duration) {
        let now = self.clocks(now);
        if let Some(held) = &mut self.held {
            held.renews_later(now, pause);
        }
        self.release(caller);
    }

    /// The token that the caller refuses stays: another session replaced one a moment ago. If the caller comes back soon, that
    /// was no attempt.
    pub(super) fn stays(&mut self, caller: u64, soon: bool) {
        if let Some(lease) = self.lease.take_if(|lease| lease.holder == caller) {
            if let Some(scope) = lease.scope.filter(|_| soon) {
                self.pacing.takes_back(scope);
            }
            self.news();
        }
    }
}

/// The vendor's code, unless it is about what this session alone has sent.
fn told_to_all(error: &Error) -> Option<&Code> {
    use CodeClass::{Auth, Credentials, Request};
    let own = matches!(error.kind(), ErrorKind::Api(Auth | Credentials | Request));
    error.code().filter(|_| !own)
}
