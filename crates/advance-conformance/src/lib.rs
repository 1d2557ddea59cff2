//! The suite that any transport of advance-core must pass
