//! Reaching a sandbox that runs: over http or https, with the certificates that the settings name.

use std::time::Duration;

use advance_core::BaseUrl;
use advance_core::Transport as _;
use advance_core::transport::{Failure, Limits};
use http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::net::proxy;
use crate::net::transport::Wiring;
use crate::problem::Problem;
use crate::stop::Stop;

/// How long a sandbox may take for what was asked for.
const PATIENT: Duration = Duration::from_secs(10);
/// How long a host on this machine may take to say whether it is a sandbox.
const CURIOUS: Duration = Duration::from_secs(1);
/// More than a sandbox answers to any control call.
const LARGEST: usize = 16 << 20;

/// Asks a sandbox for something, and hands out what it answers.
pub(super) fn ask(
    base_url: &BaseUrl,
    wiring: &Wiring,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Stop> {
    let url = url(base_url, path);
    let (status, text) = send(&url, wiring, method, body, PATIENT)?.map_err(|failure| {
        let problem = Problem::unreachable("no sandbox answers")
            .caused_by(&failure)
            .at(&url);
        Stop::from(problem.hint("start one with `advance sandbox`, and let ADVANCE_BASE_URL name it"))
    })?;
    let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(value);
    }
    let said = value
        .get("error")
        .or_else(|| value.get("message"))
        .and_then(Value::as_str)
        .unwrap_or(text.trim());
    // It may list every name that there is.
    let said = crate::text::cut_to(said, 1_000).into_owned();
    Err(Problem::local("sandbox", format!("the sandbox refuses: {said}"))
        .at(&url)
        .into())
}

/// Whether a sandbox answers at a host on this machine.
pub(crate) fn is_sandbox(base_url: &BaseUrl, wiring: &Wiring) -> bool {
    look(base_url, wiring, "health").is_some()
}

/// The userIds that mean something to the sandbox at a host on this machine, if there is one.
pub(super) fn user_ids(base_url: &BaseUrl, wiring: &Wiring) -> Option<Vec<String>> {
    let all: Vec<Value> = serde_json::from_str(&look(base_url, wiring, "scenarios")?).ok()?;
    let of_users = all.iter().filter(|one| one["place"] == "userId");
    let names: Vec<String> = of_users
        .filter_map(|one| one["name"].as_str().map(str::to_owned))
        .collect();
    (!names.is_empty()).then_some(names)
}

/// What a host says to a question that only a sandbox answers. The vendor's is never asked.
fn look(base_url: &BaseUrl, wiring: &Wiring, path: &str) -> Option<String> {
    if !base_url.as_str().starts_with("http://") && !proxy::is_loopback(base_url.host()) {
        return None;
    }
    let answer = send(&url(base_url, path), wiring, Method::GET, None, CURIOUS);
    let (status, text) = answer.ok()?.ok()?;
    status.is_success().then_some(text)
}

fn send(
    url: &str,
    wiring: &Wiring,
    method: Method,
    body: Option<&Value>,
    within: Duration,
) -> Result<Result<(StatusCode, String), Failure>, Stop> {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .body(body.map(|body| body.to_string().into_bytes()).unwrap_or_default());
    let request = request
        .map_err(|error| Stop::from(Problem::usage("this is no address of a sandbox").caused_by(&error)))?;
    let answer = wiring.ureq()?.send(request, &Limits::new(within, LARGEST));
    Ok(answer.map(|answer| {
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        (answer.status(), text)
    }))
}

/// The control calls have no prefix.
fn url(base_url: &BaseUrl, path: &str) -> String {
    format!("{}/__sandbox/{path}", origin_of(base_url.as_str()))
}

/// A base URL without its path: where the sandbox's own pages are.
pub(super) fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |path| &url[..host + path])
}
