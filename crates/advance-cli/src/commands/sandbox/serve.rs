//! The sandbox as a server.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use advance_core::UnixMillis;
use advance_sandbox::model::{self, Account, Price, VendorConfig};
use advance_sandbox::{Event, Events, Sandbox, StartError};
use serde::Serialize;
use tokio::runtime;

use super::listen;
use super::reach::origin_of;
use crate::out::{Out, to_json};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::signals::Signals;
use crate::stop::Stop;
use crate::text::clean;
use crate::time;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// Listen on this port or address; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = listen::DEFAULT, value_parser = listen::parse)]
    listen: SocketAddr,
    /// Allow an address that other machines can reach; all who reach the sandbox control it
    #[arg(long)]
    allow_remote: bool,
    /// Answer to this name as well, as of a container or a tunnel
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Let pages of this origin control the sandbox, such as `https://tool.example`
    #[arg(long, value_name = "URL")]
    allow_origin: Vec<String>,
    /// Let pages of any origin make the three calls; the vendor does not
    #[arg(long)]
    cors: bool,
    /// Serve the pictures on this port; by default on a free one
    #[arg(long, value_name = "PORT", conflicts_with = "images_on_api")]
    images_port: Option<u16>,
    /// Serve the pictures on the port of the calls, if only one can be reached
    #[arg(long)]
    images_on_api: bool,
    /// Speak HTTPS, with a certificate by an authority that is made for this run and never used again
    #[arg(long)]
    tls: bool,
    /// Write the certificate of that authority to this PEM file, for --ca-file and the like
    #[arg(long, value_name = "FILE", requires = "tls")]
    save_ca: Option<PathBuf>,
    /// A path before the vendor's paths, such as /gateway
    #[arg(long, value_name = "PATH")]
    path_prefix: Option<String>,
    /// What links begin with if browsers reach the sandbox by another address
    #[arg(long, value_name = "URL")]
    public_base: Option<String>,
    /// Give the same ids and pictures each time
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Refuse what the document does not allow, and say why
    #[arg(long)]
    strict: bool,
    /// What get-result says it costs
    #[arg(long, value_enum, default_value_t = Charging::Documented)]
    charging: Charging,
    /// What get-result says before the person has finished
    #[arg(long, value_enum, default_value_t = Unfinished::NullFields)]
    unfinished: Unfinished,
    /// How a region other than IDN is refused
    #[arg(long, value_enum, default_value_t = RegionRefusal::RegionWrong)]
    region_refusal: RegionRefusal,
    /// How long a link lives
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    link_life: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Charging {
    /// FREE, as in the documented example
    Documented,
    /// PAY when a finished result is delivered first
    PayPerResult,
    /// PAY every time
    PayPerPoll,
    /// Nothing
    Omit,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Unfinished {
    /// SUCCESS, every member of data null
    NullFields,
    /// SUCCESS, data null
    NullData,
    #[value(help = "SIGNATURE_NOT_EXIST")]
    SignatureNotExist,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum RegionRefusal {
    #[value(help = "Code REGION_WRONG, as in the documented example")]
    RegionWrong,
    #[value(help = "Code PARAMETER_ERROR, as in the documented table")]
    ParameterError,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    base_url: &'a str,
    /// The authority to trust, as PEM, if it speaks HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_pem: Option<&'a str>,
}

pub(super) fn run(args: Args, out: &Out) -> Result<(), Stop> {
    let mut builder = Sandbox::builder()
        .listen(args.listen)
        .allow_remote(args.allow_remote)
        .config(config(&args))
        .strict(args.strict)
        .cors(args.cors);
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    for name in args.allow_host {
        builder = builder.allow_host(name);
    }
    for origin in args.allow_origin {
        builder = builder.allow_origin(origin);
    }
    if args.images_on_api {
        builder = builder.images_on_api();
    }
    if let Some(port) = args.images_port {
        builder = builder.images_port(port);
    }
    if let Some(base) = args.public_base {
        builder = builder.public_base(base);
    }
    if let Some(keys) = Settings::load(None)?.credentials_if_set()? {
        builder = builder.account(keys.access_key().expose(), keys.secret_key().expose());
    }
    if args.tls {
        builder = builder.tls();
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| no_signals(&error))?;
    // Before it is ready: a reader of that may end it at once.
    let mut end = runtime
        .block_on(async { Signals::listen() })
        .map_err(|error| no_signals(&error))?;
    let sandbox = builder.start_blocking().map_err(|error| not_started(&error))?;
    if let (Some(file), Some(pem)) = (&args.save_ca, sandbox.ca_pem()) {
        fs::write(file, pem).map_err(|error| {
            let message = format!("cannot write the certificate to {}", file.display());
            Stop::from(Problem::local("file", message).caused_by(&error))
        })?;
    }
    log(sandbox.events(), out);
    if out.is_json() {
        out.object(&Ready {
            base_url: sandbox.base_url(),
            ca_pem: sandbox.ca_pem(),
        })?;
    } else {
        let mut ready = format!("sandbox ready: {}\n", sandbox.base_url());
        if !out.is_quiet() {
            ready += &how_to_call(&sandbox, args.save_ca.as_deref());
            ready.push('\n');
        }
        // In one piece: a script that reads the address and goes away ends nothing.
        out.text(&ready)?;
    }
    runtime.block_on(end.next());
    sandbox.shutdown_blocking();
    Ok(())
}

/// Tells requests as they are answered, a line each; to a program as the objects that `GET /__sandbox/events` has.
pub(in crate::commands) fn log(mut events: Events, out: &Out) {
    let out = out.clone();
    let tell = move || {
        while let Some(event) = events.next_blocking() {
            if out.is_json() {
                if let Ok(line) = to_json(&*event) {
                    out.tell(&line);
                }
                continue;
            }
            let Event::Answered { entry, duration } = &*event else {
                continue;
            };
            let answer = entry
                .code
                .as_deref()
                .map_or_else(|| entry.status.to_string(), str::to_owned);
            let cost = entry.pricing_strategy.map(|price| match price {
                Price::Free => "FREE",
                Price::Pay => "PAY",
            });
            let mut line = format!(
                "{} {} {}  {answer}",
                time::of_day(UnixMillis::new(entry.at)),
                clean(&entry.method),
                clean(&entry.path)
            );
            let parts = [
                cost,
                entry.transaction_id.as_deref(),
                entry.signature_id.as_deref(),
            ];
            for part in parts.into_iter().flatten() {
                line.push_str("  ");
                line.push_str(&clean(part));
            }
            out.tell(&format!("{line}  {} ms", duration.as_millis()));
            if let Some(hint) = &entry.hint {
                out.tell(&format!("  hint: {}", clean(hint)));
            }
        }
    };
    // Without the thread there is only less to read.
    let _ = thread::Builder::new().name("log".to_owned()).spawn(tell);
}

/// Lines to paste into another terminal. Keys that are set work as well, but are not shown.
pub(in crate::commands) fn how_to_call(sandbox: &Sandbox, saved_ca: Option<&Path>) -> String {
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
    let trust = match (saved_ca, sandbox.ca_pem()) {
        (Some(file), _) => format!("\n  export ADVANCE_CA_FILE='{}'", absolute(file).display()),
        (None, Some(pem)) => format!(
            "\nClients have to trust this authority, which ends with the sandbox (--save-ca FILE writes it to a file):\n{}",
            pem.trim_end()
        ),
        (None, None) => String::new(),
    };
    format!(
        "To call it from another terminal (Ctrl-C ends it):\n  export ADVANCE_BASE_URL={base_url}\n  \
         export ADVANCE_ACCESS_KEY={access_key}\n  export ADVANCE_SECRET_KEY={secret_key}{trust}\n\
         Dashboard: {}/\n\
         Scenarios: `advance sandbox scenarios`",
        origin_of(&base_url)
    )
}

/// Another terminal may be in another folder.
fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

fn config(args: &Args) -> VendorConfig {
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
        Charging::Documented => model::Charging::Documented,
        Charging::PayPerResult => model::Charging::PayPerResult,
        Charging::PayPerPoll => model::Charging::PayPerPoll,
        Charging::Omit => model::Charging::Omit,
    };
    habits.unfinished = match args.unfinished {
        Unfinished::NullFields => model::Unfinished::NullFields,
        Unfinished::NullData => model::Unfinished::NullData,
        Unfinished::SignatureNotExist => model::Unfinished::SignatureNotExist,
    };
    habits.region_refusal = match args.region_refusal {
        RegionRefusal::RegionWrong => model::RegionRefusal::RegionWrong,
        RegionRefusal::ParameterError => model::RegionRefusal::ParameterError,
    };
    habits.link_life = Duration::from_secs(args.link_life.into());
    config
}

fn not_started(error: &StartError) -> Problem {
    let problem = Problem::local("sandbox", "the sandbox did not start").caused_by(error);
    match error {
        StartError::Listen { .. } => problem.hint("`advance sandbox --listen 0` picks a free port"),
        StartError::NotLoopback(_) => problem.hint("--allow-remote allows it"),
        _ => problem,
    }
}

fn no_signals(error: &std::io::Error) -> Stop {
    Problem::local("sandbox", "cannot listen for the signal to end")
        .caused_by(error)
        .into()
}
