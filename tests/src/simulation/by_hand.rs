//! The session, driven step by step as the clients do it.

use std::collections::BTreeMap;
use std::fmt;

use advance_core::session::{Call, Event, ExportedToken, Generation, Session};
use advance_core::{Charges, Now};

use super::hand::{self, Hand, Move, Outcome};
use super::machine::{Asked, Machine, Turn};

pub(super) struct ByHand {
    session: Session,
    calls: BTreeMap<usize, Held>,
    /// How far those who wait were told the token's history.
    told: Generation,
}

struct Held {
    hand: Box<dyn Hand>,
    seen: Generation,
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

    fn turns(&mut self, call: usize, hand: Box<dyn Hand>, next: Move) -> Turn {
        let mut seen = self.session.generation();
        let turn = match next {
            Move::Send(request, limits) => Turn::Send(request, limits),
            Move::Sleep(wait) => Turn::Sleep(wait),
            Move::WaitForToken(generation, at_most) => {
                seen = generation;
                Turn::WaitForToken(at_most)
            }
            Move::Done(result) => return Turn::Done(result),
        };
        self.calls.insert(call, Held { hand, seen });
        turn
    }

    fn goes_on(&mut self, call: usize, f: impl FnOnce(&mut dyn Hand, &mut Session) -> Move) -> Turn {
        let Some(Held { mut hand, .. }) = self.calls.remove(&call) else {
            return Turn::Stuck;
        };
        let next = f(&mut *hand, &mut self.session);
        self.turns(call, hand, next)
    }
}

impl Machine for ByHand {
    fn begin(&mut self, call: usize, asked: Asked, now: Now) -> Turn {
        let session = &mut self.session;
        let (hand, first) = match asked {
            Asked::Url(asked) => hand::take(session.begin(asked, now)),
            Asked::Result(asked) => hand::take(session.begin(asked, now)),
            Asked::Token => hand::take(session.begin(Call::token(), now)),
        };
        self.turns(call, hand, first)
    }

    fn answered(&mut self, call: usize, now: Now, outcome: Outcome) -> Turn {
        self.goes_on(call, |hand, session| hand.answered(session, now, outcome))
    }

    fn waited(&mut self, call: usize, now: Now) -> Turn {
        self.goes_on(call, |hand, session| hand.waited(session, now))
    }

    fn waits_on(&mut self, call: usize, _: Now) -> bool {
        let held = self.calls.get(&call);
        held.is_some_and(|held| held.seen == self.session.generation())
    }

    fn gives_up(&mut self, call: usize, _: Now) {
        if let Some(ticket) = self.calls.remove(&call).and_then(|held| held.hand.ticket()) {
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
