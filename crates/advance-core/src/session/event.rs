//! What a session does, as plain data for observers.
//!
//! An event cannot hold a secret, a query string or a field of a result: it has no member that could take one. Words
//! that come from the vendor (an undocumented code, a transaction id) are escaped by their own `Display` and `Debug`.

use std::time::Duration;

use crate::charge::{Charge, Charges};
use crate::domain::TransactionId;
use crate::error::ErrorKind;
use crate::sharing::TokenStoreErrorKind;
use crate::wire::Code;

/// One call among those of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(crate) u64);

impl CallId {
    /// The number of the call, counted from 1 in its session.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// What a request was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// The call itself.
    Call,
    /// A token, because there was none.
    Token,
    /// A token, because the one in use soon ends.
    Renewal,
    /// A token, because the vendor refused requests with the one in use.
    Replacement,
    /// A picture: a `GET` to another host than the API.
    Download,
}

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// To send again, as the policy says or as the server asked.
    Retry,
    /// For the token that another call asks for, or another client of the same token store.
    Token,
    /// Until the server, which asked for that, may be asked for a token again.
    HeldOff,
    /// For the next poll.
    Poll,
}

/// Something that happened in a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A call begins. It ends with [`CallEnded`](Self::CallEnded), or with [`CallAbandoned`](Self::CallAbandoned).
    #[non_exhaustive]
    CallBegun {
        /// Which call.
        call: CallId,
        /// The endpoint's path.
        path: &'static str,
        /// The wait that this call is a poll of, if it is one: the `call` of that wait's
        /// [`Waiting`](Self::Waiting).
        wait: Option<CallId>,
    },
    /// A request is about to be sent.
    #[non_exhaustive]
    AttemptBegun {
        /// Which call.
        call: CallId,
        /// What for.
        purpose: Purpose,
        /// The endpoint's path; the word `download` for a picture, whose own path is secret.
        path: &'static str,
        /// The number of the request in its call, counted from 1.
        number: u32,
        /// The longest it may take.
        within: Duration,
    },
    /// It was answered, or failed.
    #[non_exhaustive]
    AttemptEnded {
        /// Which call.
        call: CallId,
        /// What for.
        purpose: Purpose,
        /// The endpoint's path; the word `download` for a picture, whose own path is secret.
        path: &'static str,
        /// The number of the request in its call, counted from 1.
        number: u32,
        /// How long it took.
        took: Duration,
        /// The HTTP status, if a reply came.
        status: Option<u16>,
        /// The vendor's code, if a reply had one.
        code: Option<Code>,
        /// The vendor's handle, if a reply had one.
        transaction_id: Option<TransactionId>,
        /// What it cost.
        charge: Charge,
        /// What was wrong with it, if anything was.
        error: Option<ErrorKind>,
    },
    /// A call waits.
    #[non_exhaustive]
    Waiting {
        /// Which call.
        call: CallId,
        /// What for.
        why: WaitReason,
        /// The longest it will.
        at_most: Duration,
    },
    /// A token arrived.
    #[non_exhaustive]
    TokenIssued {
        /// The call that brought it.
        call: CallId,
        /// How long it lives.
        life: Duration,
        /// Whether it replaces one that the vendor refused.
        replacement: bool,
    },
    /// A token came from the store in which clients share one.
    #[non_exhaustive]
    TokenShared {
        /// The call that asked for it.
        call: CallId,
        /// What is left of its life.
        life: Duration,
        /// How long ago another client brought it.
        age: Duration,
    },
    /// The token store failed. The client goes on with the token it holds, or asks the vendor by itself, and leaves the store
    /// alone for a while.
    #[non_exhaustive]
    TokenStoreFailed {
        /// The call that asked it.
        call: CallId,
        /// What kind of failure it was.
        kind: TokenStoreErrorKind,
        /// Whether the client holds a token.
        holds: bool,
    },
    /// The vendor refused a request for its token, or because this call is not allowed: the code is the same.
    #[non_exhaustive]
    TokenRejected {
        /// The call whose request was rejected.
        call: CallId,
        /// Whether it carried the token in use.
        current: bool,
    },
    /// This machine's clock is wrong, and requests are signed with a corrected time from now on.
    #[non_exhaustive]
    ClockRepaired {
        /// The call that found out.
        call: CallId,
    },
    /// A call was given up from outside.
    #[non_exhaustive]
    CallAbandoned {
        /// Which call.
        call: CallId,
    },
    /// A call ended.
    #[non_exhaustive]
    CallEnded {
        /// Which call.
        call: CallId,
        /// The endpoint's path; the word `download` for a picture, whose own path is secret.
        path: &'static str,
        /// How long it took.
        took: Duration,
        /// How many requests it sent.
        sends: u32,
        /// What they cost.
        charges: Charges,
        /// The vendor's last code, if a reply had one.
        code: Option<Code>,
        /// The vendor's last handle, if a reply had one.
        transaction_id: Option<TransactionId>,
        /// What went wrong, if anything did.
        error: Option<ErrorKind>,
    },
}
