//! Why a token store did not do what it was asked.

use std::error::Error as StdError;
use std::fmt;

/// Why a token store did not do what it was asked. Its text holds no token and no key.
#[derive(Debug)]
pub struct TokenStoreError {
    kind: TokenStoreErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure of a token store it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenStoreErrorKind {
    /// Others keep it busy, or it cannot be reached: it may answer later.
    Unavailable,
    /// It did not answer in the time that the client had for it.
    Late,
    /// There is no room left, or it may not be read or written.
    Denied,
    /// It is damaged, belongs to another version of this library, or holds a value that this version does not know.
    Damaged,
    /// Anything else.
    Other,
}

impl TokenStoreErrorKind {
    /// What it means, and what to do about it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Unavailable => "the token store is busy or cannot be reached; it is asked again later",
            Self::Late => "the token store did not answer in time; it is asked again later",
            Self::Denied => {
                "the token store may not be written, or has no room; check its permissions and its disk"
            }
            Self::Damaged => "the token store is damaged, or belongs to another version of this library",
            Self::Other => "the token store failed",
        }
    }
}

impl TokenStoreError {
    /// A failure of this kind.
    pub const fn new(kind: TokenStoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Keeps the error it came from. Strip values of rows from it first.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it was.
    pub const fn kind(&self) -> TokenStoreErrorKind {
        self.kind
    }
}

impl fmt::Display for TokenStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.explanation())
    }
}

impl StdError for TokenStoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
