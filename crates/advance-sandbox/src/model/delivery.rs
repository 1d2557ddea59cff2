//! How a reply is delivered: slowly, in drops, or not as HTTP would have it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a reply is delivered, as an extension of it. The model neither waits nor has a socket; the
/// [server](crate::server) does as it is told here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// How long the reply is kept back.
    pub delay: Duration,
    /// So many bytes of the body at a time, so far apart.
    pub dribble: Option<(usize, Duration)>,
    /// What happens to the connection.
    pub socket: Option<SocketFault>,
}

/// What happens to a connection instead of a good reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SocketFault {
    /// It is reset before the call is looked at: nothing was done, nothing is charged.
    ResetBefore,
    /// The call is done and charged, then the connection is reset without a byte.
    ResetUnanswered,
    /// The call is done, the reply breaks off with a reset.
    ResetIn,
    /// The reply is complete, then the connection is reset.
    ResetAfter,
    /// The body ends before its announced length, and the connection is closed in order.
    CutBody,
    /// The call is done, and no answer comes.
    NoAnswer,
    /// Bytes that are no HTTP.
    Garbage,
    /// The reply is good, but the connection that it leaves open is reset when it is used again.
    StaleKeepAlive,
}

impl SocketFault {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ResetBefore,
        Self::ResetUnanswered,
        Self::ResetIn,
        Self::ResetAfter,
        Self::CutBody,
        Self::NoAnswer,
        Self::Garbage,
        Self::StaleKeepAlive,
    ];

    /// Its name in control calls.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResetBefore => "reset-before",
            Self::ResetUnanswered => "reset-unanswered",
            Self::ResetIn => "reset-in",
            Self::ResetAfter => "reset-after",
            Self::CutBody => "cut-body",
            Self::NoAnswer => "no-answer",
            Self::Garbage => "garbage",
            Self::StaleKeepAlive => "stale-keep-alive",
        }
    }
}
