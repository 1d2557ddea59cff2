//! A situation as it is played: calls at fixed rates, a virtual clock, and a count of what a user sees.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use advance_core::session::{Call, ExportedToken, Generation, Session};
use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use advance_core::{
    Config, Error, GenerateUrl, GetResult, Now, Period, Region, ReturnUrl, SignatureId, UnixMillis,
};
use http::Request;

use super::super::dice::Dice;
use super::super::hand::{self, Hand, Move, Summary};
use super::super::{Sabotage, requests};
use super::figures::Figures;
use super::table::{Asks, Event, Fate, Situation};
use super::vendor::{BEGIN, ID, Outcome, Vendor, WORDS};

/// More than any situation needs by far.
const ENDLESS: u64 = 3_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Event(usize),
    Begin(usize),
    Arrives(usize),
    Returns(usize),
    Wakes(usize, u32),
}

/// A call that is under way.
struct Live {
    stream: usize,
    began: Duration,
    hand: Box<dyn Hand>,
    /// Moves on with every step, so that an alarm of an earlier one is known for what it is.
    epoch: u32,
    own_sends: u64,
    /// It began while the account was disabled.
    hopeless: bool,
    /// The numbers of the replies that came to it.
    heard: Vec<u64>,
    request: Option<Request<Vec<u8>>>,
    outcome: Option<Outcome>,
}

struct Process {
    session: Session,
    /// Calls that sleep until there is news, and what they have seen.
    waiters: Vec<(usize, Generation)>,
    kept: Option<ExportedToken>,
}

pub(super) struct World<'a> {
    situation: &'a Situation,
    vendor: Vendor<'a>,
    dice: Dice,
    processes: Vec<Process>,
    /// Monotonic time.
    at: Duration,
    slept: Duration,
    jumped: i64,
    queue: BinaryHeap<Reverse<(Duration, u64, Happening)>>,
    queued: u64,
    live: HashMap<usize, Live>,
    begun: usize,
    /// Sends in the second that this is, and the most so far.
    second: (u64, u64, u64),
    figures: Figures,
}

impl<'a> World<'a> {
    pub(super) fn new(situation: &'a Situation, seed: u64, broken: Option<Sabotage>) -> Self {
        let mut config = Config::new();
        if let Ok(period) = Period::from_secs(situation.period) {
            config = config.period(period);
        }
        let processes = situation.streams.iter().map(|stream| stream.process + 1).max();
        let processes = (0..processes.unwrap_or(1) as u64)
            .map(|number| {
                let session = Session::new(config.clone(), requests::credentials(), seed ^ (number << 32));
                #[cfg(feature = "sabotage")]
                let session = match broken {
                    Some(broken) => session.sabotaged(broken.rule()),
                    None => session,
                };
                Process {
                    session,
                    waiters: Vec::new(),
                    kept: None,
                }
            })
            .collect();
        #[cfg(not(feature = "sabotage"))]
        debug_assert!(broken.is_none());
        let mut world = Self {
            situation,
            vendor: Vendor::new(situation),
            dice: Dice::new(seed, 4),
            processes,
            at: Duration::ZERO,
            slept: Duration::ZERO,
            jumped: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            live: HashMap::new(),
            begun: 0,
            second: (0, 0, 0),
            figures: Figures::default(),
        };
        for (number, (at, _)) in situation.events.iter().enumerate() {
            world.queue(*at, Happening::Event(number));
        }
        for (number, stream) in situation.streams.iter().enumerate() {
            let phase = world
                .dice
                .below(u64::try_from(stream.every.as_micros()).unwrap_or(1).max(1));
            world.queue(
                stream.begins + Duration::from_micros(phase),
                Happening::Begin(number),
            );
        }
        world
    }

    pub(super) fn run(mut self) -> Figures {
        while let Some(Reverse((at, _, what))) = self.queue.pop() {
            self.at = at;
            if self.queued > ENDLESS {
                self.figures.endless += 1;
                break;
            }
            match what {
                Happening::Event(number) => self.event(self.situation.events[number].1),
                Happening::Begin(stream) => self.begin(stream),
                Happening::Arrives(call) => self.arrives(call),
                Happening::Returns(call) => self.returns(call),
                Happening::Wakes(call, epoch) => self.wakes(call, epoch),
            }
        }
        let begin_in_a_second: f64 = self
            .situation
            .streams
            .iter()
            .map(|stream| 1.0 / stream.every.as_secs_f64())
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let most = self.second.2 as f64;
        self.figures.rush = most / begin_in_a_second.max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let processes = self.processes.len() as f64;
        self.figures.minutes = (self.situation.span + self.slept).as_secs_f64() / 60.0 * processes;
        self.figures.runs = 1;
        self.figures
    }

    fn queue(&mut self, at: Duration, what: Happening) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, what)));
    }

    /// The vendor's time since the beginning.
    fn vendor_at(&self) -> Duration {
        self.at + self.slept
    }

    fn now(&self) -> Now {
        let wall = BEGIN + u64::try_from(self.vendor_at().as_millis()).unwrap_or(0);
        Now {
            wall: UnixMillis::new(wall).offset_by(self.jumped),
            mono: self.at,
        }
    }

    fn event(&mut self, event: Event) {
        let now = self.now();
        self.vendor.happens(event);
        let first = &mut self.processes[0];
        match event {
            Event::Jump(by) => self.jumped += by,
            Event::Sleep(long) => self.slept += long,
            Event::Keep => first.kept = first.session.export_token(now),
            Event::Adopt => {
                if let Some(kept) = first.kept.clone() {
                    first.session.adopt_token(kept, now);
                    self.news(0);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, stream: usize) {
        let plan = self.situation.streams[stream];
        if self.at + plan.every < self.situation.span {
            self.queue(self.at + plan.every, Happening::Begin(stream));
        }
        let (now, at) = (self.now(), self.vendor_at());
        let session = &mut self.processes[plan.process].session;
        let exported = session.export_token(now);
        let dead = exported.is_some_and(|exported| self.vendor.is_over(exported.token.expose(), at));
        self.figures.dead_exports += u64::from(dead);
        let (hand, first) = match plan.asks {
            Asks::Link => hand::take(session.begin(Call::new(requests::generate_url()), now)),
            Asks::LinkElsewhere => hand::take(session.begin(Call::new(elsewhere()), now)),
            Asks::Result => hand::take(session.begin(Call::new(result()), now)),
        };
        let call = self.begun;
        self.begun += 1;
        self.live.insert(
            call,
            Live {
                stream,
                began: self.at,
                hand,
                epoch: 0,
                own_sends: 0,
                hopeless: self.vendor.is_disabled(),
                heard: Vec::new(),
                request: None,
                outcome: None,
            },
        );
        self.news(plan.process);
        self.moves(call, first);
    }

    fn moves(&mut self, call: usize, next: Move) {
        let at = self.at;
        let Some(live) = self.live.get_mut(&call) else {
            return;
        };
        live.epoch += 1;
        let (epoch, stream) = (live.epoch, live.stream);
        match next {
            Move::Send(request, limits) => {
                let token = request.uri().path().ends_with("/generate-token");
                live.own_sends += u64::from(!token);
                live.request = Some(*request);
                live.outcome = None;
                self.figures.token_requests += u64::from(token);
                self.count_send();
                let there = self.dice.millis(15, 100);
                self.queue(at + there, Happening::Arrives(call));
                // The transport keeps to its limit in any case.
                self.queue(at + limits.within, Happening::Wakes(call, epoch));
            }
            Move::Sleep(wait) => self.queue(at + wait, Happening::Wakes(call, epoch)),
            Move::WaitForToken(seen, at_most) => {
                let process = self.situation.streams[stream].process;
                self.processes[process].waiters.push((call, seen));
                self.queue(at + at_most, Happening::Wakes(call, epoch));
                self.news(process);
            }
            Move::Done(result) => self.ends(call, result),
        }
    }

    fn count_send(&mut self) {
        let second = self.at.as_secs();
        let (last, count, most) = self.second;
        let count = if last == second { count + 1 } else { 1 };
        self.second = (second, count, most.max(count));
    }

    fn arrives(&mut self, call: usize) {
        let at = self.vendor_at();
        let Some(live) = self.live.get_mut(&call) else {
            return;
        };
        let Some(request) = live.request.take() else {
            return;
        };
        let stream = self.situation.streams[live.stream];
        let answer = self
            .vendor
            .answers(&request, (stream.asks, stream.fate), at, &mut self.dice);
        if let Some(outcome) = answer.outcome {
            live.heard.push(answer.number);
            live.outcome = Some(outcome);
            let back = self.dice.millis(15, 100);
            self.queue(self.at + back, Happening::Returns(call));
        }
    }

    fn returns(&mut self, call: usize) {
        let outcome = self.live.get_mut(&call).and_then(|live| live.outcome.take());
        if let Some(outcome) = outcome {
            self.answered(call, outcome);
        }
    }

    fn answered(&mut self, call: usize, outcome: Outcome) {
        let now = self.now();
        let Some(live) = self.live.get_mut(&call) else {
            return;
        };
        let process = self.situation.streams[live.stream].process;
        let next = live
            .hand
            .answered(&mut self.processes[process].session, now, outcome);
        self.news(process);
        self.moves(call, next);
    }

    fn wakes(&mut self, call: usize, epoch: u32) {
        let now = self.now();
        let Some(live) = self.live.get_mut(&call) else {
            return;
        };
        if live.epoch != epoch {
            return;
        }
        let process = self.situation.streams[live.stream].process;
        if live.hand.ticket().is_some_and(|ticket| ticket == ticket.unsent()) {
            self.processes[process]
                .waiters
                .retain(|(waiter, _)| *waiter != call);
            let next = live.hand.waited(&mut self.processes[process].session, now);
            self.news(process);
            self.moves(call, next);
        } else {
            live.outcome = None;
            live.request = None;
            let timeout = Failure::new(FailureKind::Timeout(Phase::Exchange), Sent::Maybe);
            self.answered(call, Err(timeout));
        }
    }

    /// Wakes who has waited for news of the token, if there is any.
    fn news(&mut self, process: usize) {
        let process = &mut self.processes[process];
        let generation = process.session.generation();
        let mut woken = Vec::new();
        process.waiters.retain(|(call, seen)| {
            let stays = *seen == generation;
            if !stays {
                woken.push(*call);
            }
            stays
        });
        for call in woken {
            if let Some(live) = self.live.get(&call) {
                let epoch = live.epoch;
                self.queue(self.at, Happening::Wakes(call, epoch));
            }
        }
    }

    fn ends(&mut self, call: usize, result: Result<Summary, Error>) {
        let Some(live) = self.live.remove(&call) else {
            return;
        };
        let took = self.at.saturating_sub(live.began);
        let fate = self.situation.streams[live.stream].fate;
        let hopeless = live.hopeless || self.vendor.is_disabled();
        let served = matches!(fate, Fate::Served | Fate::Shaky(_)) && !hopeless;
        let figures = &mut self.figures;
        let (count, longest, sends) = if served {
            (
                &mut figures.served,
                &mut figures.longest.0,
                &mut figures.own_sends.0,
            )
        } else {
            (
                &mut figures.denied,
                &mut figures.longest.1,
                &mut figures.own_sends.1,
            )
        };
        count.0 += 1;
        count.1 += u64::from(result.is_ok());
        *longest = (*longest).max(took);
        *sends += live.own_sends;
        let Err(error) = result else {
            return;
        };
        figures.foreign += u64::from(is_foreign(&error, &live.heard));
        if served {
            let events = self.situation.events.iter().map(|(at, _)| *at);
            let last = events.max().unwrap_or_default();
            if live.began >= last {
                figures.recovery = figures.recovery.max(live.began.saturating_sub(last));
            }
            figures
                .example
                .get_or_insert_with(|| format!("begun at {:?}, after {took:?}: {error}", live.began));
        }
    }
}

/// Whether an error shows anything of a reply that came to another call.
fn is_foreign(error: &Error, heard: &[u64]) -> bool {
    let raw = String::from_utf8_lossy(error.raw());
    [format!("{error} {error:?}"), raw.into_owned()]
        .iter()
        .any(|text| {
            let words = text
                .split(WORDS)
                .skip(1)
                .filter_map(|rest| rest.split_once('.')?.0.parse().ok());
            let ids = text
                .split(ID)
                .skip(1)
                .filter_map(|rest| u64::from_str_radix(rest.get(..8)?, 16).ok());
            words.chain(ids).any(|number| !heard.contains(&number))
        })
}

fn result() -> GetResult {
    match SignatureId::new("f302f5d2454a85c2") {
        Ok(id) => GetResult::new(id),
        Err(_) => unreachable!("a plain word"),
    }
}

fn elsewhere() -> GenerateUrl {
    let (Ok(well), Ok(ill), Ok(region)) = (
        ReturnUrl::new("https://shop.example/verified"),
        ReturnUrl::new("https://shop.example/not-verified"),
        Region::new("PHL"),
    ) else {
        unreachable!("two plain addresses and three capitals")
    };
    GenerateUrl::new(well, ill, region)
}
