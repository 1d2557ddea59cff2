//! The door for those on call: `/livez`, `/readyz` and `/metrics`. Nothing that is answered there names a person or a
//! verification.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use advance_collector::outbox::{LetterCounts, Outbox};
use advance_collector::{Status, Store, StoreError};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};

use super::guard::knows_host;
use super::ledger::Ledger;
use super::metrics::Metrics;
use super::reply::{body, problem};
use super::server::{Handler, Whence};
use crate::time;

const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the door looks at.
pub(crate) struct Monitor {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) metrics: Arc<Metrics>,
    /// Whether the account gave a token when it was last asked.
    pub(crate) has_token: Arc<AtomicBool>,
    /// Whether the courier works, if there is one.
    pub(crate) has_courier: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Monitor {
    fn ready(&self) -> Response<Vec<u8>> {
        let not = |what: &str| {
            body(
                StatusCode::SERVICE_UNAVAILABLE,
                TEXT,
                format!("{what}\n").into_bytes(),
            )
        };
        match self.look() {
            Err(error) => not(&error.to_string()),
            Ok(_) if !self.has_token.load(Ordering::Relaxed) => not("the account gives no token"),
            Ok(_) if !(self.has_courier)() => {
                not("webhooks are no longer delivered: start the service again")
            }
            Ok(_) => body(StatusCode::OK, TEXT, b"ok\n".to_vec()),
        }
    }

    fn metrics(&self) -> Response<Vec<u8>> {
        let written = self.look().and_then(|(status, counts)| {
            let oldest = self.ledger.oldest()?;
            Ok(self.metrics.write(&status, &counts, oldest, time::now()))
        });
        match written {
            Ok(text) => body(StatusCode::OK, OPEN_METRICS, text.into_bytes()),
            Err(error) => problem(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        }
    }

    fn look(&self) -> Result<(Status, LetterCounts), StoreError> {
        Ok((self.store.status()?, self.outbox.counts()?))
    }
}

impl Handler for Monitor {
    fn refuses(&self, head: &Parts, whence: Whence) -> Option<Response<Vec<u8>>> {
        // A page whose name was rebound to this machine. What listens for others too is asked by any name.
        let Whence::Tcp(local) = whence else { return None };
        let rebound = local.to_canonical().is_loopback() && !knows_host(head, local, &[]);
        rebound.then(|| problem(StatusCode::FORBIDDEN, "this Host is not this machine's"))
    }

    fn answer(&self, request: &Request<Bytes>, _: Whence) -> Response<Vec<u8>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/livez") => body(StatusCode::OK, TEXT, b"ok\n".to_vec()),
            (&Method::GET | &Method::HEAD, "/readyz") => self.ready(),
            (&Method::GET | &Method::HEAD, "/metrics") => self.metrics(),
            (_, "/livez" | "/readyz" | "/metrics") => {
                problem(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are here")
            }
            _ => problem(StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use advance_store_sqlite::SqliteStore;

    #[test]
    fn it_is_ready_while_the_account_gives_tokens_and_the_courier_works() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pending.db");
        let (has_token, has_courier) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
        let courier = Arc::clone(&has_courier);
        let monitor = Monitor {
            store: Arc::new(SqliteStore::open(&file).unwrap()),
            outbox: Arc::new(SqliteStore::open(&file).unwrap()),
            ledger: Arc::new(Ledger::open(&file).unwrap()),
            metrics: Arc::default(),
            has_token: Arc::clone(&has_token),
            has_courier: Box::new(move || courier.load(Ordering::Relaxed)),
        };
        let ready = || {
            let request = Request::builder().uri("/readyz").body(Bytes::new()).unwrap();
            monitor.answer(&request, Whence::Unix).status().as_u16()
        };
        assert_eq!(ready(), 200);
        let asked = |method: Method, host: &str, local: &str| {
            let request = Request::builder()
                .method(method)
                .uri("/metrics")
                .header("host", host);
            let local = Whence::Tcp(local.parse().unwrap());
            let request = request.body(Bytes::new()).unwrap();
            let (head, _) = request.clone().into_parts();
            let refused = monitor.refuses(&head, local);
            refused
                .unwrap_or_else(|| monitor.answer(&request, local))
                .status()
                .as_u16()
        };
        assert_eq!(asked(Method::HEAD, "localhost:9464", "127.0.0.1"), 200);
        assert_eq!(asked(Method::GET, "rebind.example", "127.0.0.1"), 403);
        assert_eq!(asked(Method::GET, "collector:9464", "10.0.0.2"), 200);
        assert_eq!(asked(Method::POST, "localhost", "127.0.0.1"), 405);
        has_courier.store(false, Ordering::Relaxed);
        assert_eq!(ready(), 503);
        has_courier.store(true, Ordering::Relaxed);
        has_token.store(false, Ordering::Relaxed);
        assert_eq!(ready(), 503);
    }
}
