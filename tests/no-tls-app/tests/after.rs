//! A client that the application makes after ours.

#[test]
fn fault_97_an_own_client_made_after_ours_works() {
    drop(advance_reqwest::ReqwestTransport::new().unwrap());
    drop(reqwest::Client::new());
}
