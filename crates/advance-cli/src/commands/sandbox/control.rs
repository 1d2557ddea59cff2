//! Control calls to a sandbox that runs.

use std::time::Duration;

use advance_core::url::BaseUrl;
use advance_ureq::ureq;
use serde_json::{Value, json};

use crate::out::Out;
use crate::problem::Problem;
use crate::settings::{Name, Settings};
use crate::stop::Stop;
use crate::time;

/// Which sandbox.
#[derive(clap::Args)]
pub(super) struct Where {
    /// Where the sandbox is [env: ADVANCE_BASE_URL]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Use this profile of the settings file [env: ADVANCE_PROFILE]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// End a verification, as the person at its page would
#[derive(clap::Args)]
pub(super) struct Finish {
    /// Which verification
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    /// How it ends, such as ok or forged (`advance sandbox scenarios` has all, after sbx-)
    outcome: String,
    #[command(flatten)]
    at: Where,
}

/// Forget everything: verifications, tokens, faults, the journal
#[derive(clap::Args)]
pub(super) struct Reset {
    #[command(flatten)]
    at: Where,
}

/// Show or move the sandbox's clock
#[derive(clap::Args)]
pub(super) struct Clock {
    /// Move it forward
    #[arg(long, value_name = "SECONDS")]
    advance: Option<u32>,
    /// Set it, such as 2026-11-26T13:00:00Z
    #[arg(long, value_name = "TIME")]
    set: Option<String>,
    /// Stop it
    #[arg(long, conflicts_with = "resume")]
    freeze: bool,
    /// Let it go on
    #[arg(long)]
    resume: bool,
    /// Set it back to this machine's
    #[arg(long, conflicts_with_all = ["advance", "set", "freeze", "resume"])]
    real: bool,
    #[command(flatten)]
    at: Where,
}

pub(super) fn finish(args: &Finish, out: &Out) -> Result<(), Stop> {
    let outcome = args.outcome.strip_prefix("sbx-").unwrap_or(&args.outcome);
    let id: String = form(&args.signature_id);
    args.at.call(
        Some(&json!({ "outcome": outcome })),
        &format!("verifications/{id}"),
    )?;
    told(out, &format!("{} ends: {outcome}", args.signature_id))
}

pub(super) fn reset(args: &Reset, out: &Out) -> Result<(), Stop> {
    args.at.call(Some(&json!({})), "reset")?;
    told(out, "the sandbox has forgotten everything")
}

pub(super) fn clock(args: &Clock, out: &Out) -> Result<(), Stop> {
    let mut moves = serde_json::Map::new();
    if let Some(seconds) = args.advance {
        moves.insert("advanceMs".to_owned(), (u64::from(seconds) * 1000).into());
    }
    if let Some(text) = &args.set {
        let time = time::parse(text).ok_or_else(|| {
            Stop::from(Problem::usage(
                "--set must be a date and a time, such as 2026-11-26T13:00:00Z",
            ))
        })?;
        moves.insert("nowMs".to_owned(), time.get().into());
    }
    if args.freeze || args.resume {
        moves.insert("freeze".to_owned(), args.freeze.into());
    }
    if args.real {
        moves.insert("reset".to_owned(), true.into());
    }
    let moves = Value::Object(moves);
    let any = moves.as_object().is_some_and(|moves| !moves.is_empty());
    let clock = args.at.call(any.then_some(&moves), "clock")?;
    if out.is_json() {
        return out.object(&clock);
    }
    let now = clock.get("nowMs").and_then(Value::as_u64).unwrap_or_default();
    let frozen = if clock.get("frozen") == Some(&Value::Bool(true)) {
        ", frozen"
    } else {
        ""
    };
    if now.abs_diff(time::now().get()) > 86_400_000 {
        let warning = "This is more than a day from this machine's clock, which is as much as a client works around: commands get \
                       no token until `advance sandbox clock --real`. A program that takes its time from the sandbox (GET \
                       /__sandbox/clock) gets one.";
        out.tell(&out.sentence(warning, 0));
    }
    out.text(&format!(
        "{}{frozen}\n",
        time::shown(advance_core::UnixMillis::new(now))
    ))
}

/// What there is to say, as text or as an object.
pub(super) fn told(out: &Out, text: &str) -> Result<(), Stop> {
    if out.is_json() {
        return out.object(&json!({ "done": true }));
    }
    out.text(&format!("{}\n", crate::text::clean(text)))
}

impl Where {
    /// Posts a body, or gets what there is; the answer as it came.
    pub(super) fn call(&self, body: Option<&Value>, path: &str) -> Result<Value, Stop> {
        let url = self.url(path)?;
        let agent = agent(Duration::from_secs(10));
        let answer = match body {
            Some(body) => agent
                .post(&url)
                .header("content-type", "application/json")
                .send(body.to_string()),
            None => agent.get(&url).call(),
        };
        heard(answer, &url)
    }

    pub(super) fn delete(&self, path: &str) -> Result<Value, Stop> {
        let url = self.url(path)?;
        heard(agent(Duration::from_secs(10)).delete(&url).call(), &url)
    }

    /// The control calls have no prefix.
    fn url(&self, path: &str) -> Result<String, Stop> {
        let settings = Settings::load(self.profile.as_deref())?.given(
            Name::BaseUrl,
            "--base-url",
            self.base_url.as_deref(),
        );
        let (base_url, _) = settings.base_url()?;
        if !base_url.as_str().starts_with("http://")
            && self.base_url.is_none()
            && settings.find(Name::BaseUrl)?.is_none()
        {
            return Err(Problem::usage("it is not said where the sandbox is")
                .hint("set ADVANCE_BASE_URL to what `advance sandbox` prints, or use --base-url")
                .into());
        }
        Ok(format!("{}/__sandbox/{path}", origin(&base_url)))
    }
}

/// What a sandbox answered.
fn heard(answer: Result<http::Response<ureq::Body>, ureq::Error>, url: &str) -> Result<Value, Stop> {
    let mut answer = answer.map_err(|error| {
        let problem = Problem::unreachable("no sandbox answers")
            .caused_by(&error)
            .at(url);
        Stop::from(problem.hint("start one with `advance sandbox`, and let ADVANCE_BASE_URL name it"))
    })?;
    let status = answer.status();
    let text = answer.body_mut().read_to_string().unwrap_or_default();
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
        .at(url)
        .into())
}

/// Whether a sandbox answers at a host on this machine.
pub(crate) fn is_sandbox(base_url: &BaseUrl) -> bool {
    base_url.as_str().starts_with("http://")
        && agent(Duration::from_secs(1))
            .get(format!("{}/__sandbox/health", origin(base_url)))
            .call()
            .is_ok_and(|answer| answer.status().is_success())
}

/// The userIds that mean something to the sandbox at a host on this machine, if there is one.
pub(super) fn user_ids(base_url: &BaseUrl) -> Option<Vec<String>> {
    if !base_url.as_str().starts_with("http://") {
        return None;
    }
    let asked = agent(Duration::from_secs(1)).get(format!("{}/__sandbox/scenarios", origin(base_url)));
    let text = asked.call().ok()?.body_mut().read_to_string().ok()?;
    let all: Vec<Value> = serde_json::from_str(&text).ok()?;
    let of_users = all.iter().filter(|one| one["place"] == "userId");
    let names: Vec<String> = of_users
        .filter_map(|one| one["name"].as_str().map(str::to_owned))
        .collect();
    (!names.is_empty()).then_some(names)
}

fn agent(within: Duration) -> ureq::Agent {
    // The sandbox is on this machine, and says with its status what it thinks.
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(within))
        .proxy(None)
        .http_status_as_error(false);
    config.max_redirects(0).build().into()
}

fn origin(base_url: &BaseUrl) -> &str {
    origin_of(base_url.as_str())
}

/// A base URL without its path: where the sandbox's own pages are.
pub(super) fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |path| &url[..host + path])
}

/// An id in a path.
fn form(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    id.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
