//! Every gate, as a list of named steps.

use std::time::Instant;

use crate::command::{cargo, cargo_of, passes};
use crate::{purity, tasks};

/// The oldest toolchain that builds the workspace; `rust-version` says the same.
const MSRV: &str = "1.88";

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> bool,
}

const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "the sources are formatted",
        run: fmt,
    },
    Step {
        name: "clippy",
        what: "no warning, in any target, with all features",
        run: clippy,
    },
    Step {
        name: "purity",
        what: "the core does nothing",
        run: purity::check,
    },
    Step {
        name: "features",
        what: "every crate builds with each of its features alone",
        run: features,
    },
    Step {
        name: "test",
        what: "cargo test --workspace, as the README says",
        run: test,
    },
    Step {
        name: "test-features",
        what: "the core's tests with all features, the adapters' over other TLS and none",
        run: test_features,
    },
    Step {
        name: "doc",
        what: "the documentation builds without a warning",
        run: doc,
    },
    Step {
        name: "demo",
        what: "the README's first command, over both transports",
        run: demo,
    },
    Step {
        name: "simulate",
        what: "a fixed set of seeds, a fresh one, and every sabotage",
        run: tasks::simulate_ci,
    },
    Step {
        name: "conformance",
        what: "every transport, and every sabotage",
        run: tasks::conformance_ci,
    },
    Step {
        name: "msrv",
        what: "the workspace builds with the oldest supported toolchain",
        run: msrv,
    },
    Step {
        name: "wasm",
        what: "the core builds for wasm32-unknown-unknown",
        run: wasm,
    },
];

pub(crate) fn run(arguments: &[&str]) -> bool {
    if arguments.contains(&"--list") {
        for step in STEPS {
            println!("{:14} {}", step.name, step.what);
        }
        return true;
    }
    if let Some(unknown) = arguments
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        eprintln!("there is no step {unknown}; cargo xtask ci --list names them");
        return false;
    }
    let chosen = STEPS
        .iter()
        .filter(|step| arguments.is_empty() || arguments.contains(&step.name));
    let mut report = Vec::new();
    for step in chosen {
        println!("\n== {}: {}", step.name, step.what);
        let begun = Instant::now();
        let passed = (step.run)();
        report.push((step.name, passed, begun.elapsed()));
        if !passed {
            // The rest would only bury what failed.
            break;
        }
    }
    println!();
    for (name, passed, took) in &report {
        println!(
            "{} {name:14} {:6.1} s",
            if *passed { "ok  " } else { "FAIL" },
            took.as_secs_f32()
        );
    }
    report.iter().all(|(_, passed, _)| *passed)
}

fn fmt() -> bool {
    passes(cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> bool {
    passes(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

fn features() -> bool {
    let alone: &[(&str, &[&str])] = &[
        ("advance-core", &["", "serialize", "proptest"]),
        ("advance-reqwest", &["", "rustls", "native-tls"]),
        ("advance-ureq", &["", "rustls", "native-tls"]),
    ];
    alone.iter().all(|(package, features)| {
        features.iter().all(|feature| {
            println!(
                "-- {package} with {}",
                if feature.is_empty() { "no feature" } else { feature }
            );
            passes(cargo(&[
                "check",
                "--quiet",
                "-p",
                package,
                "--no-default-features",
                "--features",
                feature,
            ]))
        })
    })
}

fn test() -> bool {
    passes(cargo(&["test", "--workspace", "--locked"]))
}

fn test_features() -> bool {
    let test = |package, arguments: &[&str]| {
        passes(cargo(
            &[&["test", "--quiet", "--locked", "-p", package], arguments].concat(),
        ))
    };
    let alone = |package| {
        ["native-tls", ""].iter().all(|feature| {
            test(
                package,
                &["--tests", "--no-default-features", "--features", feature],
            )
        })
    };
    test("advance-core", &["--all-features"]) && alone("advance-reqwest") && alone("advance-ureq")
}

fn doc() -> bool {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    passes(command)
}

fn demo() -> bool {
    let demo = ["run", "--quiet", "--locked", "-p", "advance-cli", "--", "demo"];
    passes(cargo(&demo)) && passes(cargo(&[&demo[..], &["--blocking", "--json"]].concat()))
}

fn msrv() -> bool {
    let mut command = cargo_of(MSRV, &["check", "--workspace", "--all-targets", "--locked"]);
    // Two toolchains in one folder would build everything anew at every turn.
    command.env("CARGO_TARGET_DIR", crate::command::root().join("target/msrv"));
    passes(command)
}

fn wasm() -> bool {
    passes(cargo(&[
        "clippy",
        "-p",
        "advance-core",
        "--target",
        "wasm32-unknown-unknown",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}
