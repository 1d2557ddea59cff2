//! Protections that can be taken away on purpose, to see whether anybody notices.

/// A protection of the store.
#[cfg_attr(
    not(feature = "sabotage"),
    expect(unreachable_pub, dead_code, reason = "named by tests alone")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// An intent is committed before a request: without it, a claim whose lease is over is due again, as in a queue.
    Intent,
    /// Only the latest claim may be intended.
    Fence,
    /// An attempt is settled once.
    AttemptId,
    /// Intents survive a power cut.
    Synchronous,
    /// A claim locks its rows, past those that others have locked. Only a store of many machines has it.
    SkipLocked,
}

#[cfg(feature = "sabotage")]
impl Protection {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Intent,
        Self::Fence,
        Self::AttemptId,
        Self::Synchronous,
        Self::SkipLocked,
    ];

    /// The name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Fence => "fence",
            Self::AttemptId => "attempt-id",
            Self::Synchronous => "synchronous",
            Self::SkipLocked => "skip-locked",
        }
    }
}

/// Which protection is gone, if one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) Option<Protection>);

impl Broken {
    pub(super) fn is(self, protection: Protection) -> bool {
        self.0 == Some(protection)
    }
}
