//! What a whole verification writes to its logs at TRACE, searched for everything that must not be there.
//!
//! Alone in its process, for there is one logger in each.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use advance_conformance::Secrets;
use advance_core::client::Tracing;
use advance_core::transport::{Failure, Limits};
use advance_core::url::DownloadPolicy;
use advance_core::{
    AsyncClient, AsyncTransport, Client, ImageLink, Now, Transport, Verification, VerificationLink,
    WaitPolicy,
};
use advance_reqwest::ReqwestTransport;
use advance_sandbox::{Sandbox, Vendor};
use advance_ureq::UreqTransport;
use http::{Request, Response};
use serde_json::Value;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use support::{ACCESS_KEY, SECRET_KEY, config, credentials, link_for, sandbox};

/// What the HTTP client beneath the blocking client writes of what it must not: `ureq_proto` all that is sent and
/// received, `ureq::run` the link of a photograph with its query, which it masks unless its own TRACE is on. The
/// adapter's documentation names both, and the filter that stops them.
const TALKERS: [(&str, Level); 2] = [("ureq::run", Level::DEBUG), ("ureq_proto::util", Level::TRACE)];
const FILTER: &str = "trace,ureq=debug,ureq_proto=debug";

/// One line of a log.
#[derive(Clone)]
struct Line {
    target: String,
    level: Level,
    text: String,
}

/// All lines, of `tracing` and of `log`, that the filter lets through.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<(Targets, Vec<Line>)>>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, (Targets, Vec<Line>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: Line) {
        let (filter, lines) = &mut *self.lock();
        if filter.would_enable(&line.target, &line.level) {
            lines.push(line);
        }
    }

    /// The lines so far; from now on, those that this filter lets through.
    fn take(&self, filter: &str) -> Vec<Line> {
        let (_, lines) = std::mem::replace(&mut *self.lock(), (filter.parse().unwrap(), Vec::new()));
        lines
    }
}

fn level(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::ERROR,
        log::Level::Warn => Level::WARN,
        log::Level::Info => Level::INFO,
        log::Level::Debug => Level::DEBUG,
        log::Level::Trace => Level::TRACE,
    }
}

/// Where `tracing` writes one event, whose target it is told.
struct Writer(Lines, String, Level);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(Line {
            target: self.1.clone(),
            level: self.2,
            text: String::from_utf8_lossy(bytes).into_owned(),
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Writer;

    fn make_writer(&self) -> Writer {
        Writer(self.clone(), String::new(), Level::ERROR)
    }

    fn make_writer_for(&self, meta: &Metadata<'_>) -> Writer {
        Writer(self.clone(), meta.target().to_owned(), *meta.level())
    }
}

impl log::Log for Lines {
    fn enabled(&self, meta: &log::Metadata<'_>) -> bool {
        self.lock().0.would_enable(meta.target(), &level(meta.level()))
    }

    fn log(&self, record: &log::Record<'_>) {
        self.push(Line {
            target: record.target().to_owned(),
            level: level(record.level()),
            text: format!("{record:?} {}", record.args()),
        });
    }

    fn flush(&self) {}
}

/// A request, and the body of its reply.
type Exchange = (Request<Vec<u8>>, Vec<u8>);

/// A transport that keeps what crosses it, to know what to look for.
struct Tap<T> {
    transport: T,
    crossed: Mutex<Vec<Exchange>>,
}

impl<T> Tap<T> {
    const fn new(transport: T) -> Self {
        Self {
            transport,
            crossed: Mutex::new(Vec::new()),
        }
    }

    fn keep(&self, request: Request<Vec<u8>>, outcome: &Result<Response<Vec<u8>>, Failure>) {
        let body = outcome
            .as_ref()
            .map(|response| response.body().clone())
            .unwrap_or_default();
        self.crossed.lock().unwrap().push((request, body));
    }

    /// Every value that must not be written anywhere.
    fn secrets(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut secrets = Vec::new();
        for (request, reply) in self.crossed.lock().unwrap().iter() {
            // A picture is no JSON, and there is nothing to look for in it.
            let sent: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            let data = serde_json::from_slice::<Value>(reply).unwrap_or_default()["data"].take();
            let header = request.headers().get("x-access-token");
            secrets.extend(header.map(|token| ("the token", token.to_str().unwrap().to_owned())));
            secrets.extend(text(&sent["signature"]).map(|value| ("the signature", value)));
            secrets.extend(text(&data["token"]).map(|value| ("the token", value)));
            for link in ["url", "image", "croppedImage"] {
                let query =
                    text(&data[link]).and_then(|url| url.split_once('?').map(|(_, query)| query.to_owned()));
                secrets.extend(query.map(|query| ("a link's query", query)));
            }
            for field in ["idNumber", "name", "birthPlaceBirthday", "address", "birthday"] {
                secrets.extend(text(&data["ocrResult"][field]).map(|value| (field, value)));
            }
        }
        secrets
    }
}

impl<T: Transport> Transport for Tap<T> {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let outcome = self.transport.send(request.clone(), limits);
        self.keep(request, &outcome);
        outcome
    }

    fn sleep(&self, duration: Duration) {
        self.transport.sleep(duration);
    }

    fn now(&self) -> Now {
        self.transport.now()
    }
}

#[async_trait::async_trait]
impl<T: AsyncTransport> AsyncTransport for Tap<T> {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let outcome = self.transport.send(request.clone(), limits).await;
        self.keep(request, &outcome);
        outcome
    }

    async fn sleep(&self, duration: Duration) {
        self.transport.sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.transport.now()
    }
}

const SOON: Duration = Duration::from_millis(5);

/// A link, a person who takes a while, a refusal, and a caller who logs all there is to log.
fn blocking_demo(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let config = config(sandbox);
    let tracing = Tracing::new(&config);
    let tap = Tap::new(UreqTransport::new().unwrap());
    let client = Client::new(tap, config, credentials(), 7).with_observer(tracing);
    let link = client
        .generate_url(link_for("sbx-pending-2"))
        .unwrap()
        .into_data();
    sandbox.with_vendor(Vendor::revoke_all_tokens);
    let waited = client.wait_for_result(WaitPolicy::link(&link).backoff(SOON, SOON));
    let verification = waited.into_result().unwrap().into_data();
    let picture = client.download_with(image(&verification), &here()).unwrap();
    hopeless(sandbox, &link);
    let error = client.get_result(link.signature_id()).unwrap_err();
    let token = client.export_token();
    tracing::trace!(?client, ?link, ?verification, ?picture, ?error, %error, ?token, "all of it");
    client.transport().secrets()
}

async fn async_demo(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let config = config(sandbox);
    let tracing = Tracing::new(&config);
    let tap = Tap::new(ReqwestTransport::new().unwrap());
    let client = AsyncClient::new(tap, config, credentials(), 7).with_observer(tracing);
    let link = client
        .generate_url(link_for("sbx-pending-2"))
        .await
        .unwrap()
        .into_data();
    sandbox.with_vendor(Vendor::revoke_all_tokens);
    let waited = client
        .wait_for_result(WaitPolicy::link(&link).backoff(SOON, SOON))
        .await;
    let verification = waited.into_result().unwrap().into_data();
    let picture = client.download_with(image(&verification), &here()).await.unwrap();
    hopeless(sandbox, &link);
    let error = client.get_result(link.signature_id()).await.unwrap_err();
    let token = client.export_token();
    tracing::trace!(?client, ?link, ?verification, ?picture, ?error, %error, ?token, "all of it");
    client.transport().secrets()
}

fn image(verification: &Verification) -> &ImageLink {
    verification.image().unwrap()
}

fn here() -> DownloadPolicy {
    DownloadPolicy::nowhere().host("127.0.0.1").unwrap()
}

/// The next result does not fit, and the error has to say where.
fn hopeless(sandbox: &Sandbox, link: &VerificationLink) {
    let data = serde_json::json!({"idvCode": "SUCCESS", "ocrResult": {"idNumber": ["3174065708900000"]}});
    let id = link.signature_id().as_str();
    assert!(sandbox.with_vendor(|vendor| vendor.finish_with(id, data)));
}

/// All forms in which a secret may be written.
fn hunt(found: Vec<(&'static str, String)>) -> Secrets {
    let keys = [("the secret key", SECRET_KEY), ("the access key", ACCESS_KEY)];
    let mut secrets = keys
        .into_iter()
        .fold(Secrets::new(), |secrets, (name, value)| secrets.and(name, value));
    for (name, value) in found {
        let encoded: String = value
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
        let form = value.replace(' ', "+");
        secrets = secrets.and(name, &value).and(name, &encoded).and(name, &form);
    }
    secrets
}

#[test]
fn fault_76_no_log_line_of_a_whole_demo_holds_a_secret() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_boxed_logger(Box::new(lines.clone())).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();

    let sandbox = sandbox(|_| {});
    for (client, filter, talkers) in [
        ("async", "trace", &[][..]),
        ("blocking", "trace", &TALKERS[..]),
        ("blocking", FILTER, &[][..]),
    ] {
        lines.take(filter);
        let found = match client {
            "async" => runtime.block_on(async_demo(&sandbox)),
            _ => blocking_demo(&sandbox),
        };
        let names: BTreeSet<_> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), 8, "{names:?}");
        let secrets = hunt(found);
        let lines = lines.take("off");
        let wrote = |target: &str| {
            lines
                .iter()
                .filter(|line| line.target.starts_with(target))
                .count()
        };
        assert!(wrote("advance") > 10, "{client}: our own lines are not there");
        assert!(
            wrote("hyper") + wrote("ureq") > 10,
            "{client}: those of the HTTP client are not there"
        );
        let leaks: BTreeSet<_> = lines
            .iter()
            .filter(|line| secrets.find_in(&line.text).is_some())
            .map(|line| (line.target.as_str(), line.level))
            .collect();
        assert_eq!(leaks, talkers.iter().copied().collect(), "{client} {filter}");
    }
}

#[test]
fn the_documentation_names_the_versions_that_were_searched() {
    let lock = include_str!("../../Cargo.lock");
    let documents = [
        include_str!("../../crates/advance-ureq/src/lib.rs"),
        include_str!("../../crates/advance-reqwest/src/lib.rs"),
    ];
    for (document, crates) in documents.into_iter().zip([
        &["ureq", "ureq-proto"][..],
        &["reqwest", "hyper", "hyper-util"][..],
    ]) {
        let document = document.replace("\n//! ", " ");
        for name in crates {
            let entry = format!("name = \"{name}\"\nversion = \"");
            let version = lock
                .split_once(&entry)
                .and_then(|(_, rest)| rest.split('"').next())
                .unwrap();
            assert!(
                document.contains(&format!("{name} {version}")),
                "search what {name} {version} logs, then say so in the documentation"
            );
        }
    }
}
