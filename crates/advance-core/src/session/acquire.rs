//! How a call that leads gets a token, for itself and for everybody who waits.

use std::time::Duration;

use super::event::{CallId, Event, Purpose};
use super::flight::{Flight, Goal};
use super::judge::{Judged, Refusal};
use super::life::life;
use super::response::Response;
use super::session::Session;
use super::skew::Skew;
use super::step::{Sent, Step};
use super::{Call, Config};
use crate::error::{Error, ErrorKind};
use crate::secret::{AccessToken, Credentials};
use crate::time::{Lifetime, Now, UnixMillis};
use crate::wire::{Code, CodeClass, Endpoint, GenerateToken, IssuedToken, Timestamp, assemble};

impl Flight<GenerateToken> {
    /// A call that wants a token in hand and nothing else.
    pub(super) fn token(
        id: u64,
        credentials: &Credentials,
        config: &Config,
        now: Now,
        time: UnixMillis,
    ) -> Result<Box<Self>, Error> {
        // Only its type is used: every request is signed anew when it goes out, or refused if the clock is absurd.
        let endpoint = GenerateToken::sign(credentials, time)
            .or_else(|_| GenerateToken::sign(credentials, UnixMillis::new(1_000_000_000_000)))?;
        let mut flight = Self::call(id, Call::new(endpoint), config, now);
        flight.goal = Goal::Token(std::convert::identity);
        Ok(flight)
    }
}

impl<E: Endpoint> Flight<E> {
    pub(super) fn send_token(self: Box<Self>, session: &mut Session, now: Now, purpose: Purpose) -> Step<E> {
        let signed_at = session.skew.corrected(now.wall);
        let request = match GenerateToken::sign(&session.credentials, signed_at) {
            Ok(request) => request.period(session.config.period),
            Err(error) if purpose == Purpose::Renewal => {
                drop(error);
                session.token.release(self.id);
                return self.proceed(session, now);
            }
            Err(error) => return self.finish(session, now, Err(error)),
        };
        let left = self.deadline.saturating_sub(now.mono);
        // A renewal leaves its call time to go on with the old token if it fails.
        let left = if purpose == Purpose::Renewal {
            left / 2
        } else {
            left
        };
        let within = session.config.attempt.min(left);
        let http = assemble::<GenerateToken>(request.encode(), &session.config.base_url, None);
        let sent = Sent::Token { request, purpose };
        self.send(session, now, http, within, GenerateToken::PATH, purpose, sent)
    }

    pub(super) fn token_answered(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        at: Now,
        signed: Timestamp,
        purpose: Purpose,
        judged: Judged<IssuedToken>,
    ) -> Step<E> {
        self.book(session, now, at, purpose, GenerateToken::PATH, &judged);
        let (date, wall) = (judged.date, now.wall);
        match judged.result {
            Ok((issued, reply)) => {
                // Somebody may have set the clock right since the offset was measured.
                if let Some(date) = date.filter(|_| session.skew.is_set()) {
                    session.skew.measure(wall, date);
                }
                let asked = session.config.period.duration();
                let Some(life) = life(asked, issued.expired_time, date, session.skew.corrected(wall)) else {
                    return self.dead_on_arrival(session, now, purpose);
                };
                let entropy = session.entropy.next();
                let lifetime = Lifetime::new(at.mono, life);
                let replacement = session
                    .token
                    .install(self.id, issued.token.clone(), lifetime, entropy);
                session.note(|| Event::TokenIssued {
                    call: CallId(self.id),
                    life,
                    replacement,
                });
                self.token_reply = Some(reply);
                self.with_own_token(session, now, issued)
            }
            Err(refusal) => self.token_refused(session, now, signed, refusal, date),
        }
    }

    /// Goes on with the token this call has just brought, however short its life.
    fn with_own_token(self: Box<Self>, session: &mut Session, now: Now, issued: IssuedToken) -> Step<E> {
        if let Goal::Token(output) = self.goal {
            return self.complete_token(session, now, issued, output);
        }
        if now.mono >= self.deadline {
            // A request with no time for its reply could only cost something.
            return self.proceed(session, now);
        }
        let generation = session.token.generation();
        self.send_call(session, now, Some((issued.token, generation)))
    }

    pub(super) fn token_in_hand(
        self: Box<Self>,
        session: &mut Session,
        now: Now,
        token: AccessToken,
        output: fn(IssuedToken) -> E::Output,
    ) -> Step<E> {
        let left = session
            .token
            .held(now.mono)
            .map_or(Duration::ZERO, |(_, left)| left);
        let expired_time = session.skew.corrected(now.wall).saturating_add(left);
        self.complete_token(session, now, IssuedToken { token, expired_time }, output)
    }

    fn complete_token(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        issued: IssuedToken,
        output: fn(IssuedToken) -> E::Output,
    ) -> Step<E> {
        let reply = self.token_reply.take().unwrap_or_default();
        let response = Response {
            data: output(issued),
            reply,
            charges: self.charges,
            sends: self.sends,
        };
        self.finish(session, now, Ok(response))
    }

    /// The server issued a token that has already ended by its own clock. It gets one more chance.
    fn dead_on_arrival(mut self: Box<Self>, session: &mut Session, now: Now, purpose: Purpose) -> Step<E> {
        if purpose == Purpose::Renewal || session.token.held(now.mono).is_some() {
            session.token.release(self.id);
            return self.proceed(session, now);
        }
        let error = Error::dead_token();
        if self.dead_once {
            session.token.refuse(self.id, &error);
            return self.finish(session, now, Err(error));
        }
        self.dead_once = true;
        self.last = Some(error);
        self.proceed(session, now)
    }

    fn token_refused(
        mut self: Box<Self>,
        session: &mut Session,
        now: Now,
        signed: Timestamp,
        refusal: Refusal,
        date: Option<UnixMillis>,
    ) -> Step<E> {
        let mut refusal = refusal;
        if refusal.error.code() == Some(&Code::ParameterError) {
            // The clock may have been set while the request was under way.
            let suspect = date.is_some_and(|date| Skew::is_suspect(signed.time(), date));
            let repair = suspect && session.config.repair_clock && !self.repaired;
            if repair && date.is_some_and(|date| session.skew.measure(now.wall, date)) {
                session.note(|| Event::ClockRepaired {
                    call: CallId(self.id),
                });
                self.repaired = true;
                if let Some(told) = refusal.told(session) {
                    let error = refusal.error.clone().mended(CLOCK_MENDED);
                    session.token.hold_off(now.mono, told, &error);
                }
                return self.as_told(session, now, refusal, CLOCK_MENDED);
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
            session.cools_down(now, &refusal.error);
        }
        if let Some(told) = refusal.told(session) {
            session.token.hold_off(now.mono, told, &refusal.error);
        }
        if session.token.held(now.mono).is_some() {
            // Not a failed call: the old token still lives, or another one has arrived in the meantime.
            session.token.release(self.id);
            return self.proceed(session, now);
        }
        if verdict {
            session.token.refuse(self.id, &refusal.error);
        }
        self.again(session, now, refusal)
    }
}

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
