//! Async transport for advance-core over reqwest
