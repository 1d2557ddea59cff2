//! What a case says of a transport.

/// What the transport did wrong, if it did.
pub(crate) type Verdict = Result<(), String>;
