//! The options of the service, and what is made of them before anything listens.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use advance_collector::sink::Folder;
use advance_core::BaseUrl;
use advance_ureq::UreqTransport;
use advance_webhook::deliver::{Courier, Target};

use super::Given;
use crate::commands::sandbox::listen;
use crate::net::transport::Wiring;
use crate::problem::Problem;
use crate::service::deliveries::result;
use crate::service::secret::{Key, Source};
use crate::service::server::At;
use crate::stop::Stop;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Service")]
pub(in crate::commands::collect) struct Args {
    /// POST each outcome here, signed as Standard Webhooks says, with the secret of ADVANCE_WEBHOOK_SECRET; from then on
    /// every run on this store keeps outcomes for delivery
    #[arg(long, value_name = "URL")]
    pub(super) notify: Option<String>,
    /// Keep no outcomes for delivery any longer
    #[arg(long, conflicts_with = "notify")]
    no_notify: bool,
    /// Read the secret from this file; two of them while it is being changed, the new one first [env:
    /// ADVANCE_WEBHOOK_SECRET_FILE]
    #[arg(long, value_name = "FILE", requires = "notify")]
    webhook_secret_file: Option<PathBuf>,
    /// Send the whole result as well, personal data and links to pictures included
    #[arg(long, requires = "notify", requires = "output")]
    notify_results: bool,
    /// Take requests for links on this port or address, or at unix: and a path; the key is that of ADVANCE_INTAKE_KEY
    #[arg(long, value_name = "ADDRESS", value_parser = at)]
    pub(super) intake: Option<At>,
    /// Read the key from this file [env: ADVANCE_INTAKE_KEY_FILE]
    #[arg(long, value_name = "FILE", requires = "intake")]
    intake_key_file: Option<PathBuf>,
    /// Answer to this name as well, as of a container
    #[arg(long, value_name = "NAME", requires = "intake")]
    pub(super) intake_host: Vec<String>,
    /// Allow an address that other machines can reach; key and links then travel readable
    #[arg(long)]
    allow_remote: bool,
    /// Serve /livez, /readyz and /metrics on this port or address
    #[arg(long, value_name = "ADDRESS", value_parser = listen::parse)]
    pub(super) monitor: Option<SocketAddr>,
    /// Say what happens on stderr, as a JSON object a line
    #[arg(long)]
    pub(super) log: bool,
}

/// `unix:` and a path, or an address.
fn at(text: &str) -> Result<At, String> {
    match text.strip_prefix("unix:") {
        Some("") => Err("unix: needs a path".to_owned()),
        Some(path) => Ok(At::Unix(path.into())),
        None => listen::parse(text).map(At::Tcp),
    }
}

impl Args {
    /// Whether outcomes are to be delivered from now on, or no longer, if anything is said of it.
    pub(super) const fn notifies(&self) -> Option<bool> {
        match (&self.notify, self.no_notify) {
            (Some(_), _) => Some(true),
            (None, true) => Some(false),
            (None, false) => None,
        }
    }

    /// Whether it does more than to collect.
    pub(in crate::commands::collect) const fn serves(&self) -> bool {
        self.notify.is_some() || self.intake.is_some() || self.monitor.is_some()
    }

    /// Whether it keeps something beside the verifications.
    pub(in crate::commands::collect) const fn needs_file(&self) -> bool {
        self.serves() || self.no_notify
    }

    /// The intake's key, and where it comes from. A socket in the file system needs none.
    pub(super) fn key(&self) -> Result<Option<(Source, Key)>, Stop> {
        for addr in [self.monitor, self.tcp_intake()].into_iter().flatten() {
            if !addr.ip().is_loopback() && !self.allow_remote {
                let message = format!("other machines can reach {addr}, where key and links travel readable");
                let hint = "listen on 127.0.0.1 behind a proxy that speaks TLS, or say --allow-remote";
                return Err(Problem::usage(message).hint(hint).into());
            }
        }
        if self.intake.is_none() {
            return Ok(None);
        }
        let file = self.intake_key_file.as_deref();
        let source = Source::find(file, "ADVANCE_INTAKE_KEY", "ADVANCE_INTAKE_KEY_FILE")?;
        match (source, self.tcp_intake()) {
            (Some(source), _) => {
                let key = source.key()?;
                Ok(Some((source, key)))
            }
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let hint = "put one into ADVANCE_INTAKE_KEY or --intake-key-file (openssl rand -hex 24 makes one), or \
                            listen at unix:PATH, where the file's permissions say who may ask";
                Err(Problem::usage("the intake needs a key").hint(hint).into())
            }
        }
    }

    fn tcp_intake(&self) -> Option<SocketAddr> {
        match self.intake {
            Some(At::Tcp(addr)) => Some(addr),
            _ => None,
        }
    }

    pub(super) fn courier(
        &self,
        given: &Given<'_>,
    ) -> Result<Option<(Source, Courier<UreqTransport>)>, Stop> {
        let Some(url) = &self.notify else { return Ok(None) };
        let settings = given.connection.settings()?;
        let target = Target::new(url, settings.insecure_host()?).map_err(|error| wrong(&error))?;
        let file = self.webhook_secret_file.as_deref();
        let source = Source::find(file, "ADVANCE_WEBHOOK_SECRET", "ADVANCE_WEBHOOK_SECRET_FILE")?;
        let Some(source) = source else {
            let hint = "put one into ADVANCE_WEBHOOK_SECRET or --webhook-secret-file: echo \"whsec_$(openssl rand -base64 \
                        32)\" makes one; the receiver needs the same";
            return Err(Problem::usage("--notify needs a secret to sign with")
                .hint(hint)
                .into());
        };
        let secrets = source.secrets()?;
        // The way to the receiver, which may be another than that to the vendor.
        let wiring = match BaseUrl::with_loopback(&target.origin()) {
            Ok(origin) => Wiring::of(&settings, &origin)?,
            // Plain http to the one insecure host, which no proxy is in the way of.
            Err(_) if settings.has_sample_keys()? => Wiring::PLAIN,
            Err(_) => {
                let hint = "give the receiver TLS, or let it listen on this machine";
                let message = "with real keys webhooks go over https, or to this machine: --insecure-host is for the \
                               sandbox's sample keys alone";
                return Err(Problem::usage(message).hint(hint).into());
            }
        };
        let outbox = given.place.outbox()?;
        let mut courier = Courier::new(wiring.ureq()?, outbox, target, secrets);
        if let Some(path) = given.output.filter(|_| self.notify_results) {
            let folder = Folder::new(path).map_err(|error| {
                Stop::from(Problem::usage("cannot open the folder of results").caused_by(&error))
            })?;
            let store = Arc::clone(given.store);
            courier = courier.enclosing(move |id| result(&*store, &folder, id));
        }
        Ok(Some((source, courier)))
    }
}

fn wrong(error: &dyn std::error::Error) -> Stop {
    Problem::usage(error.to_string()).into()
}
