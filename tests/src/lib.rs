//! What the suites that span crates share.
