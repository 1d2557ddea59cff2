//! `advance link`

use advance_core::{GenerateUrl, Region, ReturnUrl, UserId, VerificationLink};
use serde::Serialize;

use super::view::Receipt;
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::{Problem, Stop, rule};
use crate::text::Rows;
use crate::time;

#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    link: &'a VerificationLink,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

pub(super) fn run(args: &args::Link, out: &Out) -> Result<(), Stop> {
    let request = request(
        &args.return_url,
        &args.fail_return_url,
        args.allow_http_return_url,
        &args.region,
        args.user_id.as_deref(),
    )?;
    let api = Api::connect(&args.connection, out)?;
    let response = api.generate_url(request)?;
    let (link, receipt) = (response.data(), Receipt::of(&response));
    if out.is_json() {
        return out.object(&Printed { link, receipt });
    }
    let mut rows = rows(link);
    receipt.add_to(&mut rows);
    out.text(&rows.lines(0))
}

/// The request, checked before there is any connection.
pub(super) fn request(
    return_url: &str,
    fail_return_url: &str,
    plain_http: bool,
    region: &str,
    user_id: Option<&str>,
) -> Result<GenerateUrl, Stop> {
    let return_url = way_back(return_url, "returnUrl", plain_http)?;
    let fail_return_url = way_back(fail_return_url, "failReturnUrl", plain_http)?;
    let request = GenerateUrl::new(return_url, fail_return_url, Region::new(region)?);
    Ok(match user_id {
        Some(user_id) => request.user_id(UserId::new(user_id)?),
        None => request,
    })
}

fn way_back(url: &str, field: &'static str, plain_http: bool) -> Result<ReturnUrl, Stop> {
    let checked = if plain_http {
        ReturnUrl::with_plain_http(url)
    } else {
        ReturnUrl::new(url)
    };
    checked.map_err(|error| {
        let rule = if ReturnUrl::with_plain_http(url).is_ok() {
            format!("{field} must be https; plain http to another machine takes --allow-http-return-url")
        } else {
            // The core has one name for both.
            rule(&error).replacen("returnUrl", field, 1)
        };
        Problem::usage(rule).into()
    })
}

pub(super) fn rows(link: &VerificationLink) -> Rows {
    let mut rows = Rows::default();
    rows.add(["url", link.expose_url()]);
    rows.add(["signatureId", link.signature_id().as_str()]);
    rows.add(["open until", &time::shown(link.expires_at())]);
    rows
}
