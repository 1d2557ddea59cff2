//! Control calls: what tests do through a method, over HTTP, below `/__sandbox/`.

mod clock;
mod faults;
mod verifications;

use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::outcome::Outcome;
use super::scenario::Scenario;
use super::stubs::Stub;
use super::time::UnixMs;
use super::{MAX_BODY, Vendor, fidelity, form, held, openapi, reply};

pub(super) type Refused = (StatusCode, String);
type Done = Result<Response<Vec<u8>>, Refused>;

/// What there is below `/__sandbox/`, and by which methods.
pub(super) const CALLS: &[(&str, &str)] = &[
    ("clock", "GET, POST"),
    ("fidelity", "GET"),
    ("faults", "GET, POST, DELETE"),
    ("health", "GET"),
    ("journal", "GET"),
    ("journal/{n}", "GET"),
    ("ledger", "GET"),
    ("openapi.json", "GET"),
    ("reset", "POST"),
    ("restore", "POST"),
    ("scenarios", "GET"),
    ("snapshot", "POST"),
    ("stubs", "POST, DELETE"),
    ("verifications", "GET"),
    ("verifications/{signatureId}", "GET, POST"),
];

/// What most control calls answer.
pub(super) fn ok() -> Done {
    json_reply(&json!({"ok": true}))
}

#[expect(clippy::unnecessary_wraps, reason = "it ends what may be refused")]
pub(super) fn json_reply(value: &impl Serialize) -> Done {
    Ok(reply::json(StatusCode::OK, value))
}

impl Vendor {
    /// `real` is the real time: the clock itself is asked about and moved here.
    pub(super) fn control(
        &mut self,
        request: &Request<Vec<u8>>,
        path: &str,
        real: UnixMs,
    ) -> Response<Vec<u8>> {
        let done = match not_allowed(path, request.method()) {
            Some(refused) => return refused,
            None => self.controlled(request, path, real),
        };
        done.unwrap_or_else(|(status, text)| reply::json(status, &json!({"error": text})))
    }

    fn controlled(&mut self, request: &Request<Vec<u8>>, path: &str, real: UnixMs) -> Done {
        let now = self.clock.at(real);
        let body = request.body();
        let query = request.uri().query().unwrap_or_default();
        let reads = request.method() == Method::GET;
        match path {
            "health" => json_reply(&json!({
                "ready": true,
                "requests": self.journal.total(),
                "verifications": self.verifications.len(),
                "forgotten": self.forgotten(),
                "clock": now.as_millis(),
                "strict": self.behaviour.strict,
            })),
            "scenarios" => json_reply(&scenarios()),
            "fidelity" => json_reply(&fidelity::TABLE),
            "openapi.json" => json_reply(&openapi::description(&self.path_prefix)),
            "journal" => self.journal_page(query),
            "ledger" => json_reply(&self.ledger),
            "clock" if reads => self.show_clock(real),
            "clock" => self.move_clock(&parse(body)?, real),
            "faults" if reads => self.show_faults(now),
            "faults" if request.method() == Method::DELETE => {
                self.clear_faults();
                ok()
            }
            "faults" => self.apply(parse(body)?, now).and_then(|()| ok()),
            "stubs" if request.method() == Method::DELETE => {
                self.stubs.clear();
                ok()
            }
            "stubs" => self.add_stub(parse(body)?),
            "reset" => {
                self.reset();
                ok()
            }
            "snapshot" => {
                self.snapshot();
                ok()
            }
            "restore" if self.restore() => ok(),
            "restore" => Err((StatusCode::CONFLICT, "there is no snapshot".to_owned())),
            "verifications" => self.list_verifications(query, now),
            _ => {
                if let Some(n) = path.strip_prefix("journal/") {
                    return self.exchange(n, query);
                }
                let id = path.strip_prefix("verifications/").unwrap_or_default();
                if reads {
                    self.show_verification(id, now)
                } else {
                    self.end_by_control(id, parse(body)?, now)
                }
            }
        }
    }

    fn journal_page(&self, query: &str) -> Done {
        let since = number(query, "since")?.unwrap_or(0);
        let count = number(query, "count")?.unwrap_or(u64::MAX);
        let entries = self
            .journal
            .since(since, usize::try_from(count).unwrap_or(usize::MAX));
        json_reply(&entries.collect::<Vec<_>>())
    }

    /// The bodies of a request and its reply, redacted unless asked otherwise.
    fn exchange(&self, n: &str, query: &str) -> Done {
        let n = n.parse().ok();
        let exchange = n.and_then(|n| self.held.get(n));
        let exchange = exchange.ok_or_else(|| {
            let text = "the bodies of this request are not held, or no longer";
            (StatusCode::NOT_FOUND, text.to_owned())
        })?;
        let show = match form::value(query, "reveal").as_deref() {
            Some("true") => held::revealed,
            _ => held::redacted,
        };
        json_reply(&json!({
            "n": n,
            "request": show(&exchange.request),
            "reply": show(&exchange.reply),
        }))
    }

    fn add_stub(&mut self, stub: Stub) -> Done {
        if !stub.path.starts_with('/') || stub.path.contains(['?', '#']) {
            return Err(malformed("path begins with a slash and has no query"));
        }
        if super::endpoint::Endpoint::at(&stub.path).is_some() || stub.path.starts_with("/__sandbox/") {
            return Err(malformed("this path is the sandbox's own"));
        }
        if self.stub(stub) {
            ok()
        } else {
            Err((
                StatusCode::CONFLICT,
                "there are too many stubs, or too large ones".to_owned(),
            ))
        }
    }
}

/// The reply to a call that there is not, or not by this method.
fn not_allowed(path: &str, method: &Method) -> Option<Response<Vec<u8>>> {
    let found = CALLS.iter().find(|(name, _)| match name.split_once('{') {
        Some((start, _)) => path
            .strip_prefix(start)
            .is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
        None => *name == path,
    });
    let Some((_, methods)) = found else {
        let names: Vec<_> = CALLS.iter().map(|(name, _)| *name).collect();
        let text = format!("no such control call; there are {}", names.join(", "));
        return Some(reply::json(StatusCode::NOT_FOUND, &json!({"error": text})));
    };
    if methods.split(", ").any(|name| name == method.as_str()) {
        return None;
    }
    let error = json!({"error": format!("only {methods} is allowed here")});
    let mut response = reply::json(StatusCode::METHOD_NOT_ALLOWED, &error);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    Some(response)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: String,
    #[serde(flatten)]
    scenario: Scenario,
    label: Option<&'static str>,
}

fn scenarios() -> Vec<Shown> {
    let shown = |scenario: Scenario| Shown {
        name: scenario.name(),
        label: scenario.outcome.map(Outcome::label),
        scenario,
    };
    Scenario::all().map(shown).collect()
}

fn number(query: &str, name: &str) -> Result<Option<u64>, Refused> {
    let text = form::value(query, name);
    let number = text.map(|text| {
        text.parse()
            .map_err(|_| malformed(&format!("{name} is a number")))
    });
    number.transpose()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    if body.len() > MAX_BODY {
        return Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("more than {MAX_BODY} bytes"),
        ));
    }
    serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))
}

pub(super) fn malformed(text: &str) -> Refused {
    (StatusCode::BAD_REQUEST, text.to_owned())
}
