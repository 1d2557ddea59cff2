//! Blocking transport for advance-core over ureq
