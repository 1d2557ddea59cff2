//! The transports of this workspace pass.

#[path = "../examples/transports/ours.rs"]
mod ours;
#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

#[test]
fn the_runner_knows_them() {
    let names: Vec<_> = ours::subjects()
        .iter()
        .map(|subject| subject.name().to_owned())
        .collect();
    assert_eq!(names, ["reqwest", "ureq"]);
}

mod reqwest {
    advance_conformance::conformance! {
        name: "reqwest",
        claims: [tls, proxy, pool],
        asynchronous: crate::ours::over_reqwest,
        block_on: crate::tokio_runtime::block_on,
    }
}

mod ureq {
    advance_conformance::conformance! {
        name: "ureq",
        claims: [tls, proxy, pool],
        blocking: crate::ours::over_ureq,
    }
}
