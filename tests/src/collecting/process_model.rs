//! A process that collects, step by step.

use std::collections::VecDeque;
use std::time::Duration;

use advance_collector::job::{Asking, Fetching, Step};
use advance_collector::{AttemptId, Claim, Kind};
use advance_core::secret::AccessToken;
use advance_core::session::{Download, ExportedToken, Session, Step as CallStep};
use advance_core::{Config, Credentials, GetResult, Now, RetryPolicy};

/// A process: its session, and the jobs it has under way.
pub(super) struct Process {
    pub(super) session: Session,
    pub(super) jobs: VecDeque<Work>,
    /// Nothing of it moves before this, by the monotonic clock.
    pub(super) frozen: Duration,
    pub(super) turn: u64,
}

/// A job under way.
pub(super) struct Work {
    pub(super) attempt: AttemptId,
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) at: At,
    /// Nothing of it moves before this, by the monotonic clock.
    pub(super) due: Duration,
}

/// Where a job stands.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum At {
    /// It has a step to carry out.
    Job(Step),
    /// Its call has one.
    Call(CallStep<GetResult>, Asking),
    /// Its download has one.
    Download(CallStep<Download>, Fetching),
}

impl Process {
    pub(super) fn new(seed: u64, now: Now) -> Self {
        let Ok(credentials) = Credentials::new("sampleaccesskey", "samplesecretkey") else {
            unreachable!("the sample's keys are keys")
        };
        let retry = RetryPolicy::new().attempts(2).total(Duration::from_secs(20));
        let mut session = Session::new(Config::new().retry(retry), credentials, seed);
        if let Ok(token) = AccessToken::new("token.of.process") {
            let expires = now.wall.saturating_add(Duration::from_secs(86_000));
            session.adopt_token(ExportedToken::new(token, expires), now);
        }
        Self {
            session,
            jobs: VecDeque::new(),
            frozen: Duration::ZERO,
            turn: 0,
        }
    }
}

impl Work {
    pub(super) fn new(claim: &Claim, attempt: AttemptId, step: Step) -> Self {
        Self {
            attempt,
            kind: claim.kind(),
            id: claim.signature_id.as_str().to_owned(),
            at: At::Job(step),
            due: Duration::ZERO,
        }
    }
}
