//! `advance demo`: everything, from a token to a result.

use std::time::Duration;

use advance_core::{
    BaseUrl, Charges, Credentials, GenerateUrl, Period, Verification, VerificationLink, WaitPolicy,
};
use advance_sandbox::model::Account;
use advance_sandbox::{Outcome, Sandbox};
use serde::Serialize;
use tokio::runtime;

use super::link::{self, Person};
use super::sandbox::{scenarios, serve};
use super::wait;
use crate::net::api::{Api, Parts};
use crate::net::attempts::{self, Attempt};
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::problem::Problem;
use crate::settings::{Name, Settings};
use crate::signals::Signals;
use crate::stop::Stop;
use crate::style::{BOLD, styled};
use crate::view::verification::Meaning;
use crate::view::{card, charges, verification};

/// How often to ask a sandbox that this command alone uses.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

const HELP: &str = "\
In a sandbox, --user-id says how it ends; `advance sandbox scenarios` lists them all. With --base-url the keys are those of \
the settings. ADVANCE_BASE_URL is not looked at, so that a demo never costs anything by accident.

Examples:
  advance demo
  advance demo --user-id sbx-forged
  advance demo --user-id sbx-pending-3 --json";

/// Verify an identity from beginning to end, by default against a sandbox on this machine
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Instead of a sandbox use this host and your keys, and wait for the person
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    grace: wait::Grace,
    /// Let the sandbox live on until Ctrl-C, for its page and for other commands
    #[arg(long, conflicts_with = "base_url")]
    keep: bool,
    /// At a host: show what was read off the card and the links to the pictures. A sandbox's are invented
    #[arg(long)]
    reveal: bool,
    /// Use the blocking client (ureq) instead of the async one (reqwest)
    #[arg(long)]
    blocking: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    #[serde(flatten)]
    link: &'a VerificationLink,
    #[serde(flatten)]
    verification: &'a Verification,
    #[serde(flatten)]
    meaning: Meaning,
    requests: usize,
    charges: Charges,
    replies: &'a [Attempt],
}

/// What is told at the end.
struct Told<'a> {
    link: &'a VerificationLink,
    verification: &'a Verification,
    requests: usize,
    counted: &'a str,
    reveal: bool,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    match &args.base_url {
        None => in_a_sandbox(args, out),
        Some(host) => at_a_host(args, host, out),
    }
}

fn in_a_sandbox(args: &Args, out: &Out) -> Result<(), Stop> {
    let user_id = args.person.user_id.as_deref().unwrap_or("sbx-ok");
    scenarios::check(user_id)?;
    let request = args.person.request_for(Some(user_id))?;
    let sandbox = Sandbox::start_blocking()
        .map_err(|error| Problem::local("sandbox", "the sandbox did not start").caused_by(&error))?;
    let sample = Account::sample();
    let parts = Parts {
        base_url: BaseUrl::with_loopback(sandbox.base_url())?,
        insecure_host: None,
        credentials: Credentials::new(sample.access_key, sample.secret_key)?,
        wiring: Wiring::PLAIN,
        period: Period::default(),
        blocking: args.blocking,
        curl: false,
        kept: true,
    };
    let api = Api::new(parts, out)?;
    if !out.is_json() {
        let end = if args.keep {
            "until Ctrl-C"
        } else {
            "ends with this command"
        };
        let place = format!(
            "A sandbox on this machine plays the vendor: {}",
            sandbox.base_url()
        );
        let what = format!("It needs no account, costs nothing and {end}.");
        out.text(&format!(
            "{}\n{}\n",
            out.sentence(&place, 2),
            out.sentence(&what, 2)
        ))?;
    }
    let link = open_link(&api, request, args.keep, out)?;
    if !out.is_json() {
        let person = "A simulated person opens it and photographs a card.";
        out.text(&format!("\n{}\n", out.sentence(person, 2)))?;
    }
    if !user_id.starts_with("sbx-") {
        // Without a scenario, a person would finish at the sandbox's page. In a demo there is none.
        sandbox.with_vendor(|vendor| vendor.finish(link.signature_id().as_str(), Outcome::Ok));
    }
    let verification = wait::finished(&api, in_sandbox(&link))?.into_data();
    let requests = sandbox.with_vendor(|vendor| {
        // Only the client's requests have codes; a page or a picture has none.
        vendor
            .journal()
            .entries()
            .filter(|entry| entry.code.is_some())
            .count()
    });
    let counted = "by the sandbox's journal";
    print(
        &api,
        &Told {
            link: &link,
            verification: &verification,
            requests,
            counted,
            reveal: true,
        },
        out,
    )?;
    if args.keep { keep(sandbox, out) } else { Ok(()) }
}

/// Lives on until a signal.
fn keep(sandbox: Sandbox, out: &Out) -> Result<(), Stop> {
    out.tell(&serve::how_to_call(&sandbox, None));
    serve::log(sandbox.events(), out);
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| {
        runtime
            .block_on(async { Signals::listen().map(|mut signals| async move { signals.next().await }) })
            .map(|next| runtime.block_on(next))
    });
    ended.map_err(|error| {
        Stop::from(Problem::local("sandbox", "cannot listen for the signal to end").caused_by(&error))
    })?;
    sandbox.shutdown_blocking();
    Ok(())
}

fn at_a_host(args: &Args, host: &str, out: &Out) -> Result<(), Stop> {
    let request = args.person.request()?;
    let settings = Settings::load(None)?.given(Name::BaseUrl, "--base-url", Some(host));
    let (base_url, _) = settings.base_url()?;
    let parts = Parts {
        credentials: settings.credentials()?,
        wiring: Wiring::of(&settings, &base_url)?,
        base_url,
        insecure_host: settings.insecure_host()?,
        period: Period::default(),
        blocking: args.blocking,
        curl: false,
        kept: true,
    };
    let api = Api::new(parts, out)?;
    let link = open_link(&api, request, true, out)?;
    out.progress("open the link and follow the page; this command waits");
    if out.is_json() {
        out.progress(link.expose_url());
    }
    let verification = wait::finished(&api, args.grace.applied(policy(&link)))?.into_data();
    let requests = api.attempts().all().len();
    let counted = "as this command counts them";
    print(
        &api,
        &Told {
            link: &link,
            verification: &verification,
            requests,
            counted,
            reveal: args.reveal,
        },
        out,
    )
}

/// The id was given out a moment ago, so "does not exist" cannot mean more than "not yet".
fn policy(link: &VerificationLink) -> WaitPolicy {
    WaitPolicy::link(link).signature_not_exist(true)
}

/// The simulated person has finished already, or does so while it is asked.
fn in_sandbox(link: &VerificationLink) -> WaitPolicy {
    policy(link)
        .first_poll_after(Duration::ZERO)
        .backoff(FIRST, LONGEST)
}

/// The link is shown only if it is of use to anybody: that of a sandbox that ends with this command is dead already.
fn open_link(api: &Api, request: GenerateUrl, alive: bool, out: &Out) -> Result<VerificationLink, Stop> {
    let link = api.generate_url(request)?.into_data();
    if !out.is_json() {
        let heading = styled(BOLD, "Link for the person");
        let described = if alive {
            link::described(&link, None, api, 2, out)
        } else {
            link::described_dead(&link, 2, out)
        };
        out.text(&format!("\n{heading}\n{described}"))?;
    }
    Ok(link)
}

fn print(api: &Api, told: &Told<'_>, out: &Out) -> Result<(), Stop> {
    let replies = api.attempts().all();
    let (_, cost) = api.attempts().totals();
    let Told {
        link,
        verification,
        requests,
        counted,
        reveal,
    } = *told;
    if out.is_json() {
        return out.object(&Printed {
            link,
            verification,
            meaning: Meaning::of(verification),
            requests,
            charges: cost,
            replies: &replies,
        });
    }
    out.text(&verification::outcome(verification, reveal, out))?;
    out.text(&card::fields(verification, reveal, out))?;
    out.text(&card::consistency(verification, out))?;
    let heading = styled(BOLD, "Replies, and what each charged");
    let rows = attempts::rows(&replies);
    let sentence = format!("{}, {counted}.", charges::sentence(requests as u64, cost));
    out.text(&format!(
        "\n{heading}\n{}\n{}\n",
        out.lines(&rows, 2),
        out.sentence(&sentence, 2)
    ))
}
