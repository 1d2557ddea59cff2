//! What remains, and is documented on the first page of `advance-reqwest`.

#[test]
fn fault_97_an_own_client_made_before_ours_panics_as_documented() {
    let before = std::panic::catch_unwind(reqwest::Client::new);
    assert!(
        before.is_err(),
        "it does not panic any more: the documentation may say so"
    );
}
