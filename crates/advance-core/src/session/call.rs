//! One call, as it is handed to a session.

use std::time::Duration;

use http::Response as HttpResponse;

use super::Response;
use super::event::CallId;
use super::flight::Goal;
use super::job::{Job, sealed};
use super::judge::{Carried, Judged, Known, judge};
use crate::time::Now;
use crate::transport::Failure;
use crate::wire::{Draft, Endpoint};

/// A job to do, with what differs from the session's configuration for this once.
///
/// ```
/// use std::time::Duration;
/// use advance_core::{GetResult, SignatureId};
/// use advance_core::session::Call;
///
/// let call = Call::new(GetResult::new(SignatureId::new("f302f5d2454a85c2")?))
///     .total(Duration::from_secs(5))
///     // Better charged twice than not known.
///     .retry_maybe_charged(true);
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call<J> {
    pub(super) job: J,
    pub(super) goal: Goal,
    pub(super) total: Option<Duration>,
    /// What it may take at the most, over every other bound.
    pub(super) at_most: Duration,
    pub(super) attempts: Option<u32>,
    pub(super) maybe_charged: Option<bool>,
    /// The wait that it is a poll of.
    pub(super) wait: Option<CallId>,
}

/// What bounds a call, instead of the policy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) total: Option<Duration>,
    pub(crate) attempts: Option<u32>,
}

impl<E: Endpoint> Call<E> {
    /// Calls this endpoint as the session is configured. The endpoint encodes its request here.
    pub fn new(endpoint: E) -> Self {
        let draft = Draft::of(&endpoint);
        Self::of(endpoint, Goal::Call(draft))
    }
}

impl<J> Call<J> {
    pub(super) const fn of(job: J, goal: Goal) -> Self {
        Self {
            job,
            goal,
            total: None,
            at_most: Duration::MAX,
            attempts: None,
            maybe_charged: None,
            wait: None,
        }
    }

    /// The longest this call may take in all, instead of the policy's.
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// The same, where that would be longer than this.
    pub(super) const fn at_most(mut self, left: Duration) -> Self {
        self.at_most = left;
        self
    }

    /// It is a poll of this wait.
    pub(super) const fn of_wait(mut self, wait: CallId) -> Self {
        self.wait = Some(wait);
        self
    }

    /// How many attempts this call has, instead of the policy's.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// The same within these bounds, where it has none of its own.
    pub(crate) fn within(mut self, bounds: Bounds) -> Self {
        self.total = self.total.or(bounds.total);
        self.attempts = self.attempts.or(bounds.attempts);
        self
    }

    /// Whether this call is sent again when it may have been charged already, instead of the policy's word.
    #[must_use]
    pub const fn retry_maybe_charged(mut self, allowed: bool) -> Self {
        self.maybe_charged = Some(allowed);
        self
    }
}

impl<E: Endpoint> sealed::Sealed for E {}

impl<E: Endpoint> Job for E {
    type Output = Response<E::Output>;
    type Data = E::Output;

    fn read(
        &self,
        came: Result<HttpResponse<Vec<u8>>, Failure>,
        now: Now,
        known: &Known,
        carried: Carried<'_>,
    ) -> Judged<E::Output> {
        judge(self, came, now, known, carried)
    }

    fn output(response: Response<E::Output>) -> Response<E::Output> {
        response
    }
}
