//! `advance collect demo`: a sandbox, a collector and a receiver in one command.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use advance_collector::outbox::Outbox;
use advance_collector::sink::Discard;
use advance_collector::{Event, Pace, Pending, Policy, RunError, Seen};
use advance_core::{BaseUrl, Credentials, GenerateUrl, Period, Region, ReturnUrl, UserId};
use advance_sandbox::Sandbox;
use advance_sandbox::model::Account;
use advance_store_sqlite::SqliteStore;
use advance_webhook::deliver::{Courier, Target, letter};
use advance_webhook::{Secrets, Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::store::failed;
use crate::net::api::{Api, Parts};
use crate::net::collect::{Kept, Work};
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::problem::Problem;
use crate::service::reply::problem;
use crate::service::server::{At, Handler, Server, Whence};
use crate::stop::Stop;
use crate::style::{BOLD, styled};
use crate::text::clean;
use crate::time;

/// How each of the three ends, by the name that the sandbox takes.
const PEOPLE: [&str; 3] = ["sbx-ok", "sbx-forged", "sbx-pending-2"];

/// Show the whole way: three verifications in a sandbox, three signed webhooks to a receiver on this machine
#[derive(clap::Args)]
pub(super) struct Args {
    /// Use the blocking client (ureq) instead of the async one (reqwest)
    #[arg(long)]
    blocking: bool,
}

/// A webhook, as the receiver had it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    webhook_id: String,
    timestamp: u64,
    body: Value,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let sandbox = Sandbox::start_blocking().map_err(|error| local(&error))?;
    let api = Api::new(parts(&sandbox, args.blocking)?, out)?;
    let folder = tempfile::tempdir().map_err(|error| local(&error))?;
    let file = folder.path().join("pending.db");
    let secrets = secret()?;
    let (sender, webhooks) = channel();
    let receiver = Server::start(
        &At::Tcp(([127, 0, 0, 1], 0).into()),
        receiver(secrets.clone(), sender),
    );
    let receiver = receiver.map_err(|error| local(&error))?;
    let url = format!(
        "http://{}/webhooks",
        receiver.addr().map(|addr| addr.to_string()).unwrap_or_default()
    );
    if !out.is_json() {
        let who = format!(
            "A sandbox on this machine plays the vendor: {}",
            sandbox.base_url()
        );
        let whom = format!("A receiver on this machine plays your backend: {url}");
        out.text(&format!(
            "{}\n{}\n",
            out.sentence(&who, 2),
            out.sentence(&whom, 2)
        ))?;
    }
    let kept = Kept::file(SqliteStore::open(&file).map_err(failed)?);
    for person in PEOPLE {
        let way_back = || ReturnUrl::new("https://example.com/back");
        let request = GenerateUrl::new(way_back()?, way_back()?, Region::IDN).user_id(UserId::new(person)?);
        let link = api.generate_url(request)?.into_data();
        let pending = Pending::link(&link).first_after(Duration::ZERO);
        kept.store.add(&[pending]).map_err(failed)?;
    }
    let outbox: Arc<dyn Outbox> = Arc::new(SqliteStore::open(&file).map_err(failed)?);
    let target = Target::new(&url, None).map_err(|error| local(&error))?;
    let courier = Courier::new(Wiring::PLAIN.ureq()?, Arc::clone(&outbox), target, secrets);
    let collected = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        scope.spawn(|| {
            // What cannot be counted cannot be waited for.
            let waits = || outbox.counts().is_ok_and(|counts| counts.waiting > 0);
            courier.run(|| collected.load(Ordering::SeqCst) && !waits());
        });
        let ended = api.collect(&kept, work(&outbox));
        collected.store(true, Ordering::SeqCst);
        ended
    });
    ended.map_err(|error| match error {
        RunError::Account(error) => api.problem(error).into(),
        RunError::Store(error) => failed(error),
        _ => Stop::from(Problem::local("collect", "the collector stopped")),
    })?;
    drop(receiver);
    show(&webhooks, out)
}

fn parts(sandbox: &Sandbox, blocking: bool) -> Result<Parts, Stop> {
    let sample = Account::sample();
    Ok(Parts {
        base_url: BaseUrl::with_loopback(sandbox.base_url())?,
        insecure_host: None,
        credentials: Credentials::new(sample.access_key, sample.secret_key)?,
        wiring: Wiring::PLAIN,
        period: Period::default(),
        blocking,
        curl: false,
        kept: false,
    })
}

fn work(outbox: &Arc<dyn Outbox>) -> Work {
    let outbox = Arc::clone(outbox);
    Work {
        policy: Policy::new().wait(|wait| wait.backoff(Duration::from_millis(100), Duration::from_secs(1))),
        pace: Pace::new().until_done(),
        sink: Arc::new(Discard),
        tell: Arc::new(move |event: &Event| {
            outbox.put(&letter(event, time::now()))?;
            Ok(())
        }),
        watch: Arc::new(|_: &Seen<'_>| {}),
    }
}

/// A backend as small as it can be: it checks the signature, and keeps what was sent.
fn receiver(secrets: Secrets, sender: Sender<Received>) -> Arc<dyn Handler> {
    let check = Verifier::new(secrets);
    let sender = Mutex::new(sender);
    Arc::new(move |request: &Request<Bytes>, _: Whence| {
        let verified = check.verify(request.headers(), request.body(), SystemTime::now());
        match (verified, serde_json::from_slice(request.body())) {
            (Ok(verified), Ok(body)) => {
                let webhook = Received {
                    webhook_id: verified.id.to_owned(),
                    timestamp: verified.timestamp,
                    body,
                };
                // The one who listens lives longer than this.
                drop(
                    sender
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .send(webhook),
                );
                let mut taken = Response::new(Vec::new());
                *taken.status_mut() = StatusCode::NO_CONTENT;
                taken
            }
            (Err(refused), _) => problem(StatusCode::UNAUTHORIZED, &refused.to_string()),
            (Ok(_), Err(_)) => problem(StatusCode::BAD_REQUEST, "the body is no JSON"),
        }
    })
}

fn show(webhooks: &Receiver<Received>, out: &Out) -> Result<(), Stop> {
    let webhooks: Vec<Received> = webhooks.try_iter().collect();
    for webhook in &webhooks {
        if out.is_json() {
            out.object(webhook)?;
            continue;
        }
        let heading = styled(BOLD, "A webhook, its signature verified");
        let body = serde_json::to_string_pretty(&webhook.body).unwrap_or_default();
        let body: Vec<String> = body.lines().map(|line| format!("  {}", clean(line))).collect();
        let body = body.join(
            "
",
        );
        out.text(&format!(
            "\n{heading}\n  webhook-id: {}\n{body}\n",
            clean(&webhook.webhook_id)
        ))?;
    }
    if webhooks.len() == PEOPLE.len() {
        return Ok(());
    }
    Err(Problem::local("collect", "not every webhook came").into())
}

/// For this run alone: its keys differ each time.
fn secret() -> Result<Secrets, Stop> {
    let bytes: Vec<u8> = (0..4_u64)
        .flat_map(|number| RandomState::new().hash_one(number).to_be_bytes())
        .collect();
    Secrets::parse(&format!("whsec_{}", STANDARD.encode(bytes))).map_err(|error| local(&error))
}

fn local(error: &(dyn std::error::Error + 'static)) -> Stop {
    Problem::local("collect", "the demonstration cannot be set up")
        .caused_by(error)
        .into()
}
