//! Every gate that a change has to pass: `cargo xtask ci`.

use crate::steps::Step;
use crate::{
    bench, conformance, deny, examples, explore, gates, guests, guide, locks, minimal, packaging, proxy,
    public_api, purity, simulate,
};

pub(crate) const STEPS: &[Step] = &[
    Step::new("fmt", "the sources are formatted", gates::fmt),
    Step::new("locks", "every lock file is up to date", locks::check),
    Step::new(
        "clippy",
        "no warning, in any target, with all features",
        gates::clippy,
    ),
    Step::new("purity", "the core does nothing", purity::check),
    Step::new(
        "features",
        "every crate builds with none, each and all of its features",
        gates::features,
    ),
    Step::new(
        "deny",
        "licences, banned crates and sources of every dependency",
        deny::check,
    ),
    Step::new(
        "manifests",
        "every published crate has a README, both licences, docs.rs's settings, and all that its tests name",
        packaging::manifests,
    ),
    Step::new("test", "cargo test --workspace, as the README says", gates::test),
    Step::new(
        "test-features",
        "the core's and the sandbox's tests with all features, the adapters' over other TLS and none",
        gates::test_features,
    ),
    Step::new("doc", "the documentation builds without a warning", gates::doc),
    Step::new(
        "public-api",
        "what each library offers is what is listed, and names only types that it may",
        public_api::check,
    ),
    Step::new(
        "guide",
        "the README's and the guide's links, pages, tables and snippets",
        guide::check,
    ),
    Step::new(
        "demo",
        "the README's first command, over both transports",
        gates::demo,
    ),
    Step::new(
        "examples",
        "the adapters' examples against a sandbox; they print no secret",
        examples::run,
    ),
    Step::new(
        "simulate",
        "what users must see, a fixed set of seeds, and a fresh one",
        simulate::ci,
    ),
    Step::new(
        "explore",
        "every life in each stated scope, down to its depth",
        explore::ci,
    ),
    Step::new("conformance", "every transport", conformance::ci),
    Step::new(
        "msrv",
        "the workspace builds with the oldest supported toolchain",
        gates::msrv,
    ),
    Step::new("wasm", "the core builds for wasm32-unknown-unknown", gates::wasm),
    Step::new(
        "proxy",
        "both transports through a proxy that is not ours, with a password",
        proxy::check,
    ),
    Step::new(
        "guests",
        "the suite where everybody's features are on, and an application without TLS of its own",
        guests::check,
    ),
    Step::new(
        "bench",
        "no call makes more allocations or takes more instructions than is committed",
        bench::ci,
    ),
    Step::new(
        "minimal",
        "the libraries build with the lowest versions that they ask for",
        minimal::check,
    ),
];
