//! Two processes, one file, one token request: `cargo run -p advance-store-sqlite --example shared_token`.
//!
//! The example starts a sandbox, and itself twice more as workers. Each worker has a client of its own. The sandbox's journal
//! says in the end how many tokens were asked for.

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use advance_core::session::Event;
use advance_core::sharing::Egress;
use advance_core::{Config, Credentials};
use advance_sandbox::Sandbox;
use advance_sandbox::model::Endpoint;
use advance_store_sqlite::SqliteStore;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [name, url, file] => worker(name, url, Path::new(file)),
        _ => parent(),
    }
}

fn parent() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start_blocking()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tokens.db");
    let start = |name: &str| {
        Command::new(env::current_exe()?)
            .args([name, sandbox.base_url()])
            .arg(&file)
            .spawn()
    };
    let workers = [start("first")?, start("second")?];
    for mut worker in workers {
        if !worker.wait()?.success() {
            return Err("a worker failed".into());
        }
    }
    let requests = sandbox.with_vendor(|vendor| {
        let entries = vendor.journal().entries();
        entries
            .filter(|entry| entry.path == Endpoint::GenerateToken.path())
            .count()
    });
    println!("token requests: {requests}");
    Ok(())
}

fn worker(name: &str, url: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let keys = Credentials::new("sampleaccesskey", "samplesecretkey")?;
    let told = name.to_owned();
    // Both workers are on this machine, so their requests leave by the same address.
    let client = advance_ureq::client(Config::for_sandbox(url)?, keys)?
        .with_token_store(SqliteStore::open(file)?, Egress::new("this-machine")?)
        .with_observer(move |event: &Event| match event {
            Event::TokenIssued { .. } => println!("{told}: asked the vendor"),
            Event::TokenShared { life, .. } => {
                println!("{told}: took the shared token, {life:.0?} are left of it");
            }
            Event::TokenStoreFailed { kind, .. } => println!("{told}: {}", kind.explanation()),
            _ => {}
        });
    client.token()?;
    Ok(())
}
