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
    region: &str,
    user_id: Option<&str>,
) -> Result<GenerateUrl, Stop> {
    let fail_return_url = ReturnUrl::new(fail_return_url).map_err(|error| {
        // The core has one name for both.
        Problem::usage(rule(&error).replacen("returnUrl", "failReturnUrl", 1))
    })?;
    let request = GenerateUrl::new(ReturnUrl::new(return_url)?, fail_return_url, Region::new(region)?);
    Ok(match user_id {
        Some(user_id) => request.user_id(UserId::new(user_id)?),
        None => request,
    })
}

pub(super) fn rows(link: &VerificationLink) -> Rows {
    let mut rows = Rows::default();
    rows.add(["url", link.expose_url()]);
    rows.add(["signatureId", link.signature_id().as_str()]);
    rows.add(["open until", &time::shown(link.expires_at())]);
    rows
}
