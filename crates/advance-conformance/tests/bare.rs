//! A stranger's transport with nothing but std and `httparse` passes what it claims.

#[path = "../examples/transports/bare.rs"]
mod bare;

advance_conformance::conformance! {
    name: "bare",
    claims: [],
    blocking: |_setup| crate::bare::Bare::new(),
}
