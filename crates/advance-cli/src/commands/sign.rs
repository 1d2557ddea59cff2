//! `advance sign`

use advance_core::UnixMillis;
use advance_core::wire::{Timestamp, sign};
use serde::Serialize;

use crate::out::Out;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::signature;
use crate::stop::Stop;
use crate::time;

const HELP: &str = "\
The signature is the lowercase hex SHA-256 of accessKey, secretKey and timestamp, one after the other.

Examples:
  advance sign
  advance sign --timestamp 1665993522952
  advance sign --timestamp 1665993522952 --check SIGNATURE";

/// Sign a token request without sending it, or find out what is wrong with a signature
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Milliseconds since 1970, 13 digits [default: now]
    #[arg(long, value_name = "MS")]
    timestamp: Option<u64>,
    /// Say whether this is the signature for the timestamp, and if not, which mistake it comes from
    #[arg(long, value_name = "SIGNATURE", requires = "timestamp")]
    check: Option<String>,
    /// Use this profile of the settings file [env: ADVANCE_PROFILE]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Serialize)]
struct Printed<'a> {
    signature: &'a str,
    timestamp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<bool>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let settings = Settings::load(args.profile.as_deref())?;
    if let Some(check) = &args.check {
        return compare(check, args.timestamp.unwrap_or_default(), &settings, out);
    }
    let timestamp = Timestamp::new(args.timestamp.map_or_else(time::now, UnixMillis::new))?;
    let signature = sign(&settings.credentials()?, timestamp);
    let signature = signature.expose();
    if out.is_json() {
        return out.object(&Printed {
            signature,
            timestamp: timestamp.get(),
            matches: None,
        });
    }
    // A caller that gave the timestamp knows it, and gets nothing but the signature.
    match args.timestamp {
        Some(_) => out.text(&format!("{signature}\n")),
        None => out.text(&format!("{signature}\n{timestamp}\n")),
    }
}

fn compare(given: &str, timestamp: u64, settings: &Settings, out: &Out) -> Result<(), Stop> {
    let credentials = settings.credentials()?;
    if let Err(mistake) = signature::judge(&credentials, &timestamp.to_string(), given) {
        return Err(Problem::local("signature", mistake).into());
    }
    if out.is_json() {
        return out.object(&Printed {
            signature: given,
            timestamp,
            matches: Some(true),
        });
    }
    out.text("the signature is right\n")
}
