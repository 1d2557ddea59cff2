//! `advance sandbox`

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use advance_sandbox::Sandbox;
use advance_sandbox::model::{self, Account, VendorConfig};
use serde::Serialize;
use tokio::runtime;

use crate::account::{self, ACCESS_KEY, BASE_URL, SECRET_KEY};
use crate::args;
use crate::out::Out;
use crate::problem::{Problem, Stop};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    base_url: &'a str,
}

pub(super) fn run(args: args::Sandbox, out: &Out) -> Result<(), Stop> {
    let mut builder = Sandbox::builder()
        .listen(args.listen)
        .allow_remote(args.allow_remote)
        .config(config(&args));
    if let Some(base) = args.public_base {
        builder = builder.public_base(base);
    }
    if let Some(keys) = account::credentials_if_set()? {
        builder = builder.account(keys.access_key().expose(), keys.secret_key().expose());
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| no_signals(&error))?;
    // Before it is ready: whoever reads that may end it at once.
    let end = runtime
        .block_on(async { Signals::listen() })
        .map_err(|error| no_signals(&error))?;
    let sandbox = builder
        .start_blocking()
        .map_err(|error| Problem::local("sandbox", "the sandbox did not start").caused_by(&error))?;
    if out.is_json() {
        out.object(&Ready {
            base_url: sandbox.base_url(),
        })?;
    } else {
        out.text(&format!("sandbox ready: {}\n", sandbox.base_url()))?;
        // Nobody is there to be told that stderr is closed.
        let _ = io::stderr().write_all(how_to_call(&sandbox).as_bytes());
    }
    runtime.block_on(end.wait());
    sandbox.shutdown_blocking();
    Ok(())
}

/// Lines to paste into another terminal. The keys of the environment work as well, but are not shown.
fn how_to_call(sandbox: &Sandbox) -> String {
    let listens = sandbox.addr();
    let here: IpAddr = match listens.ip() {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let mut base_url = sandbox.base_url().to_owned();
    if listens.ip().is_unspecified() {
        let here = SocketAddr::new(here, listens.port());
        base_url = base_url.replacen(&listens.to_string(), &here.to_string(), 1);
    }
    let Account {
        access_key,
        secret_key,
    } = Account::sample();
    format!(
        "To call it from another terminal (Ctrl-C ends it):\n  export {BASE_URL}={base_url}\n  export {ACCESS_KEY}={access_key}\n  \
         export {SECRET_KEY}={secret_key}\n"
    )
}

fn config(args: &args::Sandbox) -> VendorConfig {
    let mut config = VendorConfig::default();
    for part in config.seed.chunks_exact_mut(8) {
        // The standard library seeds its hash maps from the system's randomness: enough for ids of a sandbox.
        part.copy_from_slice(&RandomState::new().hash_one(()).to_be_bytes());
    }
    let prefix = args.path_prefix.as_deref().unwrap_or_default().trim_matches('/');
    if !prefix.is_empty() {
        config.path_prefix = format!("/{prefix}");
    }
    let habits = &mut config.behaviour;
    habits.charging = match args.charging {
        args::Charging::Documented => model::Charging::Documented,
        args::Charging::PayPerResult => model::Charging::PayPerResult,
        args::Charging::PayPerPoll => model::Charging::PayPerPoll,
        args::Charging::Omit => model::Charging::Omit,
    };
    habits.unfinished = match args.unfinished {
        args::Unfinished::NullFields => model::Unfinished::NullFields,
        args::Unfinished::NullData => model::Unfinished::NullData,
        args::Unfinished::SignatureNotExist => model::Unfinished::SignatureNotExist,
    };
    habits.region_refusal = match args.region_refusal {
        args::RegionRefusal::RegionWrong => model::RegionRefusal::RegionWrong,
        args::RegionRefusal::ParameterError => model::RegionRefusal::ParameterError,
    };
    habits.link_life = Duration::from_secs(args.link_life.into());
    config
}

fn no_signals(error: &std::io::Error) -> Stop {
    Problem::local("sandbox", "cannot listen for the signal to end")
        .caused_by(error)
        .into()
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn wait(mut self) {
        self.0.recv().await;
    }
}
