//! `advance demo`: everything, from a token to a result.

use std::time::Duration;

use advance_core::wire::Period;
use advance_core::{Charges, Credentials, GenerateUrl, Verification, VerificationLink, WaitPolicy};
use advance_sandbox::model::Account;
use advance_sandbox::{Outcome, Sandbox};
use serde::Serialize;

use super::view::{self, Meaning};
use super::{link, wait};
use crate::account;
use crate::api::Api;
use crate::args;
use crate::attempts::{self, Attempt};
use crate::out::Out;
use crate::problem::{Problem, Stop};

/// How often to ask a sandbox of our own, which nobody else uses.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

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

pub(super) fn run(args: &args::Demo, out: &Out) -> Result<(), Stop> {
    match &args.base_url {
        None => in_a_sandbox(args, out),
        Some(host) => at_a_host(args, host, out),
    }
}

fn in_a_sandbox(args: &args::Demo, out: &Out) -> Result<(), Stop> {
    let user_id = args.user_id.as_deref().unwrap_or("sbx-ok");
    let request = request(args, Some(user_id))?;
    let sandbox = Sandbox::start_blocking()
        .map_err(|error| Problem::local("sandbox", "the sandbox did not start").caused_by(&error))?;
    let sample = Account::sample();
    let api = Api::new(
        account::host(sandbox.base_url())?,
        Credentials::new(sample.access_key, sample.secret_key)?,
        args.blocking,
        Period::default(),
        out,
    )?;
    if !out.is_json() {
        out.text(&format!(
            "A sandbox on this machine plays the vendor: {}\nIt needs no account, costs nothing and ends with this command.\n",
            sandbox.base_url()
        ))?;
    }
    let link = open_link(&api, request, out)?;
    if !out.is_json() {
        out.text("\nA simulated person opens it and photographs a card.\n")?;
    }
    if !user_id.starts_with("sbx-") {
        // The sandbox leaves everybody else to somebody at its page. Here, nobody sits there.
        sandbox.with_vendor(|vendor| vendor.finish(link.signature_id().as_str(), Outcome::Ok));
    }
    let verification = wait::finished(&api, polling(&link).backoff(FIRST, LONGEST))?.into_data();
    let requests = sandbox.with_vendor(|vendor| {
        // Whoever opened the page or a picture is not one of the client's requests.
        vendor
            .journal()
            .entries()
            .filter(|entry| entry.code.is_some())
            .count()
    });
    print(
        &api,
        &link,
        &verification,
        requests,
        "by the sandbox's journal",
        out,
    )
}

fn at_a_host(args: &args::Demo, host: &str, out: &Out) -> Result<(), Stop> {
    let request = request(args, args.user_id.as_deref())?;
    let api = Api::new(
        account::host(host)?,
        account::credentials()?,
        args.blocking,
        Period::default(),
        out,
    )?;
    let link = open_link(&api, request, out)?;
    out.progress("open the link and follow the page; this command waits");
    if out.is_json() {
        out.progress(link.expose_url());
    }
    let verification = wait::finished(&api, polling(&link))?.into_data();
    let requests = api.attempts().all().len();
    print(
        &api,
        &link,
        &verification,
        requests,
        "as this command counts them",
        out,
    )
}

fn request(args: &args::Demo, user_id: Option<&str>) -> Result<GenerateUrl, Stop> {
    link::request(
        &args.return_url,
        &args.fail_return_url,
        args.allow_http_return_url,
        &args.region,
        user_id,
    )
}

/// The id was given out a moment ago, so "does not exist" cannot mean more than "not yet".
fn polling(link: &VerificationLink) -> WaitPolicy {
    WaitPolicy::link(link).signature_not_exist(true)
}

fn open_link(api: &Api, request: GenerateUrl, out: &Out) -> Result<VerificationLink, Stop> {
    let link = api.generate_url(request)?.into_data();
    if !out.is_json() {
        out.text(&format!("\nLink for the person\n{}", link::rows(&link).lines(2)))?;
    }
    Ok(link)
}

fn print(
    api: &Api,
    link: &VerificationLink,
    verification: &Verification,
    requests: usize,
    counted: &str,
    out: &Out,
) -> Result<(), Stop> {
    let replies = api.attempts().all();
    let mut charges = Charges::NONE;
    for reply in &replies {
        charges.record(reply.charge());
    }
    if out.is_json() {
        return out.object(&Printed {
            link,
            verification,
            meaning: Meaning::of(verification),
            requests,
            charges,
            replies: &replies,
        });
    }
    out.text(&view::outcome(verification, true))?;
    out.text(&view::card(verification))?;
    out.text(&view::consistency(verification))?;
    let Charges { free, pay, unknown } = charges;
    out.text(&format!(
        "\nReplies, and what each charged\n{}\n{requests} requests were sent, {counted}: {free} free, {pay} charged, {unknown} of unknown cost.\n",
        attempts::rows(&replies).lines(2),
    ))
}
