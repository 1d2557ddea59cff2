//! Two crypto providers are compiled in, and none is installed.

use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;

/// In one test: the process has one default provider.
#[test]
fn fault_97_nothing_panics_once_one_of_our_transports_was_made() {
    assert!(
        std::panic::catch_unwind(rustls::ClientConfig::builder).is_err(),
        "rustls chooses between two providers by now: the documentation may say so"
    );
    drop(UreqTransport::new().unwrap());
    drop(ReqwestTransport::new().unwrap());
    drop(rustls::ClientConfig::builder());
    drop(reqwest::Client::new());
    drop(ureq::Agent::new_with_defaults());
}
