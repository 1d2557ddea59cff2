//! What follows a refusal: once more, at once or after a wait, or the end.

use super::event::{CallId, Event, WaitReason};
use super::flight::{Flight, GRACE};
use super::judge::{Refusal, Resend};
use super::sabotage::Rule;
use super::session::Session;
use super::step::{Step, Until};
use super::token::Generation;
use crate::error::Error;
use crate::time::Now;
use crate::wire::Endpoint;

const TOKEN_DROPPED: &str =
    "the token was rejected and is no longer used; ask again when the time is over that the server asked for";

impl<E: Endpoint> Flight<E> {
    /// The token was rejected: the call gets one more chance with another one.
    pub(super) fn rejected(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        generation: Generation,
        refusal: Refusal,
    ) -> Step<E> {
        let current = session.token.reject(generation, now.mono, &refusal.error);
        session.note(|| Event::TokenRejected {
            call: CallId(self.id),
            current,
        });
        let again = !self.reacquired || session.breaks(Rule::OneReacquisition);
        let free = self.may_resend(session, refusal.price);
        if !again || !free {
            return self.finish(session, now, Err(refusal.error));
        }
        self.reacquired = true;
        self.as_told(session, now, refusal, TOKEN_DROPPED)
    }

    /// Goes on at once with what was mended, unless the server asked for a while; ends if there is no time for that.
    pub(super) fn as_told(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        refusal: Refusal,
        mended: &'static str,
    ) -> Step<E> {
        let told = refusal.told(session).unwrap_or_default();
        if told.is_zero() {
            self.last = Some(refusal.error);
            return self.proceed(session, now);
        }
        session.token.release(self.id);
        let error = refusal.error.mended(mended);
        if told >= self.deadline.saturating_sub(now.mono) {
            return self.finish(session, now, Err(error));
        }
        self.last = Some(error);
        self.pause(session, Until::Elapsed(told), WaitReason::Retry, told)
    }

    fn may_resend(&self, session: &Session, resend: Resend) -> bool {
        match resend {
            Resend::Allowed => true,
            Resend::MaybeCharged => self.policy.allows_maybe_charged() || session.breaks(Rule::ChargedResend),
            Resend::Never => false,
        }
    }

    /// Sends again after a wait, if policy, deadline and budget allow; ends otherwise.
    pub(super) fn again(mut self: Box<Self>, session: &mut Session, now: Now, refusal: Refusal) -> Step<E> {
        self.tries = self.tries.saturating_add(1);
        if !self.may_resend(session, refusal.resend) {
            return self.finish(session, now, Err(refusal.error));
        }
        let told = refusal.told(session);
        let spent = now.mono.saturating_sub(self.began);
        let Some(wait) = self.policy.delay(self.tries, spent, told, session.entropy.next()) else {
            return self.gives_up(session, now, refusal.error);
        };
        if !session.budget.take() {
            let error = refusal
                .error
                .with_hint("too many retries failed lately, so this was not tried again");
            return self.gives_up(session, now, error);
        }
        if told.is_some_and(|told| !told.is_zero()) {
            // Everybody is held off as long, a minute at the most. Whoever has the time asks after that.
            session.token.release(self.id);
        } else {
            let lease = wait.saturating_add(session.config.attempt).saturating_add(GRACE);
            session.token.extend(self.id, now.mono, lease);
        }
        self.last = Some(refusal.error);
        self.pause(session, Until::Elapsed(wait), WaitReason::Retry, wait)
    }

    /// Ends, though another try might have helped.
    fn gives_up(self: Box<Self>, session: &mut Session, now: Now, error: Error) -> Step<E> {
        if error.status().is_some() {
            session.token.pace(self.id, now.mono, &error);
        }
        self.finish(session, now, Err(error))
    }
}
