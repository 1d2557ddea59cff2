//! The one place where randomness enters. It spreads waits and makes ids hard to guess by accident; no key of
//! anybody's depends on it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// A number that differs from run to run: the standard library seeds its hash maps from the system's randomness.
pub(crate) fn fresh() -> u64 {
    RandomState::new().build_hasher().finish()
}
