//! What a successful call brings.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::charge::{Charge, Charges};
use crate::domain::TransactionId;
use crate::wipe::Wiped;
use crate::wire::{PricingStrategy, RawJson};

/// A successful reply: the data, what the envelope said beside it, and what the call cost.
///
/// It keeps the very bytes it was read from, so that members this crate does not know are not lost. They are wiped
/// when it is dropped, and `Debug` does not show them.
#[derive(Clone)]
pub struct Response<T> {
    pub(super) data: T,
    pub(super) meta: Meta,
    pub(super) charges: Charges,
    pub(super) sends: u32,
    pub(super) clock_offset: Option<i64>,
}

/// What a reply said beside its data.
#[derive(Clone, Default)]
pub(super) struct Meta {
    pub(super) message: Option<String>,
    pub(super) extra: Option<RawJson>,
    pub(super) transaction_id: Option<TransactionId>,
    pub(super) pricing_strategy: Option<PricingStrategy>,
    pub(super) raw: Wiped<Vec<u8>>,
    pub(super) head: Option<Box<(StatusCode, HeaderMap)>>,
}

impl<T> Response<T> {
    /// What was asked for.
    pub const fn data(&self) -> &T {
        &self.data
    }

    /// What was asked for, without the rest.
    pub fn into_data(self) -> T {
        self.data
    }

    /// The vendor's handle for the request that succeeded. Save it: it is the only one their support takes.
    pub const fn transaction_id(&self) -> Option<&TransactionId> {
        self.meta.transaction_id.as_ref()
    }

    /// The vendor's message, without any secret of this call that it repeats. It is for people and changes without
    /// notice; show it escaped.
    pub fn message(&self) -> Option<&str> {
        self.meta.message.as_deref()
    }

    /// "Extra response info", of no documented type.
    pub const fn extra(&self) -> Option<&RawJson> {
        self.meta.extra.as_ref()
    }

    /// What the reply itself says it cost.
    pub const fn pricing_strategy(&self) -> Option<&PricingStrategy> {
        self.meta.pricing_strategy.as_ref()
    }

    /// What the call cost in all, in one word.
    pub const fn charge(&self) -> Charge {
        self.charges.summary()
    }

    /// What each request of the call cost, retries and token requests included.
    pub const fn charges(&self) -> Charges {
        self.charges
    }

    /// How many requests the call sent, retries and token requests included.
    pub const fn sends(&self) -> u32 {
        self.sends
    }

    /// By how many milliseconds this machine's clock is behind the server's (ahead, if negative), if that is so much that
    /// requests are signed with a corrected time. Then set the clock right: other programs do not correct for it.
    pub const fn clock_offset(&self) -> Option<i64> {
        self.clock_offset
    }

    /// The body of the reply as it came: personal data, or a secret. Empty where no reply was needed.
    pub fn raw(&self) -> &[u8] {
        &self.meta.raw
    }

    /// The HTTP status of the reply; none where no reply was needed.
    pub fn status(&self) -> Option<StatusCode> {
        self.meta.head.as_ref().map(|head| head.0)
    }

    /// The headers of the reply as they came, for a gateway's own: a request id, a quota. A server can write anything into
    /// them, so show them escaped. None where no reply was needed.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.meta.head.as_ref().map(|head| &head.1)
    }

    /// A response around data that no server sent, which cost nothing: for tests of code that takes one.
    pub fn of(data: T) -> Self {
        Self {
            data,
            meta: Meta::default(),
            charges: Charges::NONE,
            sends: 0,
            clock_offset: None,
        }
    }

    /// The same response around other data.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            data: f(self.data),
            meta: self.meta,
            charges: self.charges,
            sends: self.sends,
            clock_offset: self.clock_offset,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("data", &self.data)
            .field("transaction_id", &self.meta.transaction_id)
            .field("pricing_strategy", &self.meta.pricing_strategy)
            .field("charges", &self.charges)
            .field("sends", &self.sends)
            .field("clock_offset", &self.clock_offset)
            .finish_non_exhaustive()
    }
}
