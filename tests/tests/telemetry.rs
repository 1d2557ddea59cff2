//! What OpenTelemetry is told of a call, by its own SDK with an exporter that keeps everything in memory.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use advance_core::client::Tracing;
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::url::DownloadPolicy;
use advance_core::{Client, Config, Credentials, Error, ImageLink, Now, SignatureId, Transport, UnixMillis};
use opentelemetry::trace::{SpanId, SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt as _;

type Reply = Result<http::Response<Vec<u8>>, Failure>;

/// A network that answers by a script.
struct Script(Mutex<VecDeque<Reply>>);

impl Transport for Script {
    fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Reply {
        let mut replies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        replies.pop_front().unwrap()
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        Now {
            wall: UnixMillis::new(1_700_000_000_000),
            mono: Duration::from_secs(1_000),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a script also has failures")]
fn reply(status: u16, body: &str) -> Reply {
    Ok(http::Response::builder()
        .status(status)
        .body(body.as_bytes().to_vec())
        .unwrap())
}

fn token() -> Reply {
    let data = r#"{"token":"hid.den.token","expiredTime":1700003600000}"#;
    reply(
        200,
        &format!(r#"{{"code":"SUCCESS","data":{data},"pricingStrategy":"FREE"}}"#),
    )
}

const RESULT: &str =
    r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS"},"transactionId":"t-1","pricingStrategy":"PAY"}"#;

/// The spans of what a client does against this script.
fn spans(replies: impl IntoIterator<Item = Reply>, run: impl FnOnce(&Client<Script>)) -> Vec<Told> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let config = Config::new();
    let tracing = Tracing::new(&config);
    let keys = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = Client::new(Script(Mutex::new(replies.into_iter().collect())), config, keys, 7)
        .with_observer(tracing);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let outer = tracing::info_span!("request of the program's own");
        outer.in_scope(|| run(&client));
    });
    provider.force_flush().unwrap();
    exporter
        .get_finished_spans()
        .unwrap()
        .into_iter()
        .map(Told::of)
        .collect()
}

#[derive(Debug)]
struct Told {
    name: String,
    id: SpanId,
    parent: SpanId,
    kind: SpanKind,
    failed: bool,
    attributes: BTreeMap<String, String>,
}

impl Told {
    fn of(span: SpanData) -> Self {
        let attributes = span.attributes.iter();
        Self {
            name: span.name.to_string(),
            id: span.span_context.span_id(),
            parent: span.parent_span_id,
            kind: span.span_kind,
            failed: matches!(span.status, Status::Error { .. }),
            attributes: attributes
                .map(|of| (of.key.to_string(), of.value.to_string()))
                .collect(),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a word, which its own crate does not let be copied"
)]
fn of_kind(spans: &[Told], kind: SpanKind) -> Vec<&Told> {
    spans
        .iter()
        .filter(|span| span.kind == kind && !span.name.starts_with("request of"))
        .collect()
}

fn ask(client: &Client<Script>) -> Result<(), Error> {
    client
        .get_result(&SignatureId::new("ed8b21c0c87ad617").unwrap())
        .map(drop)
}

const PATH: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

#[test]
fn a_call_is_one_span_with_its_attempts_below_it() {
    let busy = r#"{"code":"SERVICE_BUSY","pricingStrategy":"FREE","transactionId":"t-0"}"#;
    let script = [
        token(),
        reply(200, busy),
        reply(503, "<html>"),
        reply(200, RESULT),
    ];
    let spans = spans(script, |client| ask(client).unwrap());
    let [call] = of_kind(&spans, SpanKind::Internal)[..] else {
        panic!("{spans:#?}")
    };
    let outer = spans
        .iter()
        .find(|span| span.name.starts_with("request of"))
        .unwrap();
    assert_eq!(call.parent, outer.id);
    assert_eq!(
        (call.name.as_str(), call.failed),
        (&*format!("advance {PATH}"), false)
    );
    for (name, value) in [
        ("advance.sends", "4"),
        ("advance.pay", "1"),
        ("advance.free", "2"),
        ("advance.unknown", "1"),
        ("advance.code", "SUCCESS"),
        ("advance.transaction_id", "t-1"),
    ] {
        assert_eq!(call.get(name), Some(value), "{name}");
    }
    assert_eq!(call.get("error.type"), None);

    let attempts = of_kind(&spans, SpanKind::Client);
    assert!(attempts.iter().all(|span| span.parent == call.id), "{spans:#?}");
    let told: Vec<_> = attempts
        .iter()
        .map(|span| {
            (
                span.name.as_str(),
                span.failed,
                span.get("http.response.status_code"),
                span.get("error.type"),
                span.get("http.request.resend_count"),
            )
        })
        .collect();
    let name = format!("POST {PATH}");
    assert_eq!(
        told,
        [
            (
                "POST /openapi/auth/ticket/v1/generate-token",
                false,
                Some("200"),
                None,
                None
            ),
            // The token's request was another one.
            (&*name, true, Some("200"), Some("SERVICE_BUSY"), None),
            (&*name, true, Some("503"), Some("503"), Some("1")),
            (&*name, false, Some("200"), None, Some("2")),
        ]
    );
    let last = attempts[3];
    for (name, value) in [
        ("http.request.method", "POST"),
        ("url.template", PATH),
        ("url.full", &*format!("https://api.advance.ai{PATH}")),
        ("server.address", "api.advance.ai"),
        ("server.port", "443"),
        ("advance.charge", "Pay"),
    ] {
        assert_eq!(last.get(name), Some(value), "{name}");
    }
}

#[test]
fn a_failed_call_says_by_what() {
    let lost = || Err(Failure::new(FailureKind::Tls, Sent::No));
    for (last, error_type) in [
        (lost(), "tls"),
        (reply(404, "<html>"), "404"),
        (
            reply(200, r#"{"code":"INSUFFICIENT_BALANCE"}"#),
            "INSUFFICIENT_BALANCE",
        ),
        (reply(200, r#"{"code":"A_NEW_ONE_17"}"#), "unknown_code"),
        (reply(200, "{"), "decode"),
        (reply(200, "<html>"), "not_json"),
    ] {
        let spans = spans([token(), last], |client| drop(ask(client).unwrap_err()));
        let attempt = of_kind(&spans, SpanKind::Client)[1];
        assert!(attempt.failed);
        assert_eq!(attempt.get("error.type"), Some(error_type));
        let [call] = of_kind(&spans, SpanKind::Internal)[..] else {
            panic!("{spans:#?}")
        };
        assert!(call.failed);
        // A call has no status of its own.
        let error_type = if error_type == "404" { "status" } else { error_type };
        assert_eq!(call.get("error.type"), Some(error_type));
        let all = format!("{spans:?}");
        assert!(
            !all.contains("hid.den") && !all.contains("sampleaccesskey"),
            "{all}"
        );
    }
}

#[test]
fn a_download_is_a_call_too_and_tells_no_address() {
    let png = Ok(http::Response::new(b"\x89PNG\r\n\x1a\nrest".to_vec()));
    let link: ImageLink = "https://oss.aliyuncs.com/face/hidden.png?Signature=hidden".into();
    let spans = spans([reply(503, ""), png], |client| {
        client.download(&link, &DownloadPolicy::new()).unwrap();
    });
    let [call] = of_kind(&spans, SpanKind::Internal)[..] else {
        panic!("{spans:#?}")
    };
    let attempts = of_kind(&spans, SpanKind::Client);
    assert_eq!(attempts.len(), 2);
    for attempt in &attempts {
        assert_eq!((attempt.name.as_str(), attempt.parent), ("GET", call.id));
        assert_eq!(attempt.get("url.template"), None);
        assert_eq!(attempt.get("server.address"), None);
    }
    assert!(attempts[0].failed && !attempts[1].failed && !call.failed);
    let all = format!("{spans:?}");
    assert!(!all.contains("hidden") && !all.contains("aliyuncs"), "{all}");
}
