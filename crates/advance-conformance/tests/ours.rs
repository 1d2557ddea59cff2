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

/// Both clients read it by default; ours do not.
#[test]
fn the_proxy_environment_is_not_read() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args([
        "connections_are_used_again",
        "tls_with_a_good_certificate",
        "--test-threads=1",
    ]);
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        // No program listens on the discard port.
        again.env(name, "http://127.0.0.1:9");
    }
    let output = again
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("4 passed"), "{text}");
}

mod reqwest {
    advance_conformance::conformance! {
        name: "reqwest",
        claims: [tls, identity, proxy, pool],
        asynchronous: crate::ours::over_reqwest,
        block_on: crate::tokio_runtime::block_on,
    }
}

mod ureq {
    advance_conformance::conformance! {
        name: "ureq",
        claims: [tls, identity, proxy, pool],
        logs: ["ureq_proto" => Trace, "ureq::run" => Debug],
        blocking: crate::ours::over_ureq,
    }
}
