//! How a call that leads gets a token, for itself and for everybody who waits.

use std::time::Duration;

use super::event::{CallId, Event, Purpose};
use super::fleet::After;
use super::flight::{Asked, Goal, Next, Turn};
use super::judge::{Judged, Refusal};
use super::life::life;
use super::skew::Skew;
use super::token::{Arrival, Generation, Source};
use crate::error::{Error, ErrorKind};
use crate::secret::{AccessToken, Credentials};
use crate::sharing::TokenLease;
use crate::time::{Now, UnixMillis};
use crate::transport::{FailureKind, Limits};
use crate::wire::{Code, CodeClass, Endpoint as _, GenerateToken, IssuedToken, Timestamp, build_request};

/// How a request for a token was signed.
pub(super) struct Signed {
    /// None if the rule is broken that keeps the keys secret.
    pub(super) with: Option<Credentials>,
    pub(super) at: Timestamp,
    /// Under which lease of the store, if there is one.
    pub(super) lease: Option<TokenLease>,
}

impl Turn<'_> {
    pub(super) fn send_token(&mut self, purpose: Purpose) -> Next {
        let signed_at = self.session.skew.corrected(self.now.wall);
        let request = match GenerateToken::sign(&self.session.credentials, signed_at) {
            Ok(request) => request.period(self.session.config.period),
            Err(error) if purpose != Purpose::Token => {
                drop(error);
                self.session.token.fails(self.flight.id, self.now);
                return self.proceed();
            }
            Err(error) => return self.fail(error),
        };
        // A renewal leaves its call time to go on with the old token if it fails.
        let left = if purpose == Purpose::Renewal {
            self.left() / 2
        } else {
            self.left()
        };
        let config = &self.session.config;
        let limits = Limits::new(config.attempt.min(left), config.max_body);
        let http = build_request(&request, &config.base_url, None);
        let lease = self.session.lease();
        let asked = Asked::Token {
            request,
            purpose,
            lease,
        };
        self.send(http, limits, GenerateToken::PATH, asked, purpose)
    }

    pub(super) fn token_answered(
        &mut self,
        at: Now,
        signed: Signed,
        purpose: Purpose,
        judged: Judged<IssuedToken>,
    ) -> Next {
        self.book(at, purpose, GenerateToken::PATH, &judged);
        let (date, wall) = (judged.date, self.now.wall);
        match judged.result {
            Ok((issued, meta)) => {
                self.works(GenerateToken::PATH);
                // Somebody may have set the clock right since the offset was measured.
                if let Some(date) = date.filter(|_| self.session.skew.is_set()) {
                    self.session.skew.measure(wall, date);
                }
                let asked = self.session.config.period.duration();
                let here = self.session.skew.corrected(wall);
                let Some(life) = life(asked, issued.expired_time, date, here) else {
                    return self.dead_on_arrival(purpose);
                };
                let entropy = self.session.entropy.next();
                let call = self.flight.id;
                let arrival = Arrival {
                    token: issued.token.clone(),
                    asked: at,
                    life,
                    source: Source::Vendor,
                    entropy,
                };
                let replacement = self.session.token.install(call, arrival, self.now);
                let generation = self.session.token.generation();
                self.session.shares(&issued.token, life, signed.lease);
                self.session.note(|| Event::TokenIssued {
                    call: CallId(call),
                    life,
                    replacement,
                });
                self.flight.token_reply = Some(meta);
                match self.errand() {
                    Some((ask, within)) => Next::Share(ask, within, After::OwnToken(issued, generation)),
                    None => self.with_own_token(issued, generation),
                }
            }
            Err(refusal) if self.is_of_former_keys(&signed, &refusal) => {
                self.once_more(refusal, KEYS_CHANGED)
            }
            Err(refusal) => self.token_refused((at, signed.at), refusal, date),
        }
    }

    /// Goes on with the token this call has just brought, however short its life.
    pub(super) fn with_own_token(&mut self, issued: IssuedToken, generation: Generation) -> Next {
        if matches!(self.flight.goal, Goal::Token) {
            return self.complete_token(issued);
        }
        if self.left().is_zero() {
            // A request with no time for its reply could only cost something.
            return self.proceed();
        }
        self.send_own(Some((issued.token, generation)))
    }

    pub(super) fn token_in_hand(&mut self, token: AccessToken) -> Next {
        let held = self.session.token.held(self.now);
        let left = held.map_or(Duration::ZERO, |(_, left)| left);
        let expired_time = self.session.skew.corrected(self.now.wall).saturating_add(left);
        self.complete_token(IssuedToken { token, expired_time })
    }

    fn complete_token(&mut self, issued: IssuedToken) -> Next {
        let meta = self.flight.token_reply.take().unwrap_or_default();
        Next::Token(self.succeed(issued, meta))
    }

    /// The server issued a token that has already ended by its own clock. It gets one more chance.
    fn dead_on_arrival(&mut self, purpose: Purpose) -> Next {
        if purpose == Purpose::Renewal || self.session.token.held(self.now).is_some() {
            self.session.token.fails(self.flight.id, self.now);
            return self.proceed();
        }
        let error = Error::dead_token();
        if self.flight.dead_once {
            self.session.token.refuse(self.flight.id, &error);
            return self.fail(error);
        }
        self.flight.dead_once = true;
        self.flight.last = Some(error);
        self.proceed()
    }

    /// Whether the server said no to keys that were changed while the request was under way. That says nothing of the new
    /// ones, with which it is asked again.
    fn is_of_former_keys(&self, signed: &Signed, refusal: &Refusal) -> bool {
        let changed = signed
            .with
            .as_ref()
            .is_some_and(|keys| *keys != self.session.credentials);
        let of_the_keys = matches!(refusal.error.kind(), ErrorKind::Api(_)) || refusal.rejects_the_token();
        changed && refusal.is_verdict() && of_the_keys
    }

    /// Whether a request failed because its caller had less time than an attempt may take: that says nothing of the server.
    fn had_too_little_time(&self, asked: Now, error: &Error) -> bool {
        let waited = self.now.mono.saturating_sub(asked.mono);
        let timeout = matches!(error.kind(), ErrorKind::Transport(FailureKind::Timeout(_)));
        timeout && waited < self.session.config.attempt
    }

    /// Asks again with what was mended. If the server asked for a while, everybody keeps to that.
    fn once_more(&mut self, refusal: Refusal, mended: &'static str) -> Next {
        self.flight.renewed = false;
        if let Some(told) = self.told(&refusal) {
            let error = refusal.error.clone().mended(mended);
            self.session.token.hold_off(self.now, told, &error);
        }
        self.as_told(refusal, mended)
    }

    fn token_refused(
        &mut self,
        (asked, signed): (Now, Timestamp),
        refusal: Refusal,
        date: Option<UnixMillis>,
    ) -> Next {
        let now = self.now;
        let mut refusal = refusal;
        if refusal.error.code() == Some(&Code::ParameterError) {
            // The clock may have been set while the request was under way.
            let suspect = date.is_some_and(|date| Skew::is_suspect(signed.time(), date));
            let repair = suspect && self.session.config.repair_clock && !self.flight.repaired;
            if repair && date.is_some_and(|date| self.session.skew.measure(now.wall, date)) {
                let call = CallId(self.flight.id);
                self.session.note(|| Event::ClockRepaired { call });
                self.flight.repaired = true;
                return self.once_more(refusal, CLOCK_MENDED);
            }
            refusal.error = refusal.error.with_hint(clock_hint(date, suspect));
        }
        // CLIENT_ERROR is about the way to the server, such as a wrong path, and not about who asks.
        if let ErrorKind::Api(CodeClass::Request | CodeClass::Auth) = refusal.error.kind()
            && refusal.error.code() != Some(&Code::ClientError)
        {
            refusal.error = refusal.error.with_class(CodeClass::Credentials);
        }
        let verdict = refusal.is_verdict();
        if verdict
            && matches!(
                refusal.error.kind(),
                ErrorKind::Api(CodeClass::Credentials | CodeClass::Account)
            )
        {
            self.session.cools_down(now, &refusal.error);
        }
        if let Some(told) = self.told(&refusal) {
            self.session.token.hold_off(now, told, &refusal.error);
        }
        let held = self.session.token.held(now).is_some();
        let wish = self.flight.doubt.wish;
        if held && !(verdict && self.session.token.is_wish_for_other(wish)) {
            // Not a failed call: the old token still lives, or another one has arrived in the meantime.
            let replaces = self.session.token.is_wish_for_other(wish);
            if replaces && refusal.error.status().is_some() {
                self.session.token.pace(self.flight.id, now, &refusal.error);
            }
            if self.had_too_little_time(asked, &refusal.error) {
                self.session.token.release(self.flight.id);
            } else {
                self.session.token.fails(self.flight.id, now);
            }
            if replaces {
                return self.keeps_its_own();
            }
            return self.proceed();
        }
        if verdict {
            self.session.token.refuse(self.flight.id, &refusal.error);
        }
        self.again(refusal, GenerateToken::PATH)
    }
}

const KEYS_CHANGED: &str =
    "the keys were changed while it was asked; ask again when the time is over that the server asked for";

const CLOCK_MENDED: &str = "this machine's clock is wrong and was corrected for; ask again when the time is over that the server asked for";

fn clock_hint(date: Option<UnixMillis>, suspect: bool) -> &'static str {
    match (date, suspect) {
        (Some(_), false) => {
            "this machine's clock looks fine (within two minutes of the server's), so check accessKey and secretKey \
             (Websaas Platform → Account → Account Management)"
        }
        (Some(_), true) => {
            "this machine's clock and the server's differ by more than two minutes; set it right"
        }
        (None, _) => {
            "the server did not tell its time, so check this machine's clock as well as accessKey and secretKey \
             (Websaas Platform → Account → Account Management)"
        }
    }
}
