//! `advance wait`

mod countdown;

use std::time::Duration;

use advance_core::session::Waited;
use advance_core::{ErrorKind, Response, SignatureId, UnixMillis, Verification, WaitOutcome, WaitPolicy};
use serde_json::Value;

use crate::connection::Connection;
use crate::exit;
use crate::net::api::Api;
use crate::out::Out;
use crate::problem::Problem;
use crate::results::line::Line;
use crate::results::{input, screen};
use crate::stop::Stop;
use crate::time;
use crate::view::receipt::Receipt;

use countdown::Countdown;

/// As long as the document says a link lives.
const LINK_LIFE: Duration = Duration::from_secs(3600);

const HELP: &str = "\
How often it asks grows from 3 s to 30 s. Whether a question before the end is charged is not documented; --max-charges \
bounds it.

Examples:
  advance wait SIGNATURE_ID
  advance wait SIGNATURE_ID --timeout 600 --exit-status --json
  advance link --user-id sbx-ok | advance wait -";

/// Wait until the person has finished, then fetch how it ended
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Which verification: the signatureId that came with the link, or - to read what `advance link` prints
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    /// Wait at most this long [default: until the link ends and --grace is over, else 3600]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Wait at most until then, such as 2026-11-26T13:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "timeout")]
    until: Option<String>,
    #[command(flatten)]
    grace: Grace,
    #[arg(long, help = "Take SIGNATURE_NOT_EXIST for \"not finished yet\"")]
    unknown_is_unfinished: bool,
    /// End the wait when so many questions were charged and brought nothing [default: 5]
    #[arg(long, value_name = "NUMBER")]
    max_charges: Option<u32>,
    /// Show what was read off the card and the links to the pictures
    #[arg(long)]
    reveal: bool,
    /// Tell the outcome by the exit status
    #[arg(long)]
    exit_status: bool,
    #[command(flatten)]
    connection: Connection,
}

/// How long a person may be late.
#[derive(clap::Args)]
pub(super) struct Grace {
    /// Go on so long after the link's end, for a person who finished at the last moment [default: 60]
    #[arg(long = "grace", value_name = "SECONDS")]
    seconds: Option<u64>,
}

impl Grace {
    pub(super) fn applied(&self, polling: WaitPolicy) -> WaitPolicy {
        match self.seconds {
            Some(seconds) => polling.grace(Duration::from_secs(seconds)),
            None => polling,
        }
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(60))
    }
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let (id, end) = named(&args.signature_id)?;
    let total = total(args)?;
    let api = Api::connect(&args.connection, out)?;
    let again = format!("`advance wait {id}` goes on");
    let attempts = api.attempts().clone();
    api.interrupt().say(move || {
        let (sent, charges) = attempts.totals();
        let problem = Problem::interrupted("interrupted: the person had not finished").hint(again.as_str());
        problem.after(sent, charges).into()
    });
    let countdown = Countdown::start(api.attempts(), longest(args, total, end), out);
    let polling = polling(args, id.clone(), total, end);
    let waited = api.wait(polling);
    countdown.end();
    let (polls, charges, sends) = (waited.polls, waited.charges, waited.sends);
    let response = ended(&api, waited)?;
    let verification = response.data();
    let receipt = Receipt::of(&response).in_all(polls, sends, charges);
    if out.is_json() {
        out.object(&Line::with(&id, verification, receipt))?;
    } else {
        out.text(&screen::one(&id, verification, &receipt, args.reveal, out))?;
    }
    match exit::of_outcome(verification.verdict().outcome) {
        exit if args.exit_status && exit != 0 => Err(Stop::Told(exit)),
        _ => Ok(()),
    }
}

/// The id, and when its link ends if that is said.
fn named(text: &str) -> Result<(SignatureId, Option<UnixMillis>), Stop> {
    if text != "-" {
        return Ok((SignatureId::new(text)?, None));
    }
    let text = input::read("-")?;
    if let Ok(object) = serde_json::from_str::<Value>(&text) {
        let id = object.get("signatureId").and_then(Value::as_str);
        let end = object
            .get("expiredTime")
            .and_then(Value::as_u64)
            .map(UnixMillis::new);
        return match id {
            Some(id) => Ok((SignatureId::new(id)?, end)),
            None => Err(nothing(&text)),
        };
    }
    let rows = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("signatureId "));
    let bare = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.contains(' '));
    match rows.chain(bare).next() {
        Some(id) => Ok((SignatureId::new(id.trim())?, None)),
        None => Err(nothing(&text)),
    }
}

fn nothing(text: &str) -> Stop {
    let what = if text.trim().is_empty() {
        "standard input is empty; the command before it may have failed"
    } else {
        "standard input holds no signatureId"
    };
    Problem::usage(what).into()
}

fn polling(args: &Args, id: SignatureId, total: Option<Duration>, end: Option<UnixMillis>) -> WaitPolicy {
    let policy = WaitPolicy::of(id).signature_not_exist(args.unknown_is_unfinished);
    let mut policy = args.grace.applied(policy);
    if let Some(total) = total {
        policy = policy.total(total);
    }
    if let Some(end) = end {
        policy = policy.link_ends(end);
    }
    match args.max_charges {
        Some(limit) => policy.charged_polls(limit),
        None => policy,
    }
}

/// The most that the caller allows, if anything is said.
fn total(args: &Args) -> Result<Option<Duration>, Stop> {
    if let Some(seconds) = args.timeout {
        return Ok(Some(Duration::from_secs(seconds)));
    }
    let Some(text) = &args.until else { return Ok(None) };
    let Some(end) = time::parse(text) else {
        let message = "--until must be a date and a time, such as 2026-11-26T13:00:00Z";
        return Err(Problem::usage(message).into());
    };
    match end.get().saturating_sub(time::now().get()) {
        0 => Err(Problem::usage("the time to wait until is over already").into()),
        left => Ok(Some(Duration::from_millis(left))),
    }
}

/// What the countdown begins with.
fn longest(args: &Args, total: Option<Duration>, end: Option<UnixMillis>) -> Duration {
    let link = end.map_or(LINK_LIFE, |end| {
        let left = Duration::from_millis(end.get().saturating_sub(time::now().get()));
        left + args.grace.span()
    });
    total.map_or(link, |total| total.min(link))
}

/// The finished verification, or why there is none.
pub(super) fn finished(api: &Api, polling: WaitPolicy) -> Result<Response<Verification>, Stop> {
    ended(api, api.wait(polling))
}

fn ended(api: &Api, waited: Waited) -> Result<Response<Verification>, Stop> {
    if matches!(waited.outcome, WaitOutcome::Cancelled) {
        return Err(api.interrupt().said());
    }
    // Time that ran out may have run out because every single poll failed.
    let behind = match &waited.outcome {
        WaitOutcome::LinkExpired | WaitOutcome::TimedOut => waited.last_error.clone(),
        _ => None,
    }
    // No data is how a vendor may say "not finished", which is said already.
    .filter(|error| error.kind() != ErrorKind::MissingData);
    waited.into_result().map_err(|error| {
        let problem = api.problem(error);
        match &behind {
            Some(last) => problem.caused_by(last).into(),
            None => problem.into(),
        }
    })
}
