//! The same, where ours was made from a builder of the application's.

#[test]
fn fault_97_a_builder_of_the_applications_own_does_not_panic_either() {
    let builder = reqwest::Client::builder().no_proxy();
    drop(advance_reqwest::ReqwestTransport::from_builder(builder).unwrap());
    drop(reqwest::Client::new());
}
