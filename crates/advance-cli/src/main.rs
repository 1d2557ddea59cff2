//! The `advance` command line.
fn main() {}
