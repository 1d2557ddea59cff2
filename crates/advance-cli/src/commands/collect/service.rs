//! What `advance collect run` serves beside collecting: webhooks, the intake, the door for those on call.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use advance_collector::sink::{Folder, Sink};
use advance_collector::{Event, Seen};
use advance_core::{BaseUrl, SignatureId};
use advance_store_sqlite::SqliteStore;
use advance_ureq::UreqTransport;
use advance_webhook::deliver::{Courier, Letter, Outbox, Sent, Target};
use serde_json::{Value, json};

use super::store::{Place, failed};
use crate::commands::sandbox::listen;
use crate::connection::Connection;
use crate::net::api::Api;
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::problem::Problem;
use crate::service::guard::Guard;
use crate::service::intake::{self, Intake};
use crate::service::ledger::Ledger;
use crate::service::log::{Level, Log};
use crate::service::metrics::Metrics;
use crate::service::monitor::Monitor;
use crate::service::secret::{Key, Source};
use crate::service::server::{At, Handler, Server};
use crate::signals::at_hangup;
use crate::stop::Stop;
use crate::time;

#[derive(clap::Args)]
#[command(next_help_heading = "Service")]
pub(super) struct Args {
    /// POST each outcome here, signed as Standard Webhooks says, with the secret of ADVANCE_WEBHOOK_SECRET
    #[arg(long, value_name = "URL")]
    pub(super) notify: Option<String>,
    /// Read the secret from this file; two of them while it is being changed, the new one first [env:
    /// ADVANCE_WEBHOOK_SECRET_FILE]
    #[arg(long, value_name = "FILE", requires = "notify")]
    webhook_secret_file: Option<PathBuf>,
    /// Send the whole result as well, personal data and links to pictures included
    #[arg(long, requires = "notify", requires = "output")]
    notify_results: bool,
    /// Take requests for links on this port or address, or at unix: and a path; the key is that of ADVANCE_INTAKE_KEY
    #[arg(long, value_name = "ADDRESS", value_parser = at)]
    intake: Option<At>,
    /// Read the key from this file [env: ADVANCE_INTAKE_KEY_FILE]
    #[arg(long, value_name = "FILE", requires = "intake")]
    intake_key_file: Option<PathBuf>,
    /// Answer to this name as well, as of a container
    #[arg(long, value_name = "NAME", requires = "intake")]
    intake_host: Vec<String>,
    /// Allow an address that other machines can reach; key and links then travel readable
    #[arg(long)]
    allow_remote: bool,
    /// Serve /livez, /readyz and /metrics on this port or address
    #[arg(long, value_name = "ADDRESS", value_parser = listen::parse)]
    monitor: Option<SocketAddr>,
    /// Say what happens on stderr, as a JSON object a line
    #[arg(long)]
    log: bool,
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
    /// Whether outcomes are delivered.
    pub(super) const fn delivers(&self) -> bool {
        self.notify.is_some()
    }
}

/// What runs beside the collector.
pub(super) struct Service {
    outbox: Arc<Outbox>,
    ledger: Arc<Ledger>,
    metrics: Arc<Metrics>,
    has_token: Arc<AtomicBool>,
    log: Log,
    delivers: bool,
    running: Mutex<Running>,
}

/// What has to be ended.
#[derive(Default)]
struct Running {
    courier: Option<Delivering>,
    servers: Vec<Server>,
}

/// A courier on a thread of its own.
struct Delivering {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// What a service is given.
pub(super) struct Given<'a> {
    pub(super) args: &'a Args,
    pub(super) place: &'a Place,
    pub(super) connection: &'a Connection,
    pub(super) output: Option<&'a Path>,
    pub(super) store: &'a Arc<SqliteStore>,
    pub(super) out: &'a Out,
}

impl Service {
    /// Starts all that was asked for. Bad input is refused before anything listens.
    pub(super) fn start(api: &Api, given: &Given<'_>) -> Result<Self, Stop> {
        let args = given.args;
        let key = args.key()?;
        let courier = args.courier(given)?;
        let service = Self {
            outbox: given.place.outbox()?,
            ledger: Arc::new(Ledger::open(given.place.file()).map_err(failed)?),
            metrics: Arc::default(),
            has_token: Arc::new(AtomicBool::new(true)),
            log: Log(args.log),
            delivers: args.delivers(),
            running: Mutex::default(),
        };
        let metrics = Arc::clone(&service.metrics);
        api.attempts().watched_by(move |event| metrics.event(event));
        service.monitor(given)?;
        service.intake(api, given, key.as_ref().map(|(_, key)| key.clone()))?;
        let courier = courier.map(|parts| service.deliver(parts, given));
        reload(courier, key, given.out, service.log);
        service
            .log
            .say(Level::Info, "started", json!({ "notify": args.delivers() }));
        Ok(service)
    }

    fn monitor(&self, given: &Given<'_>) -> Result<(), Stop> {
        let Some(addr) = given.args.monitor else {
            return Ok(());
        };
        let monitor = Monitor {
            store: Arc::<SqliteStore>::clone(given.store),
            outbox: self.delivers.then(|| Arc::clone(&self.outbox)),
            ledger: Arc::clone(&self.ledger),
            metrics: Arc::clone(&self.metrics),
            has_token: Arc::clone(&self.has_token),
        };
        self.serve("monitor", &At::Tcp(addr), monitor.handler(), given)
    }

    fn intake(&self, api: &Api, given: &Given<'_>, key: Option<Key>) -> Result<(), Stop> {
        let Some(at) = &given.args.intake else {
            return Ok(());
        };
        let parts = intake::Parts {
            store: Arc::<SqliteStore>::clone(given.store),
            ledger: Arc::clone(&self.ledger),
            make: api.maker(),
            output: given.output.map(Path::to_owned),
            guard: Guard {
                hosts: given.args.intake_host.clone(),
                key,
            },
            metrics: Arc::clone(&self.metrics),
            log: self.log,
        };
        let handler = Intake::handler(parts).map_err(|error| {
            Stop::from(Problem::usage("cannot open the folder of results").caused_by(&error))
        })?;
        self.serve("intake", at, handler, given)
    }

    fn serve(&self, name: &str, at: &At, handler: Handler, given: &Given<'_>) -> Result<(), Stop> {
        let server = Server::start(at, handler).map_err(|error| {
            Stop::from(Problem::usage(format!("the {name} cannot listen there")).caused_by(&error))
        })?;
        let place = match (server.addr(), at) {
            (Some(addr), _) => format!("http://{addr}"),
            (None, At::Unix(path)) => format!("unix:{}", path.display()),
            (None, At::Tcp(addr)) => format!("http://{addr}"),
        };
        given.out.tell(&format!("{name} ready: {place}"));
        self.running().servers.push(server);
        Ok(())
    }

    fn deliver(
        &self,
        (source, courier): (Source, Courier<UreqTransport>),
        given: &Given<'_>,
    ) -> (Source, Arc<Courier<UreqTransport>>) {
        let (metrics, log, out) = (Arc::clone(&self.metrics), self.log, given.out.clone());
        let courier = Arc::new(courier.watched_by(move |sent| seen(sent, &metrics, log, &out)));
        let stop = Arc::new(AtomicBool::new(false));
        let (running, stopped) = (Arc::clone(&courier), Arc::clone(&stop));
        let thread = thread::spawn(move || running.run(|| stopped.load(Ordering::SeqCst)));
        self.running().courier = Some(Delivering { stop, thread });
        (source, courier)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an outcome for delivery, before it counts as told.
    pub(super) fn post(&self, event: &Event) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.delivers {
            self.outbox.put(&Letter::of(event, time::now()))?;
        }
        let fields = json!({
            "signatureId": event.signature_id.as_str(),
            "ending": event.conclusion.ending.as_str(),
            "transactionId": event.conclusion.transaction_id,
        });
        self.log.say(Level::Info, "outcome", fields);
        Ok(())
    }

    pub(super) fn see(&self, seen: &Seen<'_>) {
        match seen {
            Seen::Swept(count) => {
                self.metrics.swept(*count);
                self.log
                    .say(Level::Warn, "vanished", json!({ "requests": count }));
            }
            Seen::NoToken(error) => {
                self.has_token.store(false, Ordering::Relaxed);
                self.log
                    .say(Level::Error, "no_token", json!({ "error": error.to_string() }));
            }
            Seen::Store(error) => self
                .log
                .say(Level::Error, "store", json!({ "error": error.to_string() })),
            Seen::Worked(report) => {
                self.has_token.store(true, Ordering::Relaxed);
                if let Some(error) = &report.trouble {
                    let fields = json!({
                        "signatureId": report.signature_id.as_str(),
                        "error": error.to_string(),
                    });
                    self.log.say(Level::Warn, "trouble", fields);
                }
            }
            _ => {}
        }
    }

    /// Forgets what is kept beside the store when a verification is forgotten.
    pub(super) fn forgetting(&self, inner: Box<dyn Sink>) -> Box<dyn Sink> {
        Box::new(Forgetting {
            inner,
            outbox: Arc::clone(&self.outbox),
            ledger: Arc::clone(&self.ledger),
        })
    }

    /// Ends: no new request is taken, and what is under way is seen to its end. If all is to be done, webhooks that wait are
    /// delivered or given up first, unless somebody interrupts.
    pub(super) fn end(&self, all: bool, interrupted: impl Fn() -> bool) -> Result<(), Stop> {
        self.running().servers.clear();
        let courier = self.running().courier.take();
        let Some(courier) = courier else { return Ok(()) };
        while all && !interrupted() && self.outbox.counts().map_err(failed)?.waiting > 0 {
            thread::sleep(Duration::from_millis(50));
        }
        courier.stop.store(true, Ordering::SeqCst);
        // A panic of that thread was reported when it happened.
        let _ = courier.thread.join();
        self.log.say(Level::Info, "stopped", json!({}));
        Ok(())
    }
}

impl Args {
    /// The intake's key, and where it comes from. A socket in the file system needs none.
    fn key(&self) -> Result<Option<(Source, Key)>, Stop> {
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

    fn courier(&self, given: &Given<'_>) -> Result<Option<(Source, Courier<UreqTransport>)>, Stop> {
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
        let origin = BaseUrl::with_loopback(&target.origin());
        let wiring = match origin {
            Ok(origin) => Wiring::of(&settings, &origin)?,
            // Plain http to the one insecure host, which no proxy is in the way of.
            Err(_) => Wiring::PLAIN,
        };
        let outbox = given.place.outbox()?;
        let mut courier = Courier::new(wiring.ureq()?, outbox, target, secrets);
        if self.notify_results {
            let folder = given.output.map(Folder::new).transpose();
            let folder = folder.map_err(|error| {
                Stop::from(Problem::usage("cannot open the folder of results").caused_by(&error))
            })?;
            courier = courier.enclosing(move |id| {
                folder
                    .as_ref()
                    .and_then(|folder| result(folder, id))
                    .unwrap_or_default()
            });
        }
        Ok(Some((source, courier)))
    }
}

fn wrong(error: &dyn std::error::Error) -> Stop {
    Problem::usage(error.to_string()).into()
}

/// The data of the reply that is kept.
fn result(folder: &Folder, id: &str) -> Option<Value> {
    let id = SignatureId::new(id).ok()?;
    let reply = std::fs::read(folder.of(&id).join("result.json")).ok()?;
    let mut reply: Value = serde_json::from_slice(&reply).ok()?;
    reply.get_mut("data").map(Value::take)
}

fn seen(sent: &Sent<'_>, metrics: &Metrics, log: Log, out: &Out) {
    match sent {
        Sent::Letter {
            letter,
            answer,
            took,
            dead,
            ..
        } => {
            metrics.delivered(*answer, *took);
            let taken = letter_taken(*answer);
            let level = if taken { Level::Info } else { Level::Warn };
            let fields = json!({
                "webhookId": letter.id,
                "signatureId": letter.signature_id,
                "answer": answer.to_string(),
                "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                "dead": dead,
            });
            log.say(level, "delivery", fields);
            if !taken {
                let rest = if *dead {
                    "; it was given up: see `advance collect letters`"
                } else {
                    ""
                };
                out.progress(&format!("webhook {}: {answer}{rest}", letter.id));
            }
        }
        Sent::Outbox(error) => {
            log.say(Level::Error, "outbox", json!({ "error": error.to_string() }));
            out.progress(&error.to_string());
        }
        _ => {}
    }
}

fn letter_taken(answer: advance_webhook::deliver::Answer) -> bool {
    answer == advance_webhook::deliver::Answer::Taken
}

/// Reads the secrets again at each SIGHUP. One that is wrong leaves the one before it in use.
fn reload(
    courier: Option<(Source, Arc<Courier<UreqTransport>>)>,
    key: Option<(Source, Key)>,
    out: &Out,
    log: Log,
) {
    let out = out.clone();
    at_hangup(move || {
        let secrets = courier.as_ref().map_or(Ok(()), |(source, courier)| {
            source.secrets().map(|secrets| courier.change_secrets(secrets))
        });
        let key = key
            .as_ref()
            .map_or(Ok(()), |(source, key)| source.key().map(|new| key.change(&new)));
        for answer in [secrets, key] {
            if let Err(Stop::Problem(problem)) = answer {
                out.tell(problem.message());
                log.say(Level::Error, "reload", json!({ "error": problem.message() }));
            }
        }
        log.say(Level::Info, "reloaded", json!({}));
    });
}

/// A sink that forgets webhooks and links together with what it keeps.
struct Forgetting {
    inner: Box<dyn Sink>,
    outbox: Arc<Outbox>,
    ledger: Arc<Ledger>,
}

impl Sink for Forgetting {
    fn keep(
        &self,
        keepsake: &advance_collector::sink::Keepsake,
    ) -> Result<(), advance_collector::sink::SinkError> {
        self.inner.keep(keepsake)
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), advance_collector::sink::SinkError> {
        self.outbox.forget(signature_id.as_str())?;
        self.ledger.forget(signature_id.as_str())?;
        self.inner.forget(signature_id)
    }
}
