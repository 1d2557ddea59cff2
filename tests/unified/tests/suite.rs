//! The whole suite, where everybody's features are on.

#[path = "../../../crates/advance-conformance/examples/transports/ours.rs"]
mod ours;
#[path = "../../../crates/advance-conformance/examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

#[test]
fn both_transports_pass() {
    for subject in ours::subjects() {
        advance_conformance::summary(&subject);
    }
}
