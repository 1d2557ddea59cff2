//! `advance token`

use advance_core::wire::Period;
use serde::Serialize;

use super::view::Receipt;
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::Stop;
use crate::text::Rows;
use crate::time;

#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    token: &'a advance_core::wire::IssuedToken,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

pub(super) fn run(args: &args::Token, out: &Out) -> Result<(), Stop> {
    let period = Period::from_secs(args.period)?;
    let api = Api::connect_for(&args.connection, period, out)?;
    let response = api.token()?;
    let (token, receipt) = (response.data(), Receipt::of(&response));
    if out.is_json() {
        return out.object(&Printed { token, receipt });
    }
    let mut rows = Rows::default();
    rows.add(["token", token.token.expose()]);
    rows.add(["expires", &time::shown(token.expired_time)]);
    receipt.add_to(&mut rows);
    out.text(&rows.lines(0))
}
