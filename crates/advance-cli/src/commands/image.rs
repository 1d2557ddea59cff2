//! `advance image`

use std::fs;
use std::path::PathBuf;

use advance_core::{Charges, ImageLink, SignatureId};
use serde::Serialize;

use crate::connection::Connection;
use crate::net::api::Api;
use crate::out::Out;
use crate::problem::Problem;
use crate::results::pictures;
use crate::stop::Stop;
use crate::text::{Rows, clean};
use crate::view::charges;

const HELP: &str = "\
It asks get-result first, for links to pictures live a day; that may be charged. Pictures come without the token, from the \
vendor's hosts alone.

Examples:
  advance image SIGNATURE_ID
  advance image SIGNATURE_ID --dir pictures --json";

/// Fetch the pictures of a verification
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Which verification: the signatureId that came with the link
    #[arg(value_name = "SIGNATURE_ID")]
    signature_id: String,
    /// Write them into this folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Take pictures from this host as well
    #[arg(long, value_name = "HOST")]
    image_host: Vec<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    signature_id: &'a SignatureId,
    pictures: Vec<One>,
    requests: u64,
    charges: Charges,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    which: &'static str,
    file: String,
    media_type: &'static str,
    bytes: usize,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let id = SignatureId::new(args.signature_id.as_str())?;
    fs::create_dir_all(&args.dir).map_err(|error| {
        Stop::from(Problem::usage(format!("cannot make {}", args.dir.display())).caused_by(&error))
    })?;
    let api = Api::connect(&args.connection, out)?;
    let policy = api.pictures(&args.image_host)?;
    let response = api.get_result(&id)?;
    let links = [response.data().image(), response.data().cropped_image()];
    let mut saved = Vec::new();
    for (which, link) in pictures::BOTH.into_iter().zip(links) {
        let Some(link) = link else { continue };
        let picture = api.download(link, &policy).map_err(|error| {
            let (sent, charges) = api.attempts().totals();
            let problem = Problem::from(error.clone()).after(sent, charges);
            Stop::from(
                match hint(link).filter(|_| error.kind() == advance_core::ErrorKind::Invalid) {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                },
            )
        })?;
        let file = pictures::save(&args.dir, &pictures::stem(&id, which), &picture)?;
        saved.push(One {
            which,
            file: file.display().to_string(),
            media_type: picture.format().media_type(),
            bytes: picture.expose_bytes().len(),
        });
    }
    let (requests, cost) = (u64::from(response.sends()), response.charges());
    if saved.is_empty() {
        let message = format!(
            "there is no picture (the verification is {})",
            response.data().verdict().outcome
        );
        return Err(Problem::local("no_picture", message).after(requests, cost).into());
    }
    if out.is_json() {
        return out.object(&Printed {
            signature_id: &id,
            pictures: saved,
            requests,
            charges: cost,
        });
    }
    let mut rows = Rows::default();
    for one in &saved {
        rows.add([
            one.which,
            &clean(&one.file),
            &format!("{} KiB", one.bytes.div_ceil(1024)),
        ]);
    }
    rows.add(["sent", &charges::sentence(requests, cost)]);
    out.text(&out.lines(&rows, 0))
}

/// What allows a picture of this host.
fn hint(link: &ImageLink) -> Option<String> {
    let host = link.host()?;
    Some(if link.is_https() {
        format!("if {host} is the vendor's, --image-host {host} allows it")
    } else {
        format!(
            "if {host} is a sandbox, start that with --public-base and the URL that you reach it by: its links begin with \
             that then"
        )
    })
}
