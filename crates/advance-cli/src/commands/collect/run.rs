//! `advance collect run`

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::sink::{Discard, Folder, Sink};
use advance_collector::{Event, Pace, Pictures, Policy, RunError, Seen};
use advance_core::ErrorKind;
use serde_json::json;

use super::service::{self, Given, Service};
use super::store::{Place, failed};
use crate::connection::Connection;
use crate::net::api::Api;
use crate::net::collect::{Kept, LOOK, Work};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;
use crate::text::clean;

const HELP: &str = "\
Each outcome is printed as it comes, and is not told again. What is under way when it is interrupted is seen to its end.

Without --output, replies are not kept: the verdict, its reasons and the transactionId stay in the store.

Examples:
  advance collect run --store sqlite:pending.db --until-done --output results/";

/// How long a service leaves the vendor alone after its account was refused.
const REFUSED: Duration = Duration::from_secs(300);

/// Ask the vendor how verifications ended, until interrupted
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// End when every verification has ended
    #[arg(long)]
    until_done: bool,
    /// How many verifications at the same time
    #[arg(long, value_name = "NUMBER", default_value = "8")]
    concurrency: NonZeroUsize,
    /// How many requests to begin in a second, at the most
    #[arg(long, value_name = "NUMBER")]
    rate: Option<NonZeroU32>,
    /// Keep each reply in a folder of its own below this one, readable for its owner alone
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Keep the pictures as well
    #[arg(long, requires = "output")]
    images: bool,
    /// Pay for another link if one ended before its picture was fetched
    #[arg(long, requires = "images")]
    pay_for_links: bool,
    /// Take pictures from this host as well
    #[arg(long, value_name = "HOST")]
    image_host: Vec<String>,
    /// Ask again after so many doubts of a verification, each of which may have been charged
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    ask_again: u32,
    /// Give up a verification after so many answers that were charged and brought nothing
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    max_charges: u32,
    #[arg(long, help = "Take SIGNATURE_NOT_EXIST for \"not finished yet\"")]
    unknown_is_unfinished: bool,
    /// Forget verifications so many days after they ended and were told, with what was kept of them
    #[arg(long, value_name = "DAYS")]
    retain: Option<u64>,
    // Before those that stand below a heading of their own.
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    service: service::Args,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    if args.service.needs_file() {
        args.place.file()?;
    }
    let kept = args.place.open()?;
    let sink: Box<dyn Sink> = match &args.output {
        Some(path) => Box::new(Folder::new(path).map_err(|error| {
            Stop::from(Problem::usage(format!("cannot make {}", path.display())).caused_by(&error))
        })?),
        None => Box::new(Discard),
    };
    let api = Api::connect(&args.connection, out)?;
    let hosts = api.pictures(&args.image_host)?;
    let given = Given {
        args: &args.service,
        place: &args.place,
        connection: &args.connection,
        output: args.output.as_deref(),
        store: &kept.store,
        out,
    };
    let service = Arc::new(Service::start(&api, &given)?);
    let (post, see) = (Arc::clone(&service), Arc::clone(&service));
    let (print, watch) = (teller(out), watcher(out));
    let work = Work {
        policy: policy(args).download(hosts),
        pace: pace(args),
        sink: service.forgetting(sink),
        tell: Arc::new(move |event: &Event| post.post(event).and_then(|()| print(event))),
        watch: Arc::new(move |seen: &Seen<'_>| {
            see.see(seen);
            watch(seen);
        }),
    };
    api.interrupt().gently();
    let serves = args.service.serves() && !args.until_done;
    let ended = collect(&api, &service, || run_on(serves, &api, &kept, &work, &service));
    let all = args.until_done && ended.is_ok();
    service.end(all, || api.interrupt().asked())?;
    ended?;
    if out.is_watched() {
        let left = kept.store.status().map_err(failed)?;
        out.progress(&format!(
            "{} waiting, {} done, {} unsure, {} failed; {} charged, {} of unknown cost",
            left.waiting, left.done, left.unsure, left.failed, left.charges.pay, left.charges.unknown
        ));
    }
    Ok(())
}

/// Collects, and closes the service as soon as this is asked to end: what both have under way ends at the same time.
fn collect<T>(api: &Api, service: &Service, collecting: impl FnOnce() -> T) -> T {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let closing = || {
            while !ended.load(Ordering::SeqCst) && !api.interrupt().asked() {
                thread::sleep(LOOK);
            }
            service.close();
        };
        let closer = thread::Builder::new()
            .name("closer".to_owned())
            .spawn_scoped(scope, closing);
        let answer = collecting();
        ended.store(true, Ordering::SeqCst);
        if closer.is_err() {
            service.close();
        }
        answer
    })
}

/// Collects. If the account is refused, a service goes on with its webhooks and its intake, and tries again later: somebody has
/// to see to the account, and what waits is not to wait for that.
fn run_on(serves: bool, api: &Api, kept: &Kept, work: &Work, service: &Service) -> Result<(), Stop> {
    loop {
        let error = match api.collect(kept, work.clone()) {
            Ok(()) => return Ok(()),
            Err(RunError::Account(error)) => error,
            Err(RunError::Store(error)) => return Err(failed(error)),
            Err(_) => return Err(Problem::local("collect", "the collector stopped").into()),
        };
        // A setting that is wrong was refused before anything was sent.
        let ends = !serves || error.kind() == ErrorKind::Invalid;
        let problem = api.problem(error);
        if ends {
            return Err(problem.into());
        }
        service.refused(&problem);
        let since = Instant::now();
        while since.elapsed() < REFUSED {
            if api.interrupt().asked() {
                return Err(problem.into());
            }
            thread::sleep(LOOK);
        }
    }
}

fn policy(args: &Args) -> Policy {
    let (unknown, charged) = (args.unknown_is_unfinished, args.max_charges);
    let pictures = match (args.images, args.pay_for_links) {
        (false, _) => Pictures::Skip,
        (true, false) => Pictures::Fetch,
        (true, true) => Pictures::FetchAndPay,
    };
    let policy = Policy::new()
        .wait(move |wait| wait.signature_not_exist(unknown).charged_polls(charged))
        .ask_again_after_doubts(args.ask_again)
        .pictures(pictures);
    match args.retain {
        Some(days) => policy.retention(Duration::from_secs(days.saturating_mul(24 * 3_600))),
        None => policy,
    }
}

fn pace(args: &Args) -> Pace {
    let mut pace = Pace::new().concurrency(args.concurrency);
    if let Some(rate) = args.rate {
        pace = pace.interval(Duration::from_secs(1) / rate.get());
    }
    if args.until_done { pace.until_done() } else { pace }
}

/// Prints an outcome; one that cannot be printed was not told.
fn teller(
    out: &Out,
) -> impl Fn(&Event) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync + use<> {
    let out = out.clone();
    move |event| {
        let conclusion = &event.conclusion;
        let printed = if out.is_json() {
            out.object(&json!({
                "event": event.id(),
                "signatureId": event.signature_id.as_str(),
                "ending": conclusion.ending.as_str(),
                "outcome": conclusion.verdict.map(advance_core::Outcome::as_str),
                "reasons": conclusion.reasons,
                "code": conclusion.code,
                "transactionId": conclusion.transaction_id,
                "charges": event.charges,
            }))
        } else {
            let id = clean(event.signature_id.as_str());
            out.text(&match conclusion.verdict {
                Some(verdict) => format!("{id} {verdict}\n"),
                None => format!("{id} {}\n", conclusion.ending),
            })
        };
        printed.map_err(|_| "cannot print".into())
    }
}

fn watcher(out: &Out) -> impl Fn(&Seen<'_>) + Send + Sync + use<> {
    let out = out.clone();
    move |seen| match seen {
        Seen::Swept(count) => out.progress(&format!(
            "{count} requests of unknown fate: their senders vanished"
        )),
        Seen::NoToken(error) => out.progress(&format!("no token: {error}")),
        Seen::Store(error) => out.progress(&error.to_string()),
        Seen::Worked(report) => {
            if let Some(error) = &report.trouble {
                out.progress(&format!("{}: {error}", report.signature_id));
            }
        }
        _ => {}
    }
}
