//! Events as spans of `tracing`, with OpenTelemetry's names for HTTP clients.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
/// | `advance.wait` | | of a poll: the `call` of its wait's events |
/// | `advance.sends`, `advance.free`, `advance.pay`, `advance.unknown` | | yes |
///
/// Waits and tokens are events below the call; what a person should look at is a warning. A refusal that the call gets over
/// leaves the call's own status unset.
///
/// Nothing in it is secret or personal: an [`Event`] cannot hold either. What the HTTP client underneath logs by
/// itself is another matter; the adapters' documentation says what that is.
///
/// ```
/// use advance_core::{Client, Config, Credentials, Transport};
/// use advance_core::client::Tracing;
///
/// fn observed<T: Transport>(transport: T, credentials: Credentials) -> Client<T> {
///     let config = Config::new();
///     let tracing = Tracing::new(&config);
///     Client::new(transport, config, credentials, 7).with_observer(tracing)
/// }
/// ```
pub struct Tracing {
    server: BaseUrl,
    /// Not locked while a span is made, cloned or dropped: a subscriber is a stranger's code.
    calls: Mutex<BTreeMap<CallId, Open>>,
}

/// A call that has begun and not ended.
struct Open {
    span: Arc<Span>,
    /// The request that is under way.
    attempt: Option<(u32, Span)>,
    /// How often each path was asked.
    asked: Vec<(&'static str, u32)>,
}

impl Open {
    const fn new(span: Arc<Span>) -> Self {
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

    fn call_begun(&self, call: CallId, path: &'static str, wait: Option<CallId>) {
        let span = info_span!(
            target: "advance",
            "call",
            "otel.name" = %format_args!("advance {path}"),
            "otel.kind" = "internal",
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "advance.call" = call.get(),
            "advance.wait" = wait.map(CallId::get),
            "advance.code" = Empty,
            "advance.transaction_id" = Empty,
            "advance.sends" = Empty,
            "advance.free" = Empty,
            "advance.pay" = Empty,
            "advance.unknown" = Empty,
        );
        let former = self.lock().insert(call, Open::new(Arc::new(span)));
        drop(former);
    }

    fn begun(&self, call: CallId, purpose: Purpose, path: &'static str, number: u32) {
        // An observer that came when the call was under way knows no span of it.
        let current = Arc::new(Span::current());
        let (parent, resends) = {
            let mut calls = self.lock();
            let open = calls
                .entry(call)
                .or_insert_with(|| Open::new(Arc::clone(&current)));
            (Arc::clone(&open.span), open.resends(path))
        };
        // A picture is elsewhere, and where is a secret.
        let api = purpose != Purpose::Download;
        let method = if api { "POST" } else { "GET" };
        let server = Some(&self.server).filter(|_| api);
        let template = Some(path).filter(|_| api);
        let span = info_span!(
            target: "advance",
            parent: &*parent,
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
        let attempt = (number, span);
        let former = match self.lock().get_mut(&call) {
            Some(open) => open.attempt.replace(attempt),
            None => Some(attempt),
        };
        drop(former);
    }

    /// The span of this request, which ends with what is done to it.
    fn ended(&self, call: CallId, number: u32) -> Option<Span> {
        let mut calls = self.lock();
        let attempt = &mut calls.get_mut(&call)?.attempt;
        attempt
            .take_if(|(known, _)| *known == number)
            .map(|(_, span)| span)
    }

    fn span_of(&self, call: CallId) -> Arc<Span> {
        let known = self.lock().get(&call).map(|open| Arc::clone(&open.span));
        known.unwrap_or_else(|| Arc::new(Span::current()))
    }

    /// The call is over, one way or another.
    fn close(&self, call: CallId) -> Arc<Span> {
        let span = self.span_of(call);
        let open = self.lock().remove(&call);
        drop(open);
        span
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
        // An undocumented code may be anything, and a name must be one of a few.
        (_, Some(code)) if matches!(error, ErrorKind::Api(_)) && code.explanation().is_some() => {
            span.record("error.type", code.as_str())
        }
        _ => span.record("error.type", error.name()),
    };
}

impl Observer for Tracing {
    fn event(&self, event: &Event) {
        match event {
            Event::CallBegun { call, path, wait } => self.call_begun(*call, path, *wait),
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
                debug!(target: "advance", parent: &*span, call = call.get(), ?why, ?at_most, "waiting");
            }
            Event::TokenIssued {
                call,
                life,
                replacement,
            } => {
                let span = self.span_of(*call);
                debug!(target: "advance", parent: &*span, call = call.get(), ?life, replacement, "token issued");
            }
            Event::TokenShared { call, life, age } => {
                let span = self.span_of(*call);
                debug!(target: "advance", parent: &*span, call = call.get(), ?life, ?age, "token shared");
            }
            Event::TokenStoreFailed { call, kind, holds } => {
                let span = self.span_of(*call);
                warn!(target: "advance", parent: &*span, call = call.get(), ?kind, holds, "token store failed");
            }
            Event::TokenRejected { call, current } => {
                let span = self.span_of(*call);
                warn!(target: "advance", parent: &*span, call = call.get(), current, "token rejected");
            }
            Event::ClockRepaired { call } => {
                let span = self.span_of(*call);
                warn!(
                    target: "advance", parent: &*span, call = call.get(),
                    "this machine's clock is wrong; signing with the server's"
                );
            }
            Event::CallAbandoned { call } => {
                let span = self.close(*call);
                debug!(target: "advance", parent: &*span, call = call.get(), "call given up");
            }
            Event::CallEnded { call, .. } => {
                let span = self.close(*call);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{OnceLock, TryLockError};
    use std::time::Duration;

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber};

    use super::*;
    use crate::charge::{Charge, Charges};

    /// Looks whether the observer is locked whenever it is called.
    #[derive(Clone, Default)]
    struct Looks(Arc<Looked>);

    #[derive(Default)]
    struct Looked {
        at: OnceLock<Arc<Tracing>>,
        spans: AtomicU64,
        locked: AtomicBool,
    }

    impl Looks {
        fn look(&self) {
            let free = self
                .0
                .at
                .get()
                .is_none_or(|tracing| !matches!(tracing.calls.try_lock(), Err(TryLockError::WouldBlock)));
            self.0.locked.fetch_or(!free, Ordering::Relaxed);
        }
    }

    impl Subscriber for Looks {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            self.look();
            Id::from_u64(self.0.spans.fetch_add(1, Ordering::Relaxed) + 1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {
            self.look();
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &tracing::Event<'_>) {
            self.look();
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}

        fn clone_span(&self, id: &Id) -> Id {
            self.look();
            id.clone()
        }

        fn try_close(&self, _: Id) -> bool {
            self.look();
            true
        }
    }

    #[test]
    fn no_span_is_made_cloned_or_dropped_under_the_lock() {
        let looks = Looks::default();
        let tracing = Arc::new(Tracing::new(&Config::new()));
        assert!(looks.0.at.set(Arc::clone(&tracing)).is_ok());
        let call = CallId;
        let begun = |number| Event::CallBegun {
            call: call(number),
            path: "/x",
            wait: None,
        };
        let asks = |of, number| Event::AttemptBegun {
            call: call(of),
            purpose: Purpose::Call,
            path: "/x",
            number,
            within: Duration::ZERO,
        };
        let answered = Event::AttemptEnded {
            call: call(1),
            purpose: Purpose::Call,
            path: "/x",
            number: 2,
            took: Duration::ZERO,
            status: None,
            code: None,
            transaction_id: None,
            charge: Charge::Free,
            error: None,
        };
        let ended = Event::CallEnded {
            call: call(1),
            path: "/x",
            took: Duration::ZERO,
            sends: 2,
            charges: Charges::NONE,
            code: None,
            transaction_id: None,
            error: None,
        };
        let script = [
            begun(1),
            begun(1),
            asks(1, 1),
            asks(1, 2),
            answered,
            ended,
            begun(2),
            asks(2, 1),
            Event::CallAbandoned { call: call(2) },
            asks(3, 1),
            Event::CallAbandoned { call: call(3) },
        ];
        tracing::subscriber::with_default(looks.clone(), || {
            // One is current, so that it is cloned for a call whose beginning was not seen.
            info_span!("current").in_scope(|| script.iter().for_each(|event| tracing.event(event)));
        });
        assert!(looks.0.spans.load(Ordering::Relaxed) >= 8);
        assert!(!looks.0.locked.load(Ordering::Relaxed));
    }
}
