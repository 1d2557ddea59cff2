//! `advance result` with several ids

use std::time::Duration;

use advance_core::{BatchItem, BatchPolicy, Charges, SignatureId};
use serde::Serialize;

use super::result::{self, Printed};
use super::view::{Meaning, Receipt};
use crate::api::Api;
use crate::args;
use crate::out::Out;
use crate::problem::{Problem, Stop, counted};
use crate::text::Rows;

/// One for each id, in the order given.
#[derive(Serialize)]
struct Batch<'a> {
    // Where a script looks for it, whatever the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
    results: Vec<One<'a>>,
    failed: usize,
    charges: Charges,
}

#[derive(Serialize)]
#[serde(untagged)]
enum One<'a> {
    Result(Box<Printed<'a>>),
    #[serde(rename_all = "camelCase")]
    Error {
        signature_id: &'a SignatureId,
        error: Problem,
    },
}

pub(super) fn run(api: &Api, ids: Vec<SignatureId>, args: &args::Fetch, out: &Out) -> Result<(), Stop> {
    let policy = BatchPolicy::new()
        .concurrency(args.concurrency)
        .interval(Duration::from_millis(args.interval));
    let done = api.get_results(ids, policy);
    let results: Vec<One<'_>> = done.items.iter().map(|item| one(api, item)).collect();
    let failed = results
        .iter()
        .filter(|one| matches!(one, One::Error { .. }))
        .count();
    let Charges { free, pay, unknown } = done.charges;
    let sent = u32::try_from(free + pay + unknown).unwrap_or(u32::MAX);
    let total = results.len();
    let error = (failed > 0).then(|| {
        Problem::local("batch", format!("{failed} of {total} results could not be had"))
            .after(sent, done.charges)
    });
    let batch = Batch {
        error,
        results,
        failed,
        charges: done.charges,
    };
    if out.is_json() {
        out.object(&batch)?;
    } else {
        out.text(&text(&batch, sent))?;
    }
    match batch.error {
        None => Ok(()),
        Some(_) if out.is_json() => Err(Stop::Told(1)),
        // A person has just read what was sent.
        Some(problem) => Err(problem.after(0, Charges::NONE).into()),
    }
}

fn one<'a>(api: &Api, item: &'a BatchItem) -> One<'a> {
    let signature_id = &item.signature_id;
    match &item.result {
        Some(Ok(response)) => One::Result(Box::new(Printed {
            signature_id,
            verification: response.data(),
            meaning: Meaning::of(response.data()),
            receipt: Receipt::of(response),
        })),
        Some(Err(error)) => One::Error {
            signature_id,
            error: api.problem(error.clone()),
        },
        None => One::Error {
            signature_id,
            error: Problem::local("batch", "the batch ended before its turn"),
        },
    }
}

fn text(batch: &Batch<'_>, sent: u32) -> String {
    let mut text = String::new();
    for one in &batch.results {
        match one {
            One::Result(printed) => {
                text += &result::text(printed.signature_id, printed.verification, &printed.receipt);
            }
            One::Error { signature_id, error } => {
                let mut rows = Rows::default();
                rows.add(["signatureId", signature_id.as_str()]);
                text += &rows.lines(0);
                text += &error.paragraph();
            }
        }
        text += "\n";
    }
    let Charges { free, pay, unknown } = batch.charges;
    let sent = counted(sent, "request");
    text + &format!("{sent} in all: {free} free, {pay} charged, {unknown} of unknown cost\n")
}
