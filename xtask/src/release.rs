//! What takes longer than a gate may: `cargo xtask release-gates`. It is run before a release, and its figures are reported.

use crate::steps::Step;
use crate::{
    apps, browser, coverage, doctor, explore, fleet, fuzz, gates, guests, guide, kill_result, musl, mutants,
    packaging, proptest, sabotages, sandbox_load, schemathesis, semver, simulate, spelling, stores,
    wasm_worker, webhook,
};

pub(crate) const STEPS: &[Step] = &[
    Step::new(
        "feature-pairs",
        "every crate builds with each two of its features",
        gates::feature_pairs,
    ),
    Step::new(
        "simulate-long",
        "the simulation over a million seeds",
        simulate::long,
    ),
    Step::new(
        "explore-deep",
        "every life in each stated scope, with one or two more departures than a gate has time for",
        explore::deep,
    ),
    Step::new("proptest", "each shared property suite with 10,000 cases", || {
        proptest::run(proptest::CASES)
    }),
    Step::new(
        "coverage",
        "95 lines in a hundred of the core's pure rooms are run by its tests",
        coverage::run,
    ),
    Step::new(
        "fuzz",
        "each fuzz target for five minutes, whole simulated lives among them",
        || fuzz::run(fuzz::SECONDS, &[]),
    ),
    Step::new(
        "stores-long",
        "ten thousand verifications, killed a hundred times: nothing is charged twice",
        stores::long,
    ),
    Step::new(
        "stores",
        "the collector struck in its model and as killed processes, and every sabotage",
        stores::ci,
    ),
    Step::new(
        "packaging",
        "each crate's tarball, unpacked elsewhere, builds and passes its tests",
        packaging::check,
    ),
    Step::new(
        "musl",
        "the command is one static program, and its demo passes",
        musl::check,
    ),
    Step::new(
        "book",
        "the guide as a web site in target/guide, in which each link leads somewhere",
        guide::build,
    ),
    Step::new("spelling", "no word is misspelt", spelling::check),
    Step::new(
        "semver-checks",
        "from the first tag on, no change breaks a user without the version saying so",
        semver::check,
    ),
    Step::new(
        "fleet",
        "the store of a fleet on a Postgres of the tests' own, with workers that are killed",
        fleet::ci,
    ),
    Step::new(
        "fleet-model",
        "a thousand workers and a hundred thousand verifications in virtual time, with crashes of one and of all",
        fleet::model,
    ),
    Step::new(
        "sabotages",
        "every rule that can be broken, and what notices, as tests/SABOTAGES.md says",
        sabotages::check,
    ),
    Step::new(
        "fleet-long",
        "ten thousand verifications in Postgres: workers killed a hundred times, the database crashed five times",
        fleet::long,
    ),
    Step::new("apps", "the example applications, which are killed", apps::run),
    Step::new(
        "wasm-worker",
        "the core in a wasm worker under Node, against a sandbox",
        wasm_worker::run,
    ),
    Step::new(
        "strangers",
        "transports over HTTP crates that are not ours, and what the suite says of each",
        guests::strangers,
    ),
    Step::new(
        "shuttle",
        "who waits is woken: both clients in thousands of the orders in which threads and tasks may run",
        guests::shuttle,
    ),
    Step::new(
        "browser",
        "every screen and outcome of the page and the dashboard in Chromium, asked by axe",
        browser::run,
    ),
    Step::new(
        "schemathesis",
        "5,000 requests drawn from the sandbox's own description",
        schemathesis::run,
    ),
    Step::new(
        "webhook",
        "receivers in four languages, 3,000 requests to the intake, and its processes killed for five minutes",
        webhook::run,
    ),
    Step::new(
        "sandbox-load",
        "a million tokens and half a million links: the sandbox's memory is flat and below 100 MiB",
        sandbox_load::run,
    ),
    Step::new(
        "kill-result",
        "ten thousand results, killed twenty times: nothing paid is lost",
        kill_result::run,
    ),
    Step::new(
        "doctor",
        "the ten most frequent failures, a wrong clock of this machine too, each named",
        doctor::run,
    ),
    Step::new(
        "mutants",
        "95 of a hundred mutants are caught, in each room of the core",
        || mutants::run(&[]),
    ),
];
