//! The programs of the README and the guide compile. `cargo xtask ci guide` finds a page with Rust that is not here.

macro_rules! pages {
    ($($name:ident = $path:literal,)+) => {
        $(#[doc = include_str!($path)] pub struct $name;)+
    };
}

pages! {
    Readme = "../../README.md",
    InProduction = "../../crates/advance-net/src/in_production.md",
    ReqwestReadme = "../../crates/advance-reqwest/README.md",
    SandboxReadme = "../../crates/advance-sandbox/README.md",
    UreqReadme = "../../crates/advance-ureq/README.md",
    Testing = "../../xtask/guide/src/start/testing.md",
    WebApplication = "../../xtask/guide/src/build/web-application.md",
    Waiting = "../../xtask/guide/src/build/waiting.md",
    Batches = "../../xtask/guide/src/build/batches.md",
    Verdicts = "../../xtask/guide/src/build/verdicts.md",
    Ktp = "../../xtask/guide/src/build/ktp.md",
    Production = "../../xtask/guide/src/run/production.md",
    Tokens = "../../xtask/guide/src/run/tokens.md",
    Charges = "../../xtask/guide/src/run/charges.md",
    Observing = "../../xtask/guide/src/run/observing.md",
    Transport = "../../xtask/guide/src/extend/transport.md",
    Store = "../../xtask/guide/src/extend/store.md",
}
