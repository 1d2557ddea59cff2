//! Transports that this workspace does not ship pass what they claim.

#[path = "../examples/transports/bare.rs"]
mod bare;
#[path = "../examples/transports/expanding.rs"]
mod expanding;
#[path = "../examples/transports/over_hyper.rs"]
mod over_hyper;
#[path = "../examples/transports/over_smol.rs"]
mod over_smol;
#[path = "../examples/transports/strangers.rs"]
mod strangers;
#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

#[test]
fn the_runner_knows_them() {
    let names: Vec<_> = strangers::subjects()
        .iter()
        .map(|subject| subject.name().to_owned())
        .collect();
    assert_eq!(names, ["hyper-util", "smol", "bare", "bare-gzip"]);
}

mod hyper_util {
    advance_conformance::conformance! {
        name: "hyper-util",
        claims: [],
        asynchronous: crate::strangers::over_hyper,
        block_on: crate::tokio_runtime::block_on,
    }
}

mod smol {
    advance_conformance::conformance! {
        name: "smol",
        claims: [],
        asynchronous: crate::strangers::over_smol,
        block_on: crate::over_smol::block_on,
    }
}

mod bare_tcp {
    advance_conformance::conformance! {
        name: "bare",
        claims: [],
        blocking: crate::strangers::bare,
    }
}

mod bare_gzip {
    advance_conformance::conformance! {
        name: "bare-gzip",
        claims: [compression],
        blocking: crate::strangers::expanding,
    }
}
