//! Calls that are planned to fail.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use http::{HeaderValue, StatusCode};

use super::endpoint::Endpoint;
use super::journal::Price;
use super::refusal;

/// A failure that answers any request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<HeaderValue>,
    pub(super) price: Option<Price>,
}

impl Failure {
    /// Any code with any message: HTTP status 200, `FREE`, no `Retry-After`.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: StatusCode::OK,
            retry_after: None,
            price: Some(Price::Free),
        }
    }

    /// `SERVICE_BUSY`. The code is in the vendor's glossary, the message is a guess.
    #[must_use]
    pub fn busy() -> Self {
        Self::new("SERVICE_BUSY", "Service is busy, please try again later")
    }

    /// `ERROR`, `Server error`, as in the documented example.
    #[must_use]
    pub fn error() -> Self {
        Self::new(refusal::SERVER_ERROR.code, refusal::SERVER_ERROR.message)
    }

    /// `RETRY_LATER`. The code is in the vendor's glossary, the message is a guess.
    #[must_use]
    pub fn retry_later() -> Self {
        Self::new("RETRY_LATER", "Query failed, please try again later")
    }

    /// With a `Retry-After` header, sent as given. The vendor documents `10s`.
    #[must_use]
    pub fn retry_after(self, text: HeaderValue) -> Self {
        Self {
            retry_after: Some(text),
            ..self
        }
    }

    /// With another HTTP status than 200. The vendor announces 429 for a busy service.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With another price than `FREE`, or none.
    #[must_use]
    pub fn priced(self, price: Option<Price>) -> Self {
        Self { price, ..self }
    }
}

/// Failures that control calls may plan at a time.
const MOST: usize = 1_000;

/// The planned failures of each endpoint, in the order in which they were planned.
#[derive(Clone, Default)]
pub(super) struct Plan(BTreeMap<Endpoint, VecDeque<(u32, Failure)>>);

impl Plan {
    pub(super) fn add(&mut self, endpoint: Endpoint, times: u32, failure: Failure) {
        if times > 0 {
            self.0.entry(endpoint).or_default().push_back((times, failure));
        }
    }

    /// Whether so many failures more may be planned.
    pub(super) fn has_room_for(&self, more: usize) -> bool {
        self.0.values().map(VecDeque::len).sum::<usize>() + more <= MOST
    }

    /// What is planned: the endpoint, how often, and with which code.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (Endpoint, u32, &str)> {
        self.0.iter().flat_map(|(endpoint, planned)| {
            planned
                .iter()
                .map(|(times, failure)| (*endpoint, *times, failure.code.as_ref()))
        })
    }

    pub(super) fn next(&mut self, endpoint: Endpoint) -> Option<Failure> {
        let planned = self.0.get_mut(&endpoint)?;
        let (times, failure) = planned.front_mut()?;
        *times -= 1;
        if *times == 0 {
            planned.pop_front().map(|(_, failure)| failure)
        } else {
            Some(failure.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_come_in_order_and_end() {
        let mut plan = Plan::default();
        plan.add(Endpoint::GetResult, 0, Failure::retry_later());
        plan.add(Endpoint::GetResult, 2, Failure::busy());
        plan.add(Endpoint::GetResult, 1, Failure::error());
        assert_eq!(plan.next(Endpoint::GenerateUrl), None);
        assert_eq!(plan.next(Endpoint::GetResult), Some(Failure::busy()));
        assert_eq!(plan.next(Endpoint::GetResult), Some(Failure::busy()));
        assert_eq!(plan.next(Endpoint::GetResult), Some(Failure::error()));
        assert_eq!(plan.next(Endpoint::GetResult), None);
    }
}
