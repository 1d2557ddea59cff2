//! What follows a refusal: once more, at once or after a wait, or the end.

use std::time::Duration;

use super::event::{CallId, Event, WaitReason};
use super::evidence::Verdict;
use super::flight::{GRACE, Next, Turn};
use super::judge::{Refusal, Resend};
use super::retry::RetryPolicy;
use super::sabotage::Rule;
use super::token::Generation;
use super::until::Until;
use crate::error::Error;

const ASKED_FOR_A_WHILE: &str =
    "the vendor refused the token or the call, and asked for a while; ask again when that time is over";

impl Turn<'_> {
    /// The vendor refused the request for its token, or the call for its right.
    pub(super) fn rejected(&mut self, generation: Generation, refusal: Refusal) -> Next {
        let now = self.now;
        let current = self.session.token.is_in_use(generation);
        let call = CallId(self.flight.id);
        self.session.note(|| Event::TokenRejected { call, current });
        let (token, doubt) = (&mut self.session.token, &mut self.flight.doubt);
        if !may_resend(
            &self.flight.policy,
            token.breaks(Rule::ChargedResend),
            refusal.price,
        ) {
            token.refused_for_good(doubt, generation, now, self.flight.goal.path());
            return self.fail(refusal.error);
        }
        let entropy = self.session.entropy.next();
        let wait = match token.refused(doubt, generation, now, entropy) {
            Verdict::End => return self.fail(refusal.error),
            Verdict::Resend => doubt.goes_on(entropy),
            Verdict::Pause(wait) => wait,
        };
        let wait = self.told(&refusal).unwrap_or_default().max(wait);
        if wait >= self.left() || self.flight.doubt.is_too_long(now, wait) {
            let path = self.flight.goal.path();
            self.session
                .token
                .refused_for_good(&self.flight.doubt, generation, now, path);
            let told = self.told(&refusal).is_some_and(|told| !told.is_zero());
            return self.fail(if told {
                refusal.error.mended(ASKED_FOR_A_WHILE)
            } else {
                refusal.error
            });
        }
        self.comes_back(refusal.error, wait)
    }

    /// Another token may be asked for in a while.
    pub(super) fn later(&mut self, wait: Duration) -> Next {
        if std::mem::replace(&mut self.flight.doubt.spaced, true) {
            return self.keeps_its_own();
        }
        match self.flight.last.take() {
            Some(error) => self.comes_back(error, wait),
            None => self.keeps_its_own(),
        }
    }

    /// There is no other token: what the call was refused with is its own.
    pub(super) fn keeps_its_own(&mut self) -> Next {
        let error = self.flight.last.take();
        self.fail(error.unwrap_or_else(|| Error::deadline("no other token could be had")))
    }

    /// Goes on at once with what was mended, unless the server asked for a while; ends if there is no time for that.
    pub(super) fn as_told(&mut self, refusal: Refusal, mended: &'static str) -> Next {
        let told = self.told(&refusal).unwrap_or_default();
        if told.is_zero() {
            return self.comes_back(refusal.error, told);
        }
        self.session.token.release(self.flight.id);
        self.comes_back(refusal.error.mended(mended), told)
    }

    /// Goes on after a while, or at once if that is nothing; ends with this error if there is no time for it.
    fn comes_back(&mut self, error: Error, wait: Duration) -> Next {
        if !wait.is_zero() && wait >= self.left() {
            return self.fail(error);
        }
        self.flight.last = Some(error);
        if wait.is_zero() {
            return self.proceed();
        }
        self.pause(Until::Elapsed(wait), WaitReason::Retry)
    }

    /// How long the server asked to wait, if it did.
    pub(super) fn told(&self, refusal: &Refusal) -> Option<Duration> {
        refusal
            .retry_after
            .filter(|_| !self.session.breaks(Rule::RetryAfter))
    }

    /// Sends again after a wait, if policy, deadline and the budget of this path allow; ends otherwise.
    pub(super) fn again(&mut self, refusal: Refusal, path: &'static str) -> Next {
        self.flight.tries = self.flight.tries.saturating_add(1);
        self.flight.retries = None;
        let broken = self.session.breaks(Rule::ChargedResend);
        if !may_resend(&self.flight.policy, broken, refusal.resend) {
            return self.fail(refusal.error);
        }
        let told = self.told(&refusal);
        let spent = self.now.mono.saturating_sub(self.flight.began);
        let entropy = self.session.entropy.next();
        let Some(wait) = self.flight.policy.delay(self.flight.tries, spent, told, entropy) else {
            return self.gives_up(refusal.error);
        };
        if !self.session.budget(path).take() {
            let error = refusal
                .error
                .with_hint("too many retries failed lately, so this was not tried again");
            return self.gives_up(error);
        }
        self.flight.retries = Some(path);
        if told.is_some_and(|told| !told.is_zero()) {
            // Every call is held off as long, a minute at the most. A call that has the time asks after that.
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
            self.session.token.pace(self.flight.id, self.now, &error);
        }
        self.fail(error)
    }
}

fn may_resend(policy: &RetryPolicy, broken: bool, resend: Resend) -> bool {
    match resend {
        Resend::Allowed => true,
        Resend::MaybeCharged => policy.allows_maybe_charged() || broken,
        Resend::Never => false,
    }
}
