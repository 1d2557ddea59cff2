//! The states of a job, each a value that must be consumed.

use std::fmt;
use std::time::Duration;

use advance_core::domain::Picture;
use advance_core::session::Call;
use advance_core::{Charges, Error, GetResult, ImageLink, Now, Response, SignatureId, Verification};

use super::{Job, judge, pause, picture};
use crate::sink::{Keepsake, SinkError};
use crate::{AttemptId, Intended, Intent, Kind, Settled, Settlement, StoreError, Then, Work};

/// How often a sink is asked to keep something.
const KEEPS: u32 = 4;

/// How often a store is asked to book an outcome: for about ten minutes.
const SETTLES: u32 = 64;

/// What to do next.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
#[must_use = "a job goes on only if its step is carried out"]
pub enum Step {
    /// Commit this to the store, and tell what it said.
    Intend(Intent, Intending),
    /// Make this call, and tell how it ended.
    Ask(Call<GetResult>, Asking),
    /// Fetch this picture, and tell how that ended.
    Fetch(ImageLink, Fetching),
    /// Give this to the sink, and tell whether it kept it.
    Keep(Keepsake, Keeping),
    /// Have the store book this, and tell what it said.
    Settle(AttemptId, Settlement, Settling),
    /// Wait this long, and come back.
    Pause(Duration, Paused),
    /// The job has ended.
    Done(Report),
}

/// How a job ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// After what it was.
    pub kind: Kind,
    /// What became of its settlement; nothing if it was fenced off, or if the store could not be reached.
    pub settled: Option<Settled>,
    /// What it booked, if it did.
    pub then: Option<Then>,
    /// What its requests cost.
    pub charges: Charges,
    /// What went wrong with its call, if anything did.
    pub trouble: Option<Error>,
    /// What went wrong with the store, if that is what ended it.
    pub store: Option<StoreError>,
    /// What went wrong with the sink, if it did not keep something.
    pub sink: Option<SinkError>,
}

/// A job whose intent is being committed.
#[must_use = "a job goes on only if it is told what the store said"]
pub struct Intending(pub(super) Box<Job>);

/// A job whose call is under way.
#[must_use = "a job goes on only if it is told how its call ended"]
pub struct Asking {
    pub(super) job: Box<Job>,
    pub(super) asked: Now,
}

/// A job whose picture is being fetched.
#[must_use = "a job goes on only if it is told how its download ended"]
pub struct Fetching(pub(super) Box<Job>);

/// A job whose keepsake is with the sink.
#[must_use = "a job goes on only if it is told whether the sink kept it"]
pub struct Keeping {
    pub(super) job: Box<Job>,
    pub(super) keepsake: Keepsake,
    pub(super) settlement: Settlement,
}

/// A job whose outcome is being booked.
#[must_use = "a job goes on only if it is told what the store said"]
pub struct Settling {
    pub(super) job: Box<Job>,
    pub(super) settlement: Settlement,
}

/// A job that pauses before it tries again.
#[must_use = "a job goes on only if it is resumed after its pause"]
pub struct Paused(Next);

#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
enum Next {
    Keep(Keeping),
    Settle(Settling),
}

impl Intending {
    /// The job goes on with what the store said.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was answered is the job's from here"
    )]
    pub fn intended(self, answer: Result<Intended, StoreError>, now: Now) -> Step {
        match answer {
            Ok(Intended::Committed) => self.0.send(now),
            Ok(Intended::Fenced) => Step::Done(self.0.report()),
            // It may have been committed all the same. Nothing was sent, and nothing will be.
            Err(_) => self
                .0
                .settle(Settlement::new(Charges::NONE, Then::Back(pause(1)))),
        }
    }
}

impl Asking {
    /// The job goes on with how its call ended.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was answered is the job's from here"
    )]
    pub fn answered(self, result: Result<Response<Verification>, Error>, now: Now) -> Step {
        let Self { mut job, asked } = self;
        job.trouble = result.as_ref().err().cloned();
        let (settlement, keepsake) = match &job.claim.work {
            Work::Result(progress) => judge::result(&job, progress, asked, now, &result),
            Work::Picture { kind, .. } => (picture::asked(&job, *kind, &result), None),
        };
        match keepsake {
            Some(keepsake) => job.keep(keepsake, settlement),
            None => job.settle(settlement),
        }
    }
}

impl Fetching {
    /// The job goes on with how its download ended.
    pub fn fetched(self, result: Result<Picture, Error>) -> Step {
        let mut job = self.0;
        job.trouble = result.as_ref().err().cloned();
        match result {
            Ok(found) => {
                let (keepsake, settlement) = picture::found(&job, &found);
                job.keep(keepsake, settlement)
            }
            Err(error) => {
                let settlement = picture::missing(&job, &error);
                job.settle(settlement)
            }
        }
    }
}

impl Keeping {
    /// The job goes on with what the sink said.
    pub fn kept(mut self, answer: Result<(), SinkError>) -> Step {
        let Err(error) = answer else {
            return self.job.settle(self.settlement);
        };
        self.job.tries += 1;
        if self.job.tries < KEEPS {
            return Step::Pause(pause(self.job.tries), Paused(Next::Keep(self)));
        }
        let mut job = self.job;
        job.unkept = Some(error);
        let settlement = judge::unkept(self.settlement);
        job.settle(settlement)
    }
}

impl Settling {
    /// The job goes on with what the store said.
    pub fn settled(mut self, answer: Result<Settled, StoreError>) -> Step {
        match answer {
            Ok(settled) => {
                let mut report = self.job.report();
                report.settled = Some(settled);
                report.then = Some(self.settlement.then);
                Step::Done(report)
            }
            Err(_) if self.job.tries < SETTLES => {
                self.job.tries += 1;
                Step::Pause(pause(self.job.tries), Paused(Next::Settle(self)))
            }
            Err(error) => {
                let mut report = self.job.report();
                report.store = Some(error);
                Step::Done(report)
            }
        }
    }
}

impl Paused {
    /// The job goes on after its pause.
    pub fn resume(self) -> Step {
        match self.0 {
            Next::Keep(keeping) => Step::Keep(keeping.keepsake.clone(), keeping),
            Next::Settle(settling) => {
                Step::Settle(settling.job.attempt, settling.settlement.clone(), settling)
            }
        }
    }
}

impl Job {
    fn report(self: Box<Self>) -> Report {
        let kind = self.kind();
        Report {
            signature_id: self.claim.signature_id,
            kind,
            settled: None,
            then: None,
            charges: self.charges,
            trouble: self.trouble,
            store: None,
            sink: self.unkept,
        }
    }
}

/// A step shows where it leads, and nothing of what it carries.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intend(intent, _) => f.debug_tuple("Intend").field(intent).finish(),
            Self::Ask(..) => f.write_str("Ask"),
            Self::Fetch(..) => f.write_str("Fetch"),
            Self::Keep(keepsake, _) => f.debug_tuple("Keep").field(keepsake).finish(),
            Self::Settle(attempt, settlement, _) => {
                f.debug_tuple("Settle").field(attempt).field(settlement).finish()
            }
            Self::Pause(pause, _) => f.debug_tuple("Pause").field(pause).finish(),
            Self::Done(report) => f.debug_tuple("Done").field(report).finish(),
        }
    }
}

macro_rules! opaque {
    ($($state:ident)+) => {$(
        impl fmt::Debug for $state {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($state)).finish_non_exhaustive()
            }
        }
    )+};
}

opaque!(Intending Asking Fetching Keeping Settling Paused);
