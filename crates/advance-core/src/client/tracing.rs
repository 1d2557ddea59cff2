//! Events as spans and events of `tracing`, with OpenTelemetry's names for HTTP clients.

use std::sync::{Mutex, PoisonError};

use tracing::field::{Empty, display};
use tracing::{Span, debug, info_span, warn};

use super::Observer;
use crate::session::{CallId, Config, Event, Purpose};
use crate::wire::BaseUrl;

/// Turns what a client does into `tracing` spans and events, under the target `advance`.
///
/// Each request is a span of kind `client` with the attributes that OpenTelemetry's semantic conventions give HTTP
/// clients (`http.request.method`, `url.full`, `server.address`, `server.port`, `http.response.status_code`,
/// `http.request.resend_count`, `error.type`), and `advance.code`, `advance.transaction_id`, `advance.charge`,
/// `advance.purpose` and `advance.call` beside them. It is a child of the span that is current where the call is
/// made. Waits and tokens are events; what a person should look at is a warning.
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
#[derive(Debug)]
pub struct Tracing {
    server: BaseUrl,
    under_way: Mutex<Vec<((CallId, u32), Span)>>,
}

impl Tracing {
    /// For a client of this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            server: config.server().clone(),
            under_way: Mutex::new(Vec::new()),
        }
    }

    fn begun(&self, call: CallId, purpose: Purpose, path: &'static str, number: u32) {
        // A picture is elsewhere, and where is a secret.
        let method = if purpose == Purpose::Download {
            "GET"
        } else {
            "POST"
        };
        let server = Some(&self.server).filter(|_| purpose != Purpose::Download);
        let span = info_span!(
            target: "advance",
            "HTTP",
            "otel.name" = %format_args!("{method} {path}"),
            "otel.kind" = "client",
            "http.request.method" = method,
            "url.full" = server.map(|server| display(format!("{server}{path}"))),
            "server.address" = server.map(BaseUrl::host),
            "server.port" = server.map(BaseUrl::port),
            "http.request.resend_count" = number.saturating_sub(1),
            "http.response.status_code" = Empty,
            "error.type" = Empty,
            "advance.call" = call.get(),
            "advance.purpose" = ?purpose,
            "advance.code" = Empty,
            "advance.transaction_id" = Empty,
            "advance.charge" = Empty,
        );
        self.lock().push(((call, number), span));
    }

    fn take(&self, call: CallId, number: u32) -> Option<Span> {
        let mut under_way = self.lock();
        let place = under_way.iter().position(|(known, _)| *known == (call, number))?;
        Some(under_way.swap_remove(place).1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<((CallId, u32), Span)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Tracing {
    fn event(&self, event: &Event) {
        match event {
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
                let Some(span) = self.take(*call, *number) else {
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
                    span.record("error.type", display(format_args!("{error:?}")));
                }
                span.record("advance.charge", display(format_args!("{charge:?}")));
            }
            Event::Waiting { call, why, at_most } => {
                debug!(target: "advance", call = call.get(), ?why, ?at_most, "waiting");
            }
            Event::TokenIssued {
                call,
                life,
                replacement,
            } => {
                debug!(target: "advance", call = call.get(), ?life, replacement, "token issued");
            }
            Event::TokenRejected { call, current } => {
                warn!(target: "advance", call = call.get(), current, "token rejected");
            }
            Event::ClockRepaired { call } => {
                warn!(target: "advance", call = call.get(), "this machine's clock is wrong; signing with the server's");
            }
            Event::CallAbandoned { call } => {
                self.lock().retain(|((known, _), _)| known != call);
                debug!(target: "advance", call = call.get(), "call given up");
            }
            Event::CallEnded {
                call,
                path,
                took,
                sends,
                charges,
                code,
                transaction_id,
                error,
            } => {
                let code = code.as_ref().map(display);
                let transaction_id = transaction_id.as_ref().map(display);
                match error {
                    None => debug!(
                        target: "advance", call = call.get(), path, ?took, sends, ?charges, code, transaction_id,
                        "call succeeded"
                    ),
                    Some(error) => warn!(
                        target: "advance", call = call.get(), path, ?took, sends, ?charges, code, transaction_id,
                        ?error, "call failed"
                    ),
                }
            }
        }
    }
}
