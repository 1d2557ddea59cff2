//! What follows a refusal: once more, at once or after a wait, or the end.

use std::time::Duration;

use super::event::{CallId, Event, WaitReason};
use super::flight::{GRACE, Next, Turn};
use super::judge::{Refusal, Resend};
use super::sabotage::Rule;
use super::token::Generation;
use super::until::Until;
use crate::error::Error;

const TOKEN_DROPPED: &str =
    "the token was rejected and is no longer used; ask again when the time is over that the server asked for";

impl Turn<'_> {
    /// The token was rejected: the call gets one more chance with another one.
    pub(super) fn rejected(&mut self, generation: Generation, refusal: Refusal) -> Next {
        let current = self
            .session
            .token
            .reject(generation, self.now.mono, &refusal.error);
        let call = CallId(self.flight.id);
        self.session.note(|| Event::TokenRejected { call, current });
        let again = !self.flight.reacquired || self.session.breaks(Rule::OneReacquisition);
        let free = self.may_resend(refusal.price);
        if !again || !free {
            return self.fail(refusal.error);
        }
        self.flight.reacquired = true;
        self.as_told(refusal, TOKEN_DROPPED)
    }

    /// Goes on at once with what was mended, unless the server asked for a while; ends if there is no time for that.
    pub(super) fn as_told(&mut self, refusal: Refusal, mended: &'static str) -> Next {
        let told = self.told(&refusal).unwrap_or_default();
        if told.is_zero() {
            self.flight.last = Some(refusal.error);
            return self.proceed();
        }
        self.session.token.release(self.flight.id);
        let error = refusal.error.mended(mended);
        if told >= self.left() {
            return self.fail(error);
        }
        self.flight.last = Some(error);
        self.pause(Until::Elapsed(told), WaitReason::Retry)
    }

    /// How long the server asked to wait, if it did.
    pub(super) fn told(&self, refusal: &Refusal) -> Option<Duration> {
        refusal
            .retry_after
            .filter(|_| !self.session.breaks(Rule::RetryAfter))
    }

    fn may_resend(&self, resend: Resend) -> bool {
        match resend {
            Resend::Allowed => true,
            Resend::MaybeCharged => {
                self.flight.policy.allows_maybe_charged() || self.session.breaks(Rule::ChargedResend)
            }
            Resend::Never => false,
        }
    }

    /// Sends again after a wait, if policy, deadline and budget allow; ends otherwise.
    pub(super) fn again(&mut self, refusal: Refusal) -> Next {
        self.flight.tries = self.flight.tries.saturating_add(1);
        if !self.may_resend(refusal.resend) {
            return self.fail(refusal.error);
        }
        let told = self.told(&refusal);
        let spent = self.now.mono.saturating_sub(self.flight.began);
        let entropy = self.session.entropy.next();
        let Some(wait) = self.flight.policy.delay(self.flight.tries, spent, told, entropy) else {
            return self.gives_up(refusal.error);
        };
        if !self.session.budget.take() {
            let error = refusal
                .error
                .with_hint("too many retries failed lately, so this was not tried again");
            return self.gives_up(error);
        }
        if told.is_some_and(|told| !told.is_zero()) {
            // Everybody is held off as long, a minute at the most. Whoever has the time asks after that.
            self.session.token.release(self.flight.id);
        } else {
            let lease = wait
                .saturating_add(self.session.config.attempt)
                .saturating_add(GRACE);
            self.session.token.extend(self.flight.id, self.now.mono, lease);
        }
        self.flight.last = Some(refusal.error);
        self.pause(Until::Elapsed(wait), WaitReason::Retry)
    }

    /// Ends, though another try might have helped.
    fn gives_up(&mut self, error: Error) -> Next {
        if error.status().is_some() {
            self.session.token.pace(self.flight.id, self.now.mono, &error);
        }
        self.fail(error)
    }
}
