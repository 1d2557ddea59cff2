//! `advance link`

mod qr;
mod request;

use std::path::Path;

use advance_core::VerificationLink;
use serde::Serialize;

use super::sandbox::{is_sandbox, scenarios};
use crate::connection::Connection;
use crate::net::api::{Api, Parts};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;
use crate::text::{Rows, clean};
use crate::time;
use crate::view::receipt::Receipt;

pub(super) use request::Person;

const HELP: &str = "\
The link is for one person: with it, they are that person. It is open for an hour.

Examples:
  advance link --user-id customer-4711
  advance link --return-url https://shop.example/verified
  advance link --qr link.png --json
  advance link --user-id sbx-ok | advance wait -";

/// Get a link to send a person to
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    person: Person,
    /// Show the link as a QR code for a phone; with a name, write it there as a picture
    #[arg(long, value_name = "FILE.png", num_args = 0..=1, default_missing_value = "-")]
    qr: Option<String>,
    /// Open the link in the browser of this machine
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    link: &'a VerificationLink,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let request = args.person.request()?;
    let parts = Parts::of(&args.connection)?;
    if let Some(user_id) = args.person.user_id.as_deref().filter(|id| id.starts_with("sbx-")) {
        scenarios::check_at(&parts.base_url, &parts.wiring, user_id)?;
    }
    let api = Api::new(parts, out)?;
    let response = api.generate_url(request)?;
    let (link, receipt) = (response.data(), Receipt::of(&response));
    // The link is printed first: a picture or a browser that fails does not take it away.
    if out.is_json() {
        out.object(&Printed { link, receipt })?;
    } else {
        out.text(&described(link, Some(&receipt), &api, 0, out))?;
    }
    match args.qr.as_deref() {
        None => {}
        Some("-") if out.is_json() => {}
        Some("-") => out.text(&qr::for_terminal(&short(link, &api), out)?)?,
        Some(file) => qr::to_file(&short(link, &api), Path::new(file))?,
    }
    if args.open {
        open::that_detached(link.expose_url()).map_err(|error| {
            Stop::from(
                Problem::local("browser", "no browser could be started")
                    .caused_by(&error)
                    .hint("open the link by hand"),
            )
        })?;
    }
    Ok(())
}

/// A sandbox has a short way to its page, which makes a code that a phone reads from afar.
fn short(link: &VerificationLink, api: &Api) -> String {
    let url = link.expose_url();
    match url.split_once("/h5-idv/") {
        Some((origin, _)) if is_sandbox(api.base_url(), api.wiring()) => {
            format!("{origin}/s/{}", link.signature_id().as_str())
        }
        _ => url.to_owned(),
    }
}

/// A link and what is known of it. On a terminal, the link has lines of its own, to be selected; it is what was asked
/// for, so that it is not cut.
pub(super) fn described(
    link: &VerificationLink,
    receipt: Option<&Receipt<'_>>,
    api: &Api,
    indent: usize,
    out: &Out,
) -> String {
    let mut rows = Rows::default();
    if !out.is_terminal() {
        rows.add(["url", link.expose_url()]);
    }
    add_to(&mut rows, link);
    if let Some(receipt) = receipt {
        receipt.add_to(&mut rows);
    }
    let rows = out.lines(&rows, indent);
    if out.is_terminal() {
        format!("{:indent$}{}\n\n{rows}", "", clean(&short(link, api)))
    } else {
        rows
    }
}

/// The same of a link that ends with this command, and is not shown, for it cannot be opened.
pub(super) fn described_dead(link: &VerificationLink, indent: usize, out: &Out) -> String {
    let mut rows = Rows::default();
    rows.add(["url", "ends with this command; --keep lets you open it"]);
    add_to(&mut rows, link);
    out.lines(&rows, indent)
}

fn add_to(rows: &mut Rows, link: &VerificationLink) {
    rows.add(["signatureId", link.signature_id().as_str()]);
    rows.add(["open until", &time::relative(link.expires_at(), time::now())]);
}
