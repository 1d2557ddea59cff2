//! Control calls to a sandbox that runs.

use http::Method;
use serde_json::{Value, json};

use super::reach;
use crate::net::transport::Wiring;
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
    /// Trust the certificates in this PEM file as well, as `sandbox --tls --save-ca` writes it [env: ADVANCE_CA_FILE]
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
}

/// End a verification, as the person at its page would
#[derive(clap::Args)]
pub(super) struct Finish {
    /// Which verification
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    /// How it ends, such as ok or forged (`advance sandbox scenarios` has all, after sbx-)
    outcome: String,
    /// End it anew if it has ended already
    #[arg(long)]
    again: bool,
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
    let asked = json!({ "outcome": outcome, "again": args.again });
    match args.at.call(Some(&asked), &format!("verifications/{id}")) {
        Err(Stop::Problem(problem)) if problem.message().contains("has ended already") => {
            return Err(problem.hint("--again ends it anew").into());
        }
        answered => answered?,
    };
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
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.ask(method, path, body)
    }

    pub(super) fn delete(&self, path: &str) -> Result<Value, Stop> {
        self.ask(Method::DELETE, path, None)
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Stop> {
        let settings = Settings::load(self.profile.as_deref())?
            .given(Name::BaseUrl, "--base-url", self.base_url.as_deref())
            .given(Name::CaFile, "--ca-file", self.ca_file.as_deref());
        if settings.find(Name::BaseUrl)?.is_none() {
            return Err(Problem::usage("it is not said where the sandbox is")
                .hint("set ADVANCE_BASE_URL to what `advance sandbox` prints, or use --base-url")
                .into());
        }
        let (base_url, _) = settings.base_url()?;
        reach::ask(&base_url, &Wiring::of(&settings, &base_url)?, method, path, body)
    }
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
