//! Rules that a caller wrote. A policy is cloned for each call, and its clones share them.

use std::sync::Arc;

use crate::domain::Verification;
use crate::error::Error;

/// Whether a batch begins no more after this error.
#[derive(Clone)]
pub(super) struct StopRule(Arc<dyn Fn(&Error) -> bool + Send + Sync>);

impl StopRule {
    pub(super) fn new(rule: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    pub(super) fn stops_on(&self, error: &Error) -> bool {
        (self.0)(error)
    }
}

type Unfinished = dyn Fn(Result<&Verification, &Error>) -> bool + Send + Sync;

/// Whether this answer means "not finished yet".
#[derive(Clone)]
pub(super) struct WaitRule(Arc<Unfinished>);

impl WaitRule {
    pub(super) fn new(rule: impl Fn(Result<&Verification, &Error>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    pub(super) fn is_unfinished(&self, answer: Result<&Verification, &Error>) -> bool {
        (self.0)(answer)
    }
}
