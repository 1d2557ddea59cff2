//! What both runners go by: where replies and outcomes go, and what each answer of the account and the store means.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use advance_core::{Advice, Error, Now, SignatureId};

use super::observe::show;
use super::shift::CLAIM_LEASE;
use super::{Observe, RunError, Seen, Shift, Tell};
use crate::job::{Job, Report, Step};
use crate::sink::{Discard, Sink};
use crate::{AttemptId, Claim, Event, Policy, Rest, StoreError, StoreErrorKind, Wanted};

/// How long until an outcome that could not be told is tried again.
pub(super) const TELL_AGAIN: Duration = Duration::from_secs(10);

/// The most claims that one verification has at a time: its question, and one for each kind of picture.
const CLAIMS_OF_ONE: usize = 3;

pub(super) struct Terms {
    pub(super) policy: Arc<Policy>,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) tell: Option<Arc<dyn Tell>>,
    pub(super) observer: Option<Arc<dyn Observe>>,
}

impl Terms {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy: Arc::new(policy),
            sink: Arc::new(Discard),
            tell: None,
            observer: None,
        }
    }

    pub(super) fn shift(&self, pace: super::Pace) -> Shift {
        Shift::new(pace, self.policy.retention.is_some())
    }

    pub(super) fn show(&self, seen: &Seen<'_>) {
        show(self.observer.as_deref(), seen);
    }

    /// Everything that there is to do about one verification.
    pub(super) fn only(signature_id: &SignatureId) -> Wanted {
        Wanted::new(CLAIMS_OF_ONE, CLAIM_LEASE).only(signature_id.clone())
    }

    pub(super) fn begin(&self, claim: Claim, now: Now) -> Step {
        let entropy = crate::attempt::random();
        Job::begin(claim, Arc::clone(&self.policy), AttemptId::random(), entropy, now)
    }

    pub(super) fn worked(&self, shift: &mut Shift, report: &Report, mono: Duration) {
        self.show(&Seen::Worked(report));
        shift.ended(report, mono);
    }

    pub(super) fn swept(&self, shift: &mut Shift, found: u64, mono: Duration) {
        if found > 0 {
            self.show(&Seen::Swept(found));
        }
        shift.swept(found, mono);
    }

    /// Without somebody to tell, outcomes stay where they are.
    pub(super) fn rest(&self, rest: Rest) -> Rest {
        Rest::new(rest.due, rest.untold.filter(|_| self.tell.is_some()))
    }

    /// Ends the run if waiting brings no token: the keys are wrong, or the request is.
    pub(super) fn token<T>(
        &self,
        shift: &mut Shift,
        answer: Result<T, Error>,
        mono: Duration,
    ) -> Result<(), RunError> {
        let Err(error) = answer else {
            shift.token(true, mono);
            return Ok(());
        };
        self.show(&Seen::NoToken(&error));
        shift.token(false, mono);
        match error.advice() {
            Advice::CheckCredentials | Advice::FixRequest => Err(RunError::Account(error)),
            _ => Ok(()),
        }
    }

    /// Ends the run if waiting does not mend the store.
    pub(super) fn store_failed(
        &self,
        shift: &mut Shift,
        error: StoreError,
        mono: Duration,
    ) -> Result<(), RunError> {
        self.show(&Seen::Store(&error));
        shift.store_failed(mono);
        match error.kind() {
            StoreErrorKind::Unavailable | StoreErrorKind::Full | StoreErrorKind::Other => Ok(()),
            _ => Err(RunError::Store(error)),
        }
    }

    /// Tells it, and says whether the application took it. A panic in the callback is a failure.
    pub(super) fn try_to_tell(&self, tell: &dyn Tell, event: &Event) -> bool {
        let took = match catch_unwind(AssertUnwindSafe(|| tell.tell(event))) {
            Ok(answer) => answer.is_ok(),
            Err(panic) => {
                // What was panicked with may panic again when it is dropped.
                std::mem::forget(panic);
                false
            }
        };
        if !took {
            self.show(&Seen::NotTold(event));
        }
        took
    }

    /// Has the sink forget these, which are then to be erased from the store: those that it could, and how the first of
    /// the others failed.
    pub(super) fn forget_all(&self, ids: Vec<SignatureId>) -> (Vec<SignatureId>, Result<(), StoreError>) {
        let mut failed = Ok(());
        let mut forgotten = ids;
        forgotten.retain(|id| match self.forget(id) {
            Ok(()) => true,
            Err(error) => {
                if failed.is_ok() {
                    failed = Err(error);
                }
                false
            }
        });
        (forgotten, failed)
    }

    pub(super) fn pruned(&self, shift: &mut Shift, forgotten: &[SignatureId], mono: Duration) {
        for id in forgotten {
            self.show(&Seen::Pruned(id));
        }
        shift.pruned(forgotten.len(), mono);
    }

    /// Has the sink forget it, before the store does: what the store does not name any more is never looked for again.
    pub(super) fn forget(&self, signature_id: &SignatureId) -> Result<(), StoreError> {
        self.sink
            .forget(signature_id)
            .map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error))
    }
}
