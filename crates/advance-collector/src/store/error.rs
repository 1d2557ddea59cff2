//! Why a store did not do what it was asked.

use std::error::Error as StdError;
use std::fmt;

/// Why a store did not do what it was asked. Its text holds no value of a row.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure of a store it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Others keep it busy, or it cannot be reached: the same call may succeed later.
    Unavailable,
    /// There is no room left.
    Full,
    /// It may not be written or read.
    Denied,
    /// It belongs to another version of this library.
    OtherVersion,
    /// It is damaged, or holds a value that this version does not know.
    Damaged,
    /// It has been closed.
    Closed,
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    /// What to do about it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Unavailable => "the store is busy or cannot be reached; the same call may succeed later",
            Self::Full => "the store has no room left; free some, and go on",
            Self::Denied => "the store may not be opened or written; check the path and its permissions",
            Self::OtherVersion => {
                "the store has the schema of another version; use that version, or bring the schema to this one's"
            }
            Self::Damaged => "the store is damaged, or is no store of this library",
            Self::Closed => "the store has been closed",
            Self::Other => "the store failed",
        }
    }
}

impl StoreError {
    /// A failure of this kind.
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Keeps the error it came from. Strip values of rows from it first.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it was.
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.explanation())
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
