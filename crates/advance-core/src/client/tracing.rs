//! Events as spans of `tracing`, with OpenTelemetry's names for HTTP clients.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::field::{Empty, debug, display};
use tracing::{Span, debug, info_span, warn};

use super::Observer;
use crate::error::ErrorKind;
use crate::session::{CallId, Config, Event, Purpose};
use crate::url::BaseUrl;
use crate::wire::Code;

/// Turns what a client does into `tracing` spans and events, under the target `advance`.
///
/// Each call is a span, a child of the span that is current where the call is made; each of its requests is a span of kind
/// `client` below it. Requests have the attributes that OpenTelemetry's semantic conventions give HTTP clients:
///
/// | attribute | of a request | of a call |
/// |---|---|---|
/// | `otel.status_code` | `ERROR` if it failed, else not set | the same |
/// | `error.type` | the HTTP status from 400 on, the vendor's code if it is documented, or a name of [`ErrorKind::name`] | the same |
/// | `http.request.method`, `url.template` | yes; no template for a picture | |
/// | `url.full`, `server.address`, `server.port` | yes; not for a picture, whose address is a secret | |
/// | `http.response.status_code` | if a reply came | |
/// | `http.request.resend_count` | how often this request was sent before, if it was | |
/// | `advance.call`, `advance.code`, `advance.transaction_id` | yes | yes |
/// | `advance.purpose`, `advance.charge` | yes | |
/// | `advance.sends`, `advance.free`, `advance.pay`, `advance.unknown` | | yes |
///
/// Waits and tokens are events below the call; what a person should look at is a warning. A refusal that the call gets over
/// leaves the call's own status unset.
///
/// Nothing in it is secret or personal: an [`Event`] cannot hold either. What the HTTP client underneath logs by
/// itself is another matter; the adapters' documentation says what that is.
///
/// ```
/// use advance_core::{Client, Config, Credentials, Tracing, Transport};
///
/// fn observed<T: Transport>(transport: T, credentials: Credentials) -> Client<T> {
///     let config = Config::new();
///     let tracing = Tracing::new(&config);
///     Client::new(transport, config, credentials, 7).with_observer(tracing)
/// }
/// ```
pub struct Tracing {
    server: BaseUrl,
    calls: Mutex<BTreeMap<CallId, Open>>,
}

/// A call that has begun and not ended.
struct Open {
    span: Span,
    /// The request that is under way.
    attempt: Option<(u32, Span)>,
    /// How often each path was asked.
    asked: Vec<(&'static str, u32)>,
}

impl Open {
    fn new(span: Span) -> Self {
        Self {
            span,
            attempt: None,
            asked: Vec::new(),
        }
    }

    /// How often this request was sent before, if it was.
    fn resends(&mut self, path: &'static str) -> Option<u32> {
        if let Some((_, times)) = self.asked.iter_mut().find(|(known, _)| *known == path) {
            *times = times.saturating_add(1);
            return Some(*times);
        }
        self.asked.push((path, 0));
        None
    }
}

impl Tracing {
    /// For a client of this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            server: config.server().clone(),
            calls: Mutex::new(BTreeMap::new()),
        }
    }

    fn call_begun(&self, call: CallId, path: &'static str) {
        let span = info_span!(
            target: "advance",
            "call",
            "otel.name" = %format_args!("advance {path}"),
            "otel.kind" = "internal",
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "advance.call" = call.get(),
            "advance.code" = Empty,
            "advance.transaction_id" = Empty,
            "advance.sends" = Empty,
            "advance.free" = Empty,
            "advance.pay" = Empty,
            "advance.unknown" = Empty,
        );
        self.lock().insert(call, Open::new(span));
    }

    fn begun(&self, call: CallId, purpose: Purpose, path: &'static str, number: u32) {
        let mut calls = self.lock();
        // An observer that came when the call was under way knows no span of it.
        let open = calls.entry(call).or_insert_with(|| Open::new(Span::current()));
        let resends = open.resends(path);
        // A picture is elsewhere, and where is a secret.
        let api = purpose != Purpose::Download;
        let method = if api { "POST" } else { "GET" };
        let server = Some(&self.server).filter(|_| api);
        let template = Some(path).filter(|_| api);
        let span = info_span!(
            target: "advance",
            parent: &open.span,
            "HTTP",
            "otel.name" = %format_args!("{method}{}{}", if api { " " } else { "" }, template.unwrap_or_default()),
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "http.request.method" = method,
            "url.template" = template,
            "url.full" = server.map(|server| display(format!("{server}{path}"))),
            "server.address" = server.map(BaseUrl::host),
            "server.port" = server.map(BaseUrl::port),
            "http.request.resend_count" = resends,
            "http.response.status_code" = Empty,
            "error.type" = Empty,
            "advance.call" = call.get(),
            "advance.purpose" = ?purpose,
            "advance.code" = Empty,
            "advance.transaction_id" = Empty,
            "advance.charge" = Empty,
        );
        open.attempt = Some((number, span));
    }

    /// The span of this request, which ends with what is done to it.
    fn ended(&self, call: CallId, number: u32) -> Option<Span> {
        let mut calls = self.lock();
        let attempt = &mut calls.get_mut(&call)?.attempt;
        attempt
            .take_if(|(known, _)| *known == number)
            .map(|(_, span)| span)
    }

    fn span_of(&self, call: CallId) -> Span {
        let calls = self.lock();
        calls
            .get(&call)
            .map_or_else(Span::current, |open| open.span.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CallId, Open>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracing")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Says of a span that it failed, and by what.
fn failed(span: &Span, error: ErrorKind, status: Option<u16>, code: Option<&Code>) {
    span.record("otel.status_code", "ERROR");
    match (status, code) {
        (Some(status @ 400..), _) => span.record("error.type", display(status)),
        // A code that nobody documented may be anything, and a name must be one of a few.
        (_, Some(code)) if matches!(error, ErrorKind::Api(_)) && code.explanation().is_some() => {
            span.record("error.type", code.as_str())
        }
        _ => span.record("error.type", error.name()),
    };
}

impl Observer for Tracing {
    fn event(&self, event: &Event) {
        match event {
            Event::CallBegun { call, path } => self.call_begun(*call, path),
            Event::AttemptBegun {
                call,
                purpose,
                path,
                number,
                ..
            } => self.begun(*call, *purpose, path, *number),
            Event::AttemptEnded {
                call,
                number,
                status,
                code,
                transaction_id,
                charge,
                error,
                ..
            } => {
                let Some(span) = self.ended(*call, *number) else {
                    return;
                };
                if let Some(status) = status {
                    span.record("http.response.status_code", status);
                }
                if let Some(code) = code {
                    span.record("advance.code", display(code));
                }
                if let Some(id) = transaction_id {
                    span.record("advance.transaction_id", display(id));
                }
                if let Some(error) = error {
                    failed(&span, *error, *status, code.as_ref());
                }
                span.record("advance.charge", debug(charge));
            }
            Event::Waiting { call, why, at_most } => {
                let span = self.span_of(*call);
                debug!(target: "advance", parent: &span, call = call.get(), ?why, ?at_most, "waiting");
            }
            Event::TokenIssued {
                call,
                life,
                replacement,
            } => {
                let span = self.span_of(*call);
                debug!(target: "advance", parent: &span, call = call.get(), ?life, replacement, "token issued");
            }
            Event::TokenRejected { call, current } => {
                let span = self.span_of(*call);
                warn!(target: "advance", parent: &span, call = call.get(), current, "token rejected");
            }
            Event::ClockRepaired { call } => {
                let span = self.span_of(*call);
                warn!(
                    target: "advance", parent: &span, call = call.get(),
                    "this machine's clock is wrong; signing with the server's"
                );
            }
            Event::CallAbandoned { call } => {
                let span = self.span_of(*call);
                self.lock().remove(call);
                debug!(target: "advance", parent: &span, call = call.get(), "call given up");
            }
            Event::CallEnded { call, .. } => {
                let span = self.span_of(*call);
                self.lock().remove(call);
                call_ended(&span, event);
            }
        }
    }
}

fn call_ended(span: &Span, event: &Event) {
    let Event::CallEnded {
        call,
        path,
        took,
        sends,
        charges,
        code,
        transaction_id,
        error,
    } = event
    else {
        return;
    };
    let call = call.get();
    span.record("advance.sends", sends);
    span.record("advance.free", charges.free);
    span.record("advance.pay", charges.pay);
    span.record("advance.unknown", charges.unknown);
    if let Some(code) = code {
        span.record("advance.code", display(code));
    }
    if let Some(id) = transaction_id {
        span.record("advance.transaction_id", display(id));
    }
    if let Some(error) = error {
        failed(span, *error, None, code.as_ref());
    }
    let code = code.as_ref().map(display);
    let transaction_id = transaction_id.as_ref().map(display);
    match error {
        None => debug!(
            target: "advance", parent: span, call, path, ?took, sends, ?charges, code, transaction_id,
            "call succeeded"
        ),
        Some(error) => warn!(
            target: "advance", parent: span, call, path, ?took, sends, ?charges, code, transaction_id, ?error,
            "call failed"
        ),
    }
}
