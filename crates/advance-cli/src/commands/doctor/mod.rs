//! `advance doctor`: what stands between this machine and the API, one thing after the other.

mod calls;
mod keys;
mod network;
mod report;
mod roots;
mod tls;

use advance_core::BaseUrl;
use serde::Serialize;

use crate::connection::Connection;
use crate::net::proxy::{self, Way};
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::stop::Stop;

use report::{Finding, Report};

const HELP: &str = "\
It asks for one token and one link, both of which the vendor documents as free, and never for a result.

Examples:
  advance doctor
  advance doctor --json";

/// Find out what is wrong: settings, keys, clock, network, certificates, account
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Look at this machine alone and send nothing
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Printed<'a> {
    checks: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let mut report = Report::new(out);
    examine(args, &mut report, out)?;
    let failed = report.failed();
    let error = failed.map(|first| Problem::local("doctor", format!("{}: {}", first.check, first.message)));
    if out.is_json() {
        let printed = Printed {
            checks: report.all(),
            error,
        };
        out.object(&printed)?;
        return if printed.error.is_some() {
            Err(Stop::Told(1))
        } else {
            Ok(())
        };
    }
    if error.is_some() {
        return Err(Stop::Told(1));
    }
    out.text(if report.warned() {
        "\nIt works; see the warnings.\n"
    } else {
        "\nAll is well.\n"
    })
}

/// Each check that fails makes those behind it pointless.
fn examine(args: &Args, report: &mut Report<'_>, out: &Out) -> Result<(), Stop> {
    let settings = match args.connection.settings() {
        Ok(settings) => settings,
        Err(Stop::Problem(problem)) => {
            return report.failure(
                "settings",
                problem.message(),
                "mend the file, or name another with ADVANCE_CONFIG",
            );
        }
        Err(stop) => return Err(stop),
    };
    let file = settings.file();
    let path = file.path().display();
    report.ok(
        "settings",
        &match (file.exists(), file.name()) {
            (false, _) => format!("from the command line and the environment; there is no {path}"),
            (true, None) => format!("{path} is read"),
            (true, Some(name)) => format!("{path} is read, profile {name}"),
        },
    )?;
    let credentials = keys::check(&settings, report)?;
    let Some(base_url) = host(&settings, report)? else {
        return Ok(());
    };
    let way = proxy_way(&settings, &base_url, report)?;
    roots::check(&settings, &base_url, report)?;
    if args.offline {
        return Ok(());
    }
    let wiring = match Wiring::of(&settings, &base_url) {
        Ok(wiring) => wiring,
        Err(Stop::Problem(problem)) => {
            return report.failure("client", problem.message(), "mend the setting");
        }
        Err(stop) => return Err(stop),
    };
    let Some(stream) = network::connect(&base_url, &way, report)? else {
        return Ok(());
    };
    if base_url.as_str().starts_with("http://") {
        // A server may serve one at a time.
        drop(stream);
    } else if !tls::check(stream, &base_url, &wiring, report)? {
        return Ok(());
    }
    match credentials {
        Some(credentials) => calls::check(
            args.connection.blocking,
            base_url,
            credentials,
            &wiring,
            report,
            out,
        ),
        None => report.skipped("token", "not asked for: the keys are not usable"),
    }
}

fn host(settings: &Settings, report: &mut Report<'_>) -> Result<Option<BaseUrl>, Stop> {
    match settings.base_url() {
        Ok((base_url, source)) => {
            let said = format!("{} (from {source})", base_url.as_str());
            if base_url.as_str().starts_with("http://") && !proxy::is_loopback(base_url.host()) {
                let remedy = "that is for a sandbox: all on the way can read and change it";
                report.warning("host", &format!("{said}, without TLS"), remedy)?;
            } else {
                report.ok("host", &said)?;
            }
            Ok(Some(base_url))
        }
        Err(Stop::Problem(problem)) => {
            report.failure(
                "host",
                problem.message(),
                "the vendor's is https://api.advance.ai",
            )?;
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}

fn proxy_way(settings: &Settings, base_url: &BaseUrl, report: &mut Report<'_>) -> Result<Way, Stop> {
    let way = proxy::way(settings, base_url)?;
    match &way {
        Way::Direct => report.ok("proxy", "none is set; the host is reached directly")?,
        Way::Unasked(found) => {
            let why = if proxy::is_loopback(base_url.host()) {
                "the host is this machine"
            } else {
                "the host is reached over plain http"
            };
            let text = format!(
                "{} (from {}) is not used: {why}",
                proxy::shown(&found.value),
                found.source
            );
            report.ok("proxy", &text)?;
        }
        Way::LeftOut(source) => report.ok("proxy", &format!("not used: {source} names the host"))?,
        Way::Through(found, _) => {
            report.ok(
                "proxy",
                &format!("{} (from {})", proxy::shown(&found.value), found.source),
            )?;
        }
    }
    Ok(way)
}
