//! The intake: a link is made, a verification is looked up, a person is said to be back, a picture is had, over HTTP.

mod links;
mod paths;
mod shown;

use std::path::PathBuf;
use std::sync::Arc;

use advance_collector::sink::Folder;
use advance_collector::{Nudged, PictureState, Store, StoreError};
use advance_core::{Error, GenerateUrl, Response as Reply, SignatureId, VerificationLink};
use bytes::Bytes;
use http::request::Parts as Head;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::json;

pub(crate) use shown::shown;

use self::links::Links;
use self::paths::Path;
use super::guard::Guard;
use super::ledger::Ledger;
use super::log::{Level, Log};
use super::metrics::Metrics;
use super::reply::{self, problem};
use super::server::{Handler, Whence};

/// Asks the vendor for a link; blocks.
pub(crate) type Maker = Arc<dyn Fn(GenerateUrl) -> Result<Reply<VerificationLink>, Error> + Send + Sync>;

const DESCRIPTION: &str = include_str!("intake/openapi.json");
const NOT_KNOWN: &str = "no verification of this id is known here";

/// What the intake works with.
pub(crate) struct Intake {
    store: Arc<dyn Store>,
    folder: Option<Folder>,
    links: Links,
    guard: Guard,
    metrics: Arc<Metrics>,
    log: Log,
}

/// What an intake is made of.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) make: Maker,
    /// Where replies and pictures are kept, if they are.
    pub(crate) output: Option<PathBuf>,
    pub(crate) guard: Guard,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) log: Log,
}

impl Intake {
    /// # Errors
    /// The folder of results cannot be opened.
    pub(crate) fn new(parts: Parts) -> std::io::Result<Self> {
        Ok(Self {
            links: Links::new(Arc::clone(&parts.store), parts.ledger, parts.make),
            store: parts.store,
            folder: parts.output.map(Folder::new).transpose()?,
            guard: parts.guard,
            metrics: parts.metrics,
            log: parts.log,
        })
    }

    fn seen(&self, method: &Method, status: StatusCode) {
        self.metrics.asked(status.as_u16());
        let level = if status.is_server_error() {
            Level::Warn
        } else {
            Level::Info
        };
        let fields = json!({ "method": method.as_str(), "status": status.as_u16() });
        self.log.say(level, "intake", fields);
    }

    fn route(&self, request: &Request<Bytes>) -> Response<Vec<u8>> {
        if request.method() == Method::POST && !request.body().is_empty() && !is_json(request) {
            let detail = "a body needs content-type: application/json";
            return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        }
        let path = Path::of(request.uri().path());
        let Some(allowed) = path.allows() else {
            return problem(
                StatusCode::NOT_FOUND,
                "no such path; GET /openapi.json describes those that there are",
            );
        };
        if request.method() != allowed {
            let mut refused = problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "another method is meant for this path",
            );
            if let Ok(allowed) = HeaderValue::from_str(allowed.as_str()) {
                refused.headers_mut().insert(header::ALLOW, allowed);
            }
            return refused;
        }
        let answered = match path {
            Path::Verifications => Ok(self.links.post(request)),
            Path::Verification(id) => self.get(&id),
            Path::Nudge(id) => self.nudge(&id),
            Path::Picture(id, kind) => self.picture(&id, kind),
            Path::Description => {
                let description = DESCRIPTION.as_bytes().to_vec();
                Ok(reply::body(StatusCode::OK, "application/json", description))
            }
            Path::None => Ok(problem(StatusCode::NOT_FOUND, NOT_KNOWN)),
        };
        answered.unwrap_or_else(|error| store_failed(&error))
    }

    fn get(&self, id: &SignatureId) -> Result<Response<Vec<u8>>, StoreError> {
        Ok(match self.store.get(id)? {
            Some(record) => reply::json(StatusCode::OK, &shown(&record)),
            None => problem(StatusCode::NOT_FOUND, NOT_KNOWN),
        })
    }

    fn nudge(&self, id: &SignatureId) -> Result<Response<Vec<u8>>, StoreError> {
        let word = match self.store.nudge(id)? {
            Nudged::Due => "due",
            Nudged::UnderWay => "under_way",
            Nudged::Ended => "ended",
            Nudged::Unknown => return Ok(problem(StatusCode::NOT_FOUND, NOT_KNOWN)),
        };
        Ok(reply::json(StatusCode::OK, &json!({ "nudged": word })))
    }

    fn picture(&self, id: &SignatureId, kind: &str) -> Result<Response<Vec<u8>>, StoreError> {
        let Some(record) = self.store.get(id)? else {
            return Ok(problem(StatusCode::NOT_FOUND, NOT_KNOWN));
        };
        let not = |detail| problem(StatusCode::NOT_FOUND, detail);
        let Some(folder) = &self.folder else {
            return Ok(not("pictures are not kept here; run with --output DIR --images"));
        };
        let picture = record
            .pictures
            .iter()
            .find(|picture| picture.kind.as_str() == kind);
        Ok(match picture.map(|picture| picture.state) {
            Some(PictureState::Kept) => [("png", "image/png"), ("jpg", "image/jpeg")]
                .into_iter()
                .find_map(|(extension, media_type)| {
                    let file = folder.of(id).join(format!("{kind}.{extension}"));
                    Some(reply::body(StatusCode::OK, media_type, std::fs::read(file).ok()?))
                })
                .unwrap_or_else(|| not("the picture is no longer in its folder")),
            Some(PictureState::Lost) => not("the picture could not be had"),
            Some(_) => reply::later(not("the picture is being fetched; ask again in a moment"), 1),
            None if record.state.is_ended() => not("there is no such picture"),
            None => reply::later(not("the verification has not ended"), 5),
        })
    }
}

impl Handler for Intake {
    fn refuses(&self, head: &Head, whence: Whence) -> Option<Response<Vec<u8>>> {
        let refused = self.guard.refuses(head, whence)?;
        self.seen(&head.method, refused.status());
        Some(refused)
    }

    fn answer(&self, request: &Request<Bytes>, _: Whence) -> Response<Vec<u8>> {
        let response = self.route(request);
        self.seen(request.method(), response.status());
        response
    }
}

fn is_json(request: &Request<Bytes>) -> bool {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The store's words, which hold no value of a row.
fn store_failed(error: &StoreError) -> Response<Vec<u8>> {
    reply::come_again(&error.to_string())
}
