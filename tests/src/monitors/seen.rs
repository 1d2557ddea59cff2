//! What monitors are shown.

use std::time::Duration;

use advance_core::session::Event;
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Error};
use http::{Request, Response};

/// The policy of a call, in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many attempts it has.
    pub attempts: u32,
    /// The longest that it may take in all, and that one attempt may take.
    pub total: Duration,
    /// The longest that one attempt may take.
    pub attempt: Duration,
    /// The longest backoff.
    pub longest_backoff: Duration,
    /// Whether it is sent again when it may have been charged.
    pub maybe_charged: bool,
    /// How many retries each endpoint has in stock.
    pub budget: u32,
    /// Nothing will happen to it but what the machine promises to mend.
    pub must_succeed: bool,
}

/// Something that happens, in the order in which it does.
#[derive(Debug)]
pub enum Seen<'a> {
    /// The next call begins under these terms.
    Terms(Terms),
    /// The session tells an event.
    Event(&'a Event),
    /// This call's request goes out: its event came just before.
    Sent(u64, &'a Request<Vec<u8>>, &'a Limits),
    /// This came of it. The session hears of it next.
    Heard(u64, Result<&'a Response<Vec<u8>>, &'a Failure>),
    /// A caller gets this error.
    Failed(&'a Error),
    /// The session was given a token from elsewhere.
    Adopted(&'a str),
    /// Nothing happens before some time has passed; these calls wait for a token.
    Idle(&'a [u64]),
    /// Nothing more happens, and the session has booked this.
    Over(Charges),
}
