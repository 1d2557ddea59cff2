//! `advance wait`, and `result --wait`

use std::time::Duration;

use advance_core::{ErrorKind, Response, SignatureId, Verification, WaitOutcome, WaitPolicy};

use super::result;
use super::view::Receipt;
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::Stop;

pub(super) fn run(args: &args::Wait, out: &Out) -> Result<(), Stop> {
    let id = SignatureId::new(args.signature_id.as_str())?;
    let api = Api::connect(&args.connection, out)?;
    one(&api, &id, args.timeout, args.unknown_is_unfinished, out)
}

/// Waits for one verification and prints it.
pub(super) fn one(api: &Api, id: &SignatureId, seconds: u64, unknown: bool, out: &Out) -> Result<(), Stop> {
    let polling = WaitPolicy::of(id.clone())
        .total(Duration::from_secs(seconds))
        .signature_not_exist(unknown);
    let waited = api.wait(polling);
    let (polls, charges, sends) = (waited.polls, waited.charges, waited.sends);
    let response = ended(api, waited)?;
    let receipt = Receipt::of(&response).in_all(polls, sends, charges);
    result::print(id, response.data(), receipt, out)
}

/// The finished verification, or why there is none.
pub(super) fn finished(api: &Api, polling: WaitPolicy) -> Result<Response<Verification>, Stop> {
    ended(api, api.wait(polling))
}

fn ended(api: &Api, waited: advance_core::Waited) -> Result<Response<Verification>, Stop> {
    // Time that ran out may have run out because every single poll failed.
    let behind = match &waited.outcome {
        WaitOutcome::LinkExpired | WaitOutcome::ChargeLimit | WaitOutcome::TimedOut => {
            waited.last_error.clone()
        }
        _ => None,
    }
    // No data is how a vendor may say "not finished", which is said already.
    .filter(|error| error.kind() != ErrorKind::MissingData);
    waited.into_result().map_err(|error| {
        let problem = api.problem(error);
        match &behind {
            Some(last) => problem.caused_by(last).into(),
            None => problem.into(),
        }
    })
}
