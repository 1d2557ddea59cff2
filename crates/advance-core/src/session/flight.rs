//! One call on its way: from its first step to its last.

use std::time::Duration;

use http::Request;
use zeroize::Zeroizing;

use super::event::{CallId, Event, Purpose, WaitReason};
use super::judge::{Judged, Refusal};
use super::response::{Reply, Response};
use super::retry::RetryPolicy;
use super::session::Session;
use super::step::{Awaiting, Pause, Sent, Step, Until};
use super::token::{Acquisition, Claim, Generation};
use super::{Call, Charges, Config};
use crate::error::{Error, ErrorKind};
use crate::secret::AccessToken;
use crate::time::Now;
use crate::transport::Limits;
use crate::wire::{Auth, Code, CodeClass, Endpoint, IssuedToken, assemble};

/// Slack in a lease for a leader that is a little late.
pub(super) const GRACE: Duration = Duration::from_secs(1);

pub(super) enum Goal<E: Endpoint> {
    /// The endpoint's answer, asked for with this body.
    Answer(Zeroizing<Vec<u8>>),
    /// A token in hand, turned into the endpoint's output.
    Token(fn(IssuedToken) -> E::Output),
}

/// One call on its way.
pub(super) struct Flight<E: Endpoint> {
    pub(super) id: u64,
    pub(super) endpoint: E,
    pub(super) goal: Goal<E>,
    pub(super) policy: RetryPolicy,
    pub(super) began: Duration,
    pub(super) deadline: Duration,
    pub(super) tries: u32,
    pub(super) sends: u32,
    pub(super) charges: Charges,
    pub(super) awaited: Option<Acquisition>,
    pub(super) reacquired: bool,
    pub(super) repaired: bool,
    pub(super) dead_once: bool,
    pub(super) last: Option<Error>,
    pub(super) token_reply: Option<Reply>,
}

impl<E: Endpoint> Flight<E> {
    pub(super) fn call(id: u64, call: Call<E>, config: &Config, now: Now) -> Box<Self> {
        let mut policy = config.retry;
        if let Some(total) = call.total {
            policy = policy.total(total);
        }
        if let Some(allowed) = call.maybe_charged {
            policy = policy.retry_maybe_charged(allowed);
        }
        Box::new(Self {
            id,
            goal: Goal::Answer(Zeroizing::new(call.endpoint.encode())),
            endpoint: call.endpoint,
            policy,
            began: now.mono,
            deadline: now.mono.saturating_add(policy.total_time()),
            tries: 0,
            sends: 0,
            charges: Charges::NONE,
            awaited: None,
            reacquired: false,
            repaired: false,
            dead_once: false,
            last: None,
            token_reply: None,
        })
    }

    /// Takes the next step with the token as it stands now.
    pub(super) fn proceed(mut self: Box<Self>, session: &mut Session, now: Now) -> Step<E> {
        let left = self.deadline.saturating_sub(now.mono);
        if left.is_zero() {
            let error = self.last.take();
            let error = error
                .unwrap_or_else(|| Error::deadline("the call's total time ran out before its turn came"));
            return self.finish(session, now, Err(error));
        }
        if E::AUTH == Auth::None && matches!(self.goal, Goal::Answer(_)) {
            return self.send_call(session, now, None);
        }
        let lease = session.config.attempt.min(left).saturating_add(GRACE);
        // Whatever was waited for, the wait is over.
        let awaited = self.awaited.take();
        match session.token.claim(self.id, awaited, now.mono, lease) {
            Claim::Use(token, generation) => match self.goal {
                Goal::Answer(_) => self.send_call(session, now, Some((token, generation))),
                Goal::Token(output) => self.token_in_hand(session, now, token, output),
            },
            Claim::Lead => self.send_token(session, now, Purpose::Token),
            Claim::Renew => self.send_token(session, now, Purpose::Renewal),
            Claim::Wait {
                acquisition,
                seen,
                at_most,
            } => {
                let at_most = at_most.min(left);
                self.wait_for_token(session, acquisition, seen, at_most, WaitReason::Token)
            }
            Claim::Refused(error) => self.finish(session, now, Err(error)),
            Claim::HeldOff { at_least, error, .. } if at_least >= left => {
                let still = error.retry_after().map(|_| at_least);
                self.finish(session, now, Err(error.with_retry_after(still)))
            }
            Claim::HeldOff {
                seen,
                acquisition,
                at_least,
                ..
            } => self.wait_for_token(session, acquisition, seen, at_least, WaitReason::HeldOff),
        }
    }

    fn wait_for_token(
        mut self: Box<Self>,
        session: &mut Session,
        acquisition: Acquisition,
        seen: Generation,
        at_most: Duration,
        why: WaitReason,
    ) -> Step<E> {
        self.awaited = Some(acquisition);
        let until = Until::Token { seen, at_most };
        self.pause(session, until, why, at_most)
    }

    pub(super) fn pause(
        self: Box<Self>,
        session: &mut Session,
        until: Until,
        why: WaitReason,
        at_most: Duration,
    ) -> Step<E> {
        session.note(|| Event::Waiting {
            call: CallId(self.id),
            why,
            at_most,
        });
        Step::Wait(until, Pause { flight: self })
    }

    pub(super) fn send_call(
        self: Box<Self>,
        session: &mut Session,
        now: Now,
        token: Option<(AccessToken, Generation)>,
    ) -> Step<E> {
        let body = match &self.goal {
            Goal::Answer(body) => body.to_vec(),
            Goal::Token(_) => Vec::new(),
        };
        let within = session.config.attempt.min(self.deadline.saturating_sub(now.mono));
        let request = assemble::<E>(
            body,
            &session.config.base_url,
            token.as_ref().map(|(token, _)| token),
        );
        self.send(
            session,
            now,
            request,
            within,
            E::PATH,
            Purpose::Call,
            Sent::Call { token },
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one request, described once, on its only way out"
    )]
    pub(super) fn send(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        request: Result<Request<Vec<u8>>, Error>,
        within: Duration,
        path: &'static str,
        purpose: Purpose,
        sent: Sent,
    ) -> Step<E> {
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return self.finish(session, now, Err(error)),
        };
        request
            .headers_mut()
            .insert(http::header::USER_AGENT, session.config.user_agent.clone());
        self.sends = self.sends.saturating_add(1);
        let (call, number) = (CallId(self.id), self.sends);
        session.note(|| Event::AttemptBegun {
            call,
            purpose,
            path,
            number,
            within,
        });
        let limits = Limits::new(within, session.config.max_body);
        Step::Send(
            request,
            limits,
            Awaiting {
                flight: self,
                sent,
                at: now,
                known: session.known(),
            },
        )
    }

    /// Books what an attempt cost and notes how it ended.
    pub(super) fn book<T>(
        &mut self,
        session: &mut Session,
        now: Now,
        at: Now,
        purpose: Purpose,
        path: &'static str,
        judged: &Judged<T>,
    ) {
        self.charges.record(judged.charge);
        session.totals.record(judged.charge);
        let (call, number) = (CallId(self.id), self.sends);
        session.note(|| {
            let (code, transaction_id, error) = match &judged.result {
                Ok((_, reply)) => (Some(Code::Success), reply.transaction_id.clone(), None),
                Err(Refusal { error, .. }) => (
                    error.code().cloned(),
                    error.transaction_id().cloned(),
                    Some(error.kind()),
                ),
            };
            Event::AttemptEnded {
                call,
                purpose,
                path,
                number,
                took: now.mono.saturating_sub(at.mono),
                status: judged.status.map(|status| status.as_u16()),
                code,
                transaction_id,
                charge: judged.charge,
                error,
            }
        });
    }

    pub(super) fn answered(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        at: Now,
        token: Option<Generation>,
        judged: Judged<E::Output>,
    ) -> Step<E> {
        self.book(session, now, at, Purpose::Call, E::PATH, &judged);
        let refusal = match judged.result {
            Ok((data, reply)) => {
                let response = Response {
                    data,
                    reply,
                    charges: self.charges,
                    sends: self.sends,
                };
                return self.finish(session, now, Ok(response));
            }
            Err(refusal) => refusal,
        };
        match token {
            Some(generation) if refusal.error.kind() == ErrorKind::Api(CodeClass::Auth) => {
                self.rejected(session, now, generation, refusal)
            }
            _ => self.again(session, now, refusal),
        }
    }

    #[expect(
        clippy::boxed_local,
        reason = "every state consumes the flight as it is carried"
    )]
    pub(super) fn finish(
        self: Box<Self>,
        session: &mut Session,
        now: Now,
        result: Result<Response<E::Output>, Error>,
    ) -> Step<E> {
        session.token.release(self.id);
        let result = match result {
            Ok(response) => {
                // A token in hand is no sign that the server is well again.
                if self.sends > 0 {
                    session.budget.refund();
                }
                Ok(response)
            }
            Err(error) => Err(error.with_totals(self.charges, self.sends)),
        };
        session.note(|| {
            let (code, transaction_id, error) = match &result {
                Ok(response) => (Some(Code::Success), response.transaction_id().cloned(), None),
                Err(error) => (
                    error.code().cloned(),
                    error.transaction_id().cloned(),
                    Some(error.kind()),
                ),
            };
            Event::CallEnded {
                call: CallId(self.id),
                path: E::PATH,
                took: now.mono.saturating_sub(self.began),
                sends: self.sends,
                charges: self.charges,
                code,
                transaction_id,
                error,
            }
        });
        Step::Done(result)
    }
}
