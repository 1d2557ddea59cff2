//! One claimed thing, from its claim to its settlement: pure as a call of the core's is.
//!
//! ```text
//!   Job::begin(claim)
//!        │
//!        ▼
//!    Intend ── fenced off ─────────────────────────────► Done
//!        │
//!        ▼ committed, and the lease is still good
//!   Ask or Fetch
//!        │
//!        ▼ there is something to keep
//!      Keep ◄── failed: Pause, a few times
//!        │
//!        ▼
//!     Settle ◄── failed: Pause, until the lease is long over
//!        │
//!        ▼
//!      Done
//! ```
//!
//! Each step is a value that must be consumed. If its process dies in the middle, the store finds the committed intent
//! when the lease is over, and counts a doubt ([`Store::sweep`](crate::Store::sweep)).

mod judge;
mod picture;
mod step;

use std::sync::Arc;
use std::time::Duration;

use advance_core::session::Call;
use advance_core::{Charges, Error, GetResult, Now};

pub(crate) use judge::is_the_accounts;
pub use step::{Asking, Fetching, Intending, Keeping, Paused, Report, Settling, Step};

use crate::schedule::Heard;
use crate::sink::{Keepsake, SinkError};
use crate::{AttemptId, Claim, Intent, Kind, Pictures, Policy, Progress, Settlement, Then, Work};

/// What one claim leads to, on its way.
#[derive(Debug)]
pub struct Job {
    claim: Claim,
    policy: Arc<Policy>,
    attempt: AttemptId,
    entropy: u64,
    /// When it was claimed.
    claimed: Now,
    /// When the attempt's lease began, at the latest.
    intended: Now,
    tries: u32,
    charges: Charges,
    trouble: Option<Error>,
    unkept: Option<SinkError>,
}

impl Job {
    /// Begins with what was claimed at this time. `attempt` must be a new one; `entropy` is any number and spreads pauses.
    pub fn begin(claim: Claim, policy: Arc<Policy>, attempt: AttemptId, entropy: u64, now: Now) -> Step {
        let job = Self {
            claim,
            policy,
            attempt,
            entropy,
            claimed: now,
            intended: now,
            tries: 0,
            charges: Charges::NONE,
            trouble: None,
            unkept: None,
        };
        let may_cost = match &job.claim.work {
            Work::Result(_) => true,
            Work::Picture { .. } => job.asks_for_a_link(),
        };
        let intent = Intent::new(&job.claim, attempt, may_cost, job.policy.lease());
        Step::Intend(intent, Intending(Box::new(job)))
    }

    /// Whether a picture has no link that is still good, and another one may be asked for.
    fn asks_for_a_link(&self) -> bool {
        let Work::Picture {
            link,
            received,
            now,
            asked_again,
            ..
        } = &self.claim.work
        else {
            return false;
        };
        let good = link
            .as_ref()
            .is_some_and(|link| !link.remaining(*received, *now).is_zero());
        !good && self.policy.pictures == Pictures::FetchAndPay && *asked_again < picture::QUESTIONS
    }

    /// The intent is committed: send, unless this process was held up until its lease may be over.
    fn send(self: Box<Self>, now: Now) -> Step {
        if elapsed(self.intended, now) > self.policy.lease() / 3 {
            return self.settle(Settlement::new(Charges::NONE, Then::Back(Duration::ZERO)));
        }
        match &self.claim.work {
            Work::Picture { link: Some(link), .. } if !self.asks_for_a_link() => {
                let link = link.clone();
                Step::Fetch(link, Fetching(self))
            }
            Work::Picture { .. } if !self.asks_for_a_link() => {
                self.settle(picture::lost("its link has ended"))
            }
            _ => {
                let call = Call::new(GetResult::new(self.claim.signature_id.clone()))
                    .total(self.policy.call)
                    // A doubt is the store's to count, and the policy's to follow by another question.
                    .retry_maybe_charged(false);
                Step::Ask(
                    call,
                    Asking {
                        job: self,
                        asked: now,
                    },
                )
            }
        }
    }

    fn heard<'a>(&self, progress: &'a Progress, asked: Now, now: Now) -> Heard<'a> {
        Heard {
            policy: self.policy.wait_for(self.claim.signature_id.clone()),
            progress,
            asked: elapsed(self.claimed, asked),
            answered: elapsed(self.claimed, now),
            entropy: self.entropy,
        }
    }

    fn keep(self: Box<Self>, keepsake: Keepsake, settlement: Settlement) -> Step {
        Step::Keep(
            keepsake.clone(),
            Keeping {
                job: self,
                keepsake,
                settlement,
            },
        )
    }

    fn settle(mut self: Box<Self>, settlement: Settlement) -> Step {
        self.tries = 0;
        self.charges = settlement.charges;
        Step::Settle(
            self.attempt,
            settlement.clone(),
            Settling {
                job: self,
                settlement,
            },
        )
    }

    const fn kind(&self) -> Kind {
        self.claim.kind()
    }
}

/// How much time passed by the clock that says more: the monotonic one stands still while a machine sleeps.
fn elapsed(from: Now, to: Now) -> Duration {
    let mono = to.mono.saturating_sub(from.mono);
    mono.max(to.wall.saturating_since(from.wall))
}

/// A pause that doubles with each failure, from 100 ms to 10 s.
fn pause(failures: u32) -> Duration {
    Duration::from_millis(100 << failures.saturating_sub(1).min(7)).min(Duration::from_secs(10))
}
