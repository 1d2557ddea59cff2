//! The documented way out.

#[test]
fn fault_97_an_application_that_wants_its_client_first_says_so_first() {
    advance_reqwest::install_default_provider();
    drop(reqwest::Client::new());
    drop(advance_reqwest::ReqwestTransport::new().unwrap());
}
