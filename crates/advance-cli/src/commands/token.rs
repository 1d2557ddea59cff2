//! `advance token`

mod cache;

use advance_core::{Period, UnixMillis};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::connection::Connection;
use crate::jwt;
use crate::net::api::{Api, Parts};
use crate::out::Out;
use crate::stop::Stop;
use crate::text::Rows;
use crate::time;
use crate::view::receipt::Receipt;

use cache::{Cache, Kept};

const HELP: &str = "\
A token is as good as the keys while it lives: text shows it only with --reveal, and it is kept only with --cache.

Examples:
  advance token
  advance token --period 600 --json";

/// Get an access token, to try the API by hand
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// How long the token shall live: 60 to 86400 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    period: u64,
    /// Keep the token in a file that only you can read, and use it again while it lives
    #[arg(long)]
    cache: bool,
    /// Show the token
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    token: &'a str,
    expired_time: UnixMillis,
    remaining_seconds: u64,
    claims: Option<Map<String, Value>>,
    from_cache: bool,
    #[serde(flatten)]
    receipt: Option<Receipt<'a>>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let period = Period::from_secs(args.period)?;
    let parts = Parts {
        period,
        ..Parts::of(&args.connection)?
    };
    let cache = args
        .cache
        .then(|| Cache::of(parts.base_url.as_str(), parts.credentials.access_key().expose()))
        .transpose()?;
    if let Some(kept) = cache.as_ref().and_then(|cache| cache.read(time::now())) {
        return print(
            &kept.token,
            UnixMillis::new(kept.expired_time),
            None,
            args.reveal,
            out,
        );
    }
    let api = Api::new(parts, out)?;
    let response = api.token()?;
    let token = response.data();
    if let Some(cache) = &cache {
        cache.keep(&Kept {
            token: token.token.expose().to_owned(),
            expired_time: token.expired_time.get(),
        })?;
    }
    print(
        token.token.expose(),
        token.expired_time,
        Some(Receipt::of(&response)),
        args.reveal,
        out,
    )
}

fn print(
    token: &str,
    expires: UnixMillis,
    receipt: Option<Receipt<'_>>,
    reveal: bool,
    out: &Out,
) -> Result<(), Stop> {
    let now = time::now();
    let claims = jwt::claims(token);
    if out.is_json() {
        return out.object(&Printed {
            token,
            expired_time: expires,
            remaining_seconds: expires.get().saturating_sub(now.get()) / 1000,
            claims,
            from_cache: receipt.is_none(),
            receipt,
        });
    }
    let mut rows = Rows::default();
    let hidden = format!("{} characters; --reveal shows it", token.len());
    rows.add(["token", if reveal { token } else { &hidden }]);
    rows.add(["expires", &time::relative(expires, now)]);
    if let Some(claims) = &claims {
        jwt::add_to(&mut rows, claims, now);
    }
    match receipt {
        Some(receipt) => receipt.add_to(&mut rows),
        None => rows.add(["sent", "nothing; it was in the cache"]),
    }
    out.text(&out.lines(&rows, 0))
}
