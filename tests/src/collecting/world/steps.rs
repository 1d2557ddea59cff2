//! What a process does for one job, step by step, and how its requests fare.

use std::sync::atomic::Ordering;
use std::time::Duration;

use advance_collector::job::Step;
use advance_collector::{AttemptId, Intended, Kind, Store as _};
use advance_core::session::{Call, Step as CallStep, Until};
use advance_core::transport::{Failure, FailureKind, Sent};

use super::{Died, World, hosts};
use crate::collecting::fate::Fate;
use crate::collecting::process_model::{At, Work};

impl World {
    /// One step of a job.
    pub(super) fn advance(&mut self, who: usize, mut work: Work) -> Result<(), Died> {
        work.at = match work.at {
            At::Job(step) => match self.job(who, &mut work.due, step)? {
                Some(at) => at,
                None => return Ok(()),
            },
            At::Call(step, asking) => match step {
                CallStep::Send(request, limits, awaiting) => {
                    let outcome = self.send(
                        who,
                        &request,
                        limits.within,
                        Some((&work.id, work.kind, work.attempt)),
                    )?;
                    let now = self.now();
                    At::Call(
                        awaiting.resume(&mut self.processes[who].session, now, outcome),
                        asking,
                    )
                }
                CallStep::Wait(until, pause) => {
                    self.wait(&mut work.due, until);
                    if work.due > self.mono {
                        At::Call(CallStep::Wait(Until::Elapsed(Duration::ZERO), pause), asking)
                    } else {
                        let now = self.now();
                        At::Call(pause.resume(&mut self.processes[who].session, now), asking)
                    }
                }
                CallStep::Share(..) => unreachable!("no store was given"),
                CallStep::Done(result) => At::Job(asking.answered(result, self.now())),
            },
            At::Download(step, fetching) => match step {
                CallStep::Send(request, limits, awaiting) => {
                    let outcome = self.send(who, &request, limits.within, None)?;
                    let now = self.now();
                    At::Download(
                        awaiting.resume(&mut self.processes[who].session, now, outcome),
                        fetching,
                    )
                }
                CallStep::Wait(until, pause) => {
                    self.wait(&mut work.due, until);
                    if work.due > self.mono {
                        At::Download(CallStep::Wait(Until::Elapsed(Duration::ZERO), pause), fetching)
                    } else {
                        let now = self.now();
                        At::Download(pause.resume(&mut self.processes[who].session, now), fetching)
                    }
                }
                CallStep::Share(..) => unreachable!("no store was given"),
                CallStep::Done(result) => At::Job(fetching.fetched(result)),
            },
        };
        self.processes[who].jobs.push_back(work);
        Ok(())
    }

    fn wait(&self, due: &mut Duration, until: Until) {
        let pause = match until {
            Until::Elapsed(pause) => pause,
            // The call that asks for the token is a job of the same process, which moves on in a moment.
            Until::Token { at_most, .. } => at_most.min(Duration::from_millis(50)),
        };
        *due = self.mono + pause;
    }

    /// A step of the collector's own: where the job stands then, if it goes on.
    fn job(&mut self, who: usize, due: &mut Duration, step: Step) -> Result<Option<At>, Died> {
        Ok(Some(match step {
            Step::Intend(intent, next) => {
                let synced = self.syncs_intents;
                let answer = self.store(who, synced, |store| store.intend(&intent))?;
                if matches!(answer, Ok(Intended::Committed)) {
                    self.intents.insert(intent.attempt);
                    if synced {
                        self.synced_intents.insert(intent.attempt);
                    }
                }
                At::Job(next.intended(answer, self.now()))
            }
            Step::Ask(call, next) => {
                let now = self.now();
                At::Call(self.processes[who].session.begin(call, now), next)
            }
            Step::Fetch(link, next) => {
                let now = self.now();
                match Call::download(&link, &hosts()) {
                    Ok(call) => At::Download(self.processes[who].session.begin(call, now), next),
                    Err(error) => At::Job(next.fetched(Err(error))),
                }
            }
            Step::Keep(_, next) => {
                let failed = self.moment(who)? == Fate::Fail;
                At::Job(next.kept(if failed { Err("no room".into()) } else { Ok(()) }))
            }
            Step::Settle(attempt, settlement, next) => {
                let answer = self.store(who, true, |store| store.settle(attempt, &settlement))?;
                At::Job(next.settled(answer))
            }
            Step::Pause(pause, next) => {
                *due = self.mono + pause;
                At::Job(next.resume())
            }
            Step::Done(_) => return Ok(None),
        }))
    }

    /// One request: it may be lost on the way there or back.
    fn send(
        &mut self,
        who: usize,
        request: &http::Request<Vec<u8>>,
        within: Duration,
        of: Option<(&str, Kind, AttemptId)>,
    ) -> Result<Result<http::Response<Vec<u8>>, Failure>, Died> {
        if self.moment(who)? == Fate::Fail {
            return Ok(Err(Failure::new(FailureKind::Connect, Sent::No)));
        }
        let path = request.uri().path().to_owned();
        let asks = path.ends_with("/get-result");
        let before = of
            .map(|(id, ..)| self.shop.charged(id).results)
            .unwrap_or_default();
        let wall = self.clock.load(Ordering::SeqCst);
        let (status, kind, body) = self.shop.handle(&path, request.body(), wall);
        if let Some((id, kind, attempt)) = of.filter(|_| asks) {
            let results = self.shop.charged(id).results - before;
            if kind == Kind::Result {
                self.asked.entry(id.to_owned()).or_default().results += results;
            }
            self.uncommitted |= !self.intents.contains(&attempt);
        }
        let took = self.dice.millis(10, 900);
        self.pass(took);
        if self.moment(who)? == Fate::Fail {
            self.pass(within);
            let failure = self.dice.pick(&[FailureKind::Reset, FailureKind::Body]);
            return Ok(Err(Failure::new(failure, Sent::Maybe)));
        }
        let response = http::Response::builder()
            .status(status)
            .header("content-type", kind);
        Ok(Ok(response.body(body).unwrap_or_default()))
    }
}
