//! The session, driven step by step as the clients do it.

use std::collections::BTreeMap;
use std::fmt;

use advance_core::session::{
    Call, Event, ExportedToken, Generation, Response, Session, Ticket, Wait, WaitStep,
};
use advance_core::{Charges, Now, Verification};

use super::hand::{self, Hand, Move, Outcome};
use super::machine::{Asked, Done, Machine, Turn};

pub(super) struct ByHand {
    session: Session,
    calls: BTreeMap<usize, Held>,
    /// How far those who wait were told the token's history.
    told: Generation,
}

struct Held {
    doing: Doing,
    seen: Generation,
}

enum Doing {
    Call(Box<dyn Hand>),
    /// A wait, and its poll if one is under way.
    Wait(Box<Wait>, Option<Poll>),
}

type Poll = Box<dyn Hand<Response<Verification>>>;

impl Doing {
    fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Call(hand) => hand.ticket(),
            Self::Wait(_, Some(poll)) => poll.ticket(),
            Self::Wait(wait, None) => Some(wait.ticket()),
        }
    }
}

impl ByHand {
    pub(super) fn new(mut session: Session) -> Self {
        session.record_events(true);
        Self {
            told: session.generation(),
            session,
            calls: BTreeMap::new(),
        }
    }

    fn turns<D>(&mut self, call: usize, doing: Doing, next: Move<D>, done: fn(Move<D>) -> Turn) -> Turn {
        let mut seen = self.session.generation();
        let turn = match next {
            Move::Send(request, limits) => Turn::Send(request, limits),
            Move::Sleep(wait) => Turn::Sleep(wait),
            Move::WaitForToken(generation, at_most) => {
                seen = generation;
                Turn::WaitForToken(at_most)
            }
            Move::Done(_) => return done(next),
        };
        self.calls.insert(call, Held { doing, seen });
        turn
    }

    /// Follows a wait to where it sends, pauses or ends; `next` is what its poll asks for, if one is under way.
    fn waits(
        &mut self,
        call: usize,
        mut wait: Box<Wait>,
        mut poll: Option<(Poll, Move<Response<Verification>>)>,
        now: Now,
    ) -> Turn {
        loop {
            match poll.take() {
                Some((_, Move::Done(result))) => wait.ended(result),
                Some((hand, next)) => {
                    let doing = Doing::Wait(wait, Some(hand));
                    return self.turns(call, doing, next, |_| Turn::Stuck);
                }
                None => {}
            }
            match wait.step(&mut self.session, now) {
                WaitStep::Ask(asked) => {
                    poll = Some(hand::take_for(self.session.begin(asked, now), |response| {
                        response
                    }));
                }
                WaitStep::Pause(pause) => {
                    let doing = Doing::Wait(wait, None);
                    return self.turns(call, doing, Move::<()>::Sleep(pause), |_| Turn::Stuck);
                }
                WaitStep::Done => return Turn::Done(Done::Wait(wait.into_result())),
            }
        }
    }

    fn calls(&mut self, call: usize, hand: Box<dyn Hand>, next: Move) -> Turn {
        self.turns(call, Doing::Call(hand), next, |next| match next {
            Move::Done(result) => Turn::Done(Done::Call(result)),
            _ => Turn::Stuck,
        })
    }

    fn goes_on(&mut self, call: usize, now: Now, outcome: Option<Outcome>) -> Turn {
        match self.calls.remove(&call).map(|held| held.doing) {
            None => Turn::Stuck,
            Some(Doing::Call(mut hand)) => {
                let next = resume(&mut *hand, &mut self.session, now, outcome);
                self.calls(call, hand, next)
            }
            Some(Doing::Wait(wait, poll)) => {
                let poll = poll.map(|mut poll| {
                    let next = resume(&mut *poll, &mut self.session, now, outcome);
                    (poll, next)
                });
                self.waits(call, wait, poll, now)
            }
        }
    }
}

fn resume<D>(hand: &mut dyn Hand<D>, session: &mut Session, now: Now, outcome: Option<Outcome>) -> Move<D> {
    match outcome {
        Some(outcome) => hand.answered(session, now, outcome),
        None => hand.waited(session, now),
    }
}

impl Machine for ByHand {
    fn begin(&mut self, call: usize, asked: Asked, now: Now) -> Turn {
        let session = &mut self.session;
        let (hand, first) = match asked {
            Asked::Url(asked) => hand::take(session.begin(asked, now)),
            Asked::Result(asked) => hand::take(session.begin(asked, now)),
            Asked::Token => hand::take(session.begin(Call::token(), now)),
            Asked::Wait(policy, _) => {
                let wait = Box::new(session.begin_wait(*policy, now));
                return self.waits(call, wait, None, now);
            }
        };
        self.calls(call, hand, first)
    }

    fn answered(&mut self, call: usize, now: Now, outcome: Outcome) -> Turn {
        self.goes_on(call, now, Some(outcome))
    }

    fn waited(&mut self, call: usize, now: Now) -> Turn {
        self.goes_on(call, now, None)
    }

    fn waits_on(&mut self, call: usize, _: Now) -> bool {
        let held = self.calls.get(&call);
        held.is_some_and(|held| held.seen == self.session.generation())
    }

    /// It has no handle.
    fn is_woken(&self, _: usize) -> bool {
        false
    }

    fn gives_up(&mut self, call: usize, _: Now) {
        if let Some(ticket) = self.calls.remove(&call).and_then(|held| held.doing.ticket()) {
            self.session.abandon(ticket);
        }
    }

    fn vanishes(&mut self, call: usize) {
        self.calls.remove(&call);
    }

    fn take_woken(&mut self, waiting: &[usize]) -> Vec<usize> {
        let now = self.session.generation();
        if std::mem::replace(&mut self.told, now) == now {
            return Vec::new();
        }
        waiting.to_vec()
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.session.take_events()
    }

    fn export_token(&self, now: Now) -> Option<ExportedToken> {
        self.session.export_token(now)
    }

    fn adopt_token(&mut self, stored: ExportedToken, now: Now) -> bool {
        self.session.adopt_token(stored, now)
    }

    fn charges(&self) -> Charges {
        self.session.charges()
    }

    fn shown(&self) -> &dyn fmt::Debug {
        &self.session
    }
}
