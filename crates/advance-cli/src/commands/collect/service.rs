//! What `advance collect run` serves beside collecting: webhooks, the intake, the door for those on call.

mod args;

use std::mem;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use advance_collector::sink::Sink;
use advance_collector::{Event, Seen, Store};
use advance_ureq::UreqTransport;
use advance_webhook::deliver::{Courier, letter};
use serde_json::json;

pub(super) use self::args::Args;
use super::store::{Beside, Place, failed, needs_file};
use crate::connection::Connection;
use crate::net::api::Api;
use crate::out::Out;
use crate::problem::Problem;
use crate::service::deliveries::seen;
use crate::service::forgetting::Forgetting;
use crate::service::guard::Guard;
use crate::service::intake::{self, Intake};
use crate::service::log::{Level, Log};
use crate::service::metrics::{Metrics, gave_token};
use crate::service::monitor::Monitor;
use crate::service::secret::{Key, Source};
use crate::service::server::{At, Handler, Server};
use crate::signals::at_hangup;
use crate::stop::Stop;
use crate::time;

/// What runs beside the collector.
pub(super) struct Service {
    beside: Option<Beside>,
    metrics: Arc<Metrics>,
    has_token: Arc<AtomicBool>,
    log: Log,
    out: Out,
    running: Arc<Mutex<Running>>,
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
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) out: &'a Out,
}

impl Service {
    /// Starts all that was asked for. Bad input is refused before anything listens.
    pub(super) fn start(api: &Api, given: &Given<'_>) -> Result<Self, Stop> {
        let args = given.args;
        let key = args.key()?;
        let courier = args.courier(given)?;
        let service = Self {
            beside: given.place.beside()?,
            metrics: Arc::default(),
            has_token: Arc::new(AtomicBool::new(true)),
            log: Log(args.log),
            out: given.out.clone(),
            running: Arc::default(),
        };
        let (metrics, has_token) = (Arc::clone(&service.metrics), Arc::clone(&service.has_token));
        api.attempts().watched_by(move |event| {
            metrics.event(event);
            if let Some(gave) = gave_token(event) {
                has_token.store(gave, Ordering::Relaxed);
            }
        });
        let courier = courier.map(|(source, courier)| (source, service.watched(courier, given.out)));
        let delivering = courier.as_ref().map(|(_, courier)| Arc::clone(courier));
        let open = key.as_ref().map(|(_, key)| key.clone());
        reload(courier, key, given.out, service.log);
        service.monitor(given)?;
        service.intake(api, given, open)?;
        // Nothing is booked and nothing sent until it is certain that the service runs.
        if let Some(on) = args.notifies() {
            let outbox = &service.beside()?.outbox;
            outbox.set_open(on).map_err(failed)?;
        }
        if let Some(courier) = delivering {
            service.deliver(courier)?;
        }
        service
            .log
            .say(Level::Info, "started", json!({ "notify": args.notify.is_some() }));
        Ok(service)
    }

    /// What serves others needs a file to keep what it has served.
    fn beside(&self) -> Result<&Beside, Stop> {
        self.beside.as_ref().ok_or_else(needs_file)
    }

    fn monitor(&self, given: &Given<'_>) -> Result<(), Stop> {
        let Some(addr) = given.args.monitor else {
            return Ok(());
        };
        let beside = self.beside()?;
        let running = Arc::clone(&self.running);
        let monitor = Monitor {
            store: Arc::clone(given.store),
            outbox: Arc::clone(&beside.outbox),
            ledger: Arc::clone(&beside.ledger),
            metrics: Arc::clone(&self.metrics),
            has_token: Arc::clone(&self.has_token),
            has_courier: Box::new(move || has_courier(&running)),
        };
        self.serve("monitor", &At::Tcp(addr), Arc::new(monitor), given)
    }

    fn intake(&self, api: &Api, given: &Given<'_>, key: Option<Key>) -> Result<(), Stop> {
        let Some(at) = &given.args.intake else {
            return Ok(());
        };
        let parts = intake::Parts {
            store: Arc::clone(given.store),
            ledger: Arc::clone(&self.beside()?.ledger),
            make: api.maker(),
            output: given.output.map(Path::to_owned),
            guard: Guard {
                hosts: given.args.intake_host.clone(),
                key,
            },
            metrics: Arc::clone(&self.metrics),
            log: self.log,
        };
        let intake = Intake::new(parts).map_err(|error| {
            Stop::from(Problem::usage("cannot open the folder of results").caused_by(&error))
        })?;
        self.serve("intake", at, Arc::new(intake), given)
    }

    fn serve(&self, name: &str, at: &At, handler: Arc<dyn Handler>, given: &Given<'_>) -> Result<(), Stop> {
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

    fn watched(&self, courier: Courier<UreqTransport>, out: &Out) -> Arc<Courier<UreqTransport>> {
        let (metrics, log, out) = (Arc::clone(&self.metrics), self.log, out.clone());
        Arc::new(courier.watched_by(move |sent| seen(sent, &metrics, log, &out)))
    }

    fn deliver(&self, courier: Arc<Courier<UreqTransport>>) -> Result<(), Stop> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("courier".to_owned())
            .spawn(move || courier.run(|| stopped.load(Ordering::SeqCst)));
        let thread = thread.map_err(|error| {
            Stop::from(Problem::local("collect", "there is no thread to deliver webhooks").caused_by(&error))
        })?;
        self.running().courier = Some(Delivering { stop, thread });
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        lock(&self.running)
    }

    /// Keeps an outcome for delivery, before it counts as told. A run without `--notify` does so for the service that delivers.
    pub(super) fn post(&self, event: &Event) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if let Some(Beside { outbox, .. }) = &self.beside
            && outbox.is_open()?
        {
            outbox.put(&letter(event, time::now()))?;
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
                self.log
                    .say(Level::Error, "no_token", json!({ "error": error.to_string() }));
            }
            Seen::Store(error) => self
                .log
                .say(Level::Error, "store", json!({ "error": error.to_string() })),
            Seen::Worked(report) => {
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

    /// The account was refused: collecting pauses.
    pub(super) fn refused(&self, problem: &Problem) {
        self.out.tell(&format!(
            "{}; nothing is collected until the account is in order: mend it and start the service again",
            problem.message()
        ));
        let fields = json!({ "error": problem.message() });
        self.log.say(Level::Error, "account_refused", fields);
    }

    /// Forgets what is kept beside the store when a verification is forgotten.
    pub(super) fn forgetting(&self, inner: Box<dyn Sink>) -> Arc<dyn Sink> {
        match &self.beside {
            Some(beside) => Arc::new(Forgetting {
                inner,
                outbox: Arc::clone(&beside.outbox),
                ledger: Arc::clone(&beside.ledger),
            }),
            None => Arc::from(inner),
        }
    }

    /// Takes no new request, and sees those under way to their end.
    pub(super) fn close(&self) {
        // Not while they are locked: the monitor looks at them as well.
        let servers = mem::take(&mut self.running().servers);
        drop(servers);
    }

    /// Ends the deliveries that are under way. If all is to be done, webhooks that wait are delivered or given up first,
    /// unless somebody interrupts.
    pub(super) fn end(&self, all: bool, interrupted: impl Fn() -> bool) -> Result<(), Stop> {
        let courier = self.running().courier.take();
        let Some(courier) = courier else { return Ok(()) };
        let waits = |beside: &Beside| beside.outbox.counts().map(|counts| counts.waiting > 0);
        while all && !interrupted() && self.beside.as_ref().map_or(Ok(false), waits).map_err(failed)? {
            thread::sleep(Duration::from_millis(50));
        }
        courier.stop.store(true, Ordering::SeqCst);
        // A panic of that thread was reported when it happened.
        let _ = courier.thread.join();
        self.log.say(Level::Info, "stopped", json!({}));
        Ok(())
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the courier works, if there is one.
fn has_courier(running: &Mutex<Running>) -> bool {
    lock(running)
        .courier
        .as_ref()
        .is_none_or(|courier| !courier.thread.is_finished())
}

/// Reads the secrets again at each SIGHUP. One that is wrong leaves the one before it in use. Without a file there is nothing
/// that could have changed, and a SIGHUP ends the process as ever.
fn reload(
    courier: Option<(Source, Arc<Courier<UreqTransport>>)>,
    key: Option<(Source, Key)>,
    out: &Out,
    log: Log,
) {
    let courier = courier.filter(|(source, _)| source.may_change());
    let key = key.filter(|(source, _)| source.may_change());
    if courier.is_none() && key.is_none() {
        return;
    }
    let out = out.clone();
    at_hangup(move || {
        let secrets = courier.as_ref().map(|(source, courier)| {
            let secrets = source.secrets()?;
            courier.change_secrets(secrets);
            Ok(())
        });
        let key = key.as_ref().map(|(source, key)| {
            key.change(&source.key()?);
            Ok(())
        });
        for (what, answer) in [("webhook_secret", secrets), ("intake_key", key)] {
            match answer {
                Some(Ok(())) => log.say(Level::Info, "reloaded", json!({ "what": what })),
                Some(Err(Stop::Problem(problem))) => {
                    out.tell(problem.message());
                    let fields = json!({ "what": what, "error": problem.message() });
                    log.say(Level::Error, "not_reloaded", fields);
                }
                Some(Err(_)) | None => {}
            }
        }
    });
}
