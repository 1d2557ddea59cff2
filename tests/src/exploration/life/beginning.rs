//! How calls, waits and batches begin, and how waits and batches go on.

use std::num::NonZeroUsize;
use std::time::Duration;

use advance_core::GetResult;
use advance_core::session::{
    Batch, BatchPolicy, BatchStep, Call, Session, WaitOutcome, WaitPolicy, WaitStep,
};
use advance_core::url::DownloadPolicy;
use advance_core::wire::parse;

use super::super::scope::Asks;
use super::super::strand::{Brought, Stage, Strand};
use super::Life;
use crate::monitors::{Seen, Terms};
use crate::simulation::hand::{self, Hand, Move};
use crate::simulation::violation::{Checked, ensure};
use crate::simulation::{Invariant, Sabotage, requests};

impl Life<'_> {
    fn terms(&self, strand: usize) -> Terms {
        let asks = self.strands[strand].asks;
        let policy = self.scope.policy;
        Terms {
            attempts: policy.attempts,
            total: policy.total,
            attempt: policy.attempt,
            longest_backoff: Duration::from_secs(10),
            maybe_charged: policy.maybe_charged,
            budget: policy.budget,
            must_succeed: !self.prelude && self.scope.succeed.contains(&asks),
        }
    }

    pub(super) fn begins(&mut self, strand: usize) -> Checked {
        let now = self.now();
        let id = requests::id();
        match self.strands[strand].asks {
            Asks::Result => {
                let call = Call::new(GetResult::new(id));
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), Brought::Verification)
                })
            }
            Asks::Link => {
                let call = Call::new(requests::generate_url());
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), |_| Brought::Other)
                })
            }
            Asks::Token => self.takes(strand, |session| {
                hand::take_for(session.begin(Call::token(), now), |_| Brought::Other)
            }),
            Asks::Picture => {
                let call = picture();
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), |_| Brought::Other)
                })
            }
            Asks::Wait => {
                let policy = WaitPolicy::of(id).link_ends(now.wall.saturating_add(Duration::from_secs(600)));
                let policy = policy.backoff(Duration::from_secs(100), Duration::from_secs(200));
                self.strands[strand].wait = Some(self.session.begin_wait(policy, now));
                self.waits_on(strand)
            }
            Asks::Batch(many) => {
                let two = NonZeroUsize::MIN.saturating_add(1);
                #[cfg_attr(not(feature = "sabotage"), expect(unused_mut, reason = "nothing is broken"))]
                let mut policy = BatchPolicy::new().concurrency(two);
                #[cfg(feature = "sabotage")]
                if let Some(broken) = self.broken {
                    policy = policy.sabotaged(broken.rule());
                }
                debug_assert!(self.broken.is_none() || Sabotage::is_possible());
                self.ids = vec![id; many];
                self.batch = Some(Batch::new(self.ids.clone(), policy));
                self.strands[strand].stage = Stage::Over;
                self.batch_goes_on()
            }
        }
    }

    fn takes(
        &mut self,
        strand: usize,
        begin: impl FnOnce(&mut Session) -> (Box<dyn Hand<Brought>>, Move<Brought>),
    ) -> Checked {
        self.see(&Seen::Terms(self.terms(strand)))?;
        let (hand, first) = begin(&mut self.session);
        self.strands[strand].hand = Some(hand);
        self.after_transition(Some(strand))?;
        self.moves(strand, first)
    }

    /// The wait of this strand says what comes next.
    pub(super) fn waits_on(&mut self, strand: usize) -> Checked {
        let now = self.now();
        let Some(mut wait) = self.strands[strand].wait.take() else {
            return Ok(());
        };
        let step = wait.step(&mut self.session, now);
        self.after_transition(None)?;
        match step {
            WaitStep::Ask(call) => {
                self.strands[strand].wait = Some(wait);
                self.takes(strand, |session| {
                    hand::take_for(session.begin(call, now), Brought::Verification)
                })
            }
            WaitStep::Pause(pause) => {
                self.strands[strand].wait = Some(wait);
                self.strands[strand].stage = Stage::Sleeping(self.mono + pause);
                Ok(())
            }
            WaitStep::Done => {
                self.strands[strand].stage = Stage::Over;
                let waited = wait.into_result();
                let timely = !matches!(waited.outcome, WaitOutcome::TimedOut);
                ensure(Invariant::WaitsEnd, timely, || {
                    format!("a wait of its own time ends by it: {waited:?}")
                })
            }
        }
    }

    pub(super) fn batch_goes_on(&mut self) -> Checked {
        while let Some(step) = self.batch.as_mut().map(|batch| batch.step(self.mono)) {
            let BatchStep::Begin(number, id) = step else { break };
            let running = self
                .strands
                .iter()
                .filter(|one| one.number.is_some() && one.is_under_way());
            ensure(Invariant::BatchLimits, running.count() < 2, || {
                "a third of two is under way".to_owned()
            })?;
            let mut strand = Strand::new(Asks::Result);
            strand.number = Some(number);
            self.strands.push(strand);
            let now = self.now();
            let call = Call::new(GetResult::new(id));
            self.takes(self.strands.len() - 1, |session| {
                hand::take_for(session.begin(call, now), Brought::Verification)
            })?;
        }
        Ok(())
    }

    pub(super) fn judge_batch(&mut self) -> Checked {
        let Some(mut batch) = self.batch.take() else {
            return Ok(());
        };
        let finished = batch.step(self.mono) == BatchStep::Finished;
        let result = batch.into_result();
        let whole = result.items.iter().all(|item| item.result.is_some());
        let order = result.items.iter().map(|item| &item.signature_id).eq(&self.ids);
        ensure(Invariant::WholeBatch, finished && whole && order, || {
            let lost = result.items.iter().position(|item| item.result.is_none());
            format!("the batch has no outcome for number {lost:?}")
        })?;
        let booked = self.session.charges();
        ensure(Invariant::TrueCharges, result.charges == booked, || {
            format!("the batch says {:?}, and the session {booked:?}", result.charges)
        })
    }
}

/// A picture's link, as a reply has it.
fn picture() -> Call<advance_core::session::Download> {
    let id = GetResult::new(requests::id());
    let reply = br#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","image":"https://pictures.example/card.png?Signature=s3cret"}}"#;
    let envelope = parse(&id, reply).ok().and_then(|envelope| envelope.data);
    let call = envelope.as_ref().and_then(|verification| {
        let policy = DownloadPolicy::nowhere().host("pictures.example").ok()?;
        Call::download(verification.image()?, &policy).ok()
    });
    match call {
        Some(call) => call,
        None => unreachable!("a constant reply, with a picture on a host of the list"),
    }
}
