//! `advance inspect`: what a saved reply says, without any network.

mod data;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use advance_core::wire::{Code, CodeClass, Endpoint, Envelope, PricingStrategy, RawJson, parse};
use advance_core::{
    Charge, Credentials, GenerateToken, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId,
    TransactionId, UnixMillis,
};
use serde::Serialize;

use self::data::Data;
use super::view::{NOT_TOLD, handle};
use crate::args::{self, Answered};
use crate::attempts;
use crate::out::Out;
use crate::problem::{Problem, Stop, advice};
use crate::text::{Rows, cut};

/// No reply of this API comes near it.
const LARGEST: u64 = 16 << 20;

pub(super) fn run(args: &args::Inspect, out: &Out) -> Result<(), Stop> {
    let body = read(&args.file).map_err(|error| {
        let name = args.file.display();
        Problem::local("file", format!("cannot read {name}")).caused_by(&error)
    })?;
    // What was asked does not change how the answer is read, so these are made up.
    match args.endpoint {
        Answered::GenerateToken => {
            let keys = Credentials::new("inspect", "inspect")?;
            let asked = GenerateToken::sign(&keys, UnixMillis::new(1_665_993_522_952))?;
            explain(&asked, &body, args.reveal, out)
        }
        Answered::GenerateUrl => {
            let url = ReturnUrl::new("https://inspect.invalid")?;
            explain(
                &GenerateUrl::new(url.clone(), url, Region::IDN),
                &body,
                args.reveal,
                out,
            )
        }
        Answered::GetResult => explain(
            &GetResult::new(SignatureId::new("inspect")?),
            &body,
            args.reveal,
            out,
        ),
    }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
    let mut body = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut body)?;
    if body.len() as u64 > LARGEST {
        return Err(io::Error::other(
            "it has more than 16 MiB, which no reply of this API has",
        ));
    }
    Ok(body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a, T: Data> {
    code: &'a Code,
    explanation: Option<&'static str>,
    class: &'static str,
    advice: Option<&'static str>,
    message: Option<&'a str>,
    transaction_id: Option<&'a TransactionId>,
    pricing_strategy: Option<&'a PricingStrategy>,
    charge: Charge,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a RawJson>,
    #[serde(flatten)]
    shape: Option<T::Shape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

fn explain<E: Endpoint<Output: Data + 'static>>(
    asked: &E,
    body: &[u8],
    reveal: bool,
    out: &Out,
) -> Result<(), Stop> {
    let envelope = parse(asked, body).map_err(|error| Problem::reply(&error))?;
    let Envelope {
        code,
        data,
        pricing_strategy,
        ..
    } = &envelope;
    // What is described: the data that came, or what the lack of it means.
    let nothing_yet = match data {
        None if *code == Code::Success => Some(nothing_yet(asked, &envelope)?),
        _ => None,
    };
    let found = data.as_ref().or(nothing_yet.as_ref());
    let class = E::Output::class(code);
    let todo = (*code != Code::Success).then(|| class.advice());
    let charge = Charge::of(pricing_strategy.as_ref());
    if out.is_json() {
        return out.object(&Printed {
            code,
            explanation: code.explanation(),
            class: word(class),
            advice: todo.map(advice),
            message: envelope.message.as_deref(),
            transaction_id: envelope.transaction_id.as_ref(),
            pricing_strategy: pricing_strategy.as_ref(),
            charge,
            extra: envelope.extra.as_ref().filter(|_| reveal),
            shape: found.map(Data::shape),
            data: data.as_ref().filter(|_| reveal),
        });
    }
    let mut rows = Rows::default();
    rows.add(["code", &code.to_string()]);
    rows.add([
        "meaning",
        code.explanation().unwrap_or("a code that is not documented"),
    ]);
    let message = envelope.message.as_deref().filter(|message| !message.is_empty());
    rows.add(["message", &cut(message.unwrap_or(NOT_TOLD))]);
    rows.add(["transactionId", &handle(envelope.transaction_id.as_ref())]);
    rows.add(["charge", attempts::charge(charge)]);
    if let Some(extra) = &envelope.extra {
        // Text of an exception, which may repeat what was sent.
        let shown = if reveal {
            extra.as_str()
        } else {
            "(there is some; --reveal shows it)"
        };
        rows.add(["extra", &cut(shown)]);
    }
    if let Some(todo) = todo {
        rows.add(["what to do", todo.explanation()]);
    }
    out.text(&rows.lines(0))?;
    match found {
        Some(data) => out.text(&data.describe(reveal)),
        None => Ok(()),
    }
}

/// `SUCCESS` without data, if that is an answer where it was asked for.
fn nothing_yet<E: Endpoint<Output: Data>>(
    asked: &E,
    envelope: &Envelope<E::Output>,
) -> Result<E::Output, Stop> {
    let empty = if E::Output::MAY_BE_UNFINISHED {
        let body = br#"{"code": "SUCCESS", "data": {}}"#;
        parse(asked, body).map_err(|error| Problem::reply(&error))?.data
    } else {
        None
    };
    empty.ok_or_else(|| {
        Problem::missing_data(
            envelope.transaction_id.clone(),
            envelope.pricing_strategy.as_ref(),
        )
        .into()
    })
}

const fn word(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Success => "success",
        CodeClass::Request => "request",
        CodeClass::NotFound => "not-found",
        CodeClass::Auth => "auth",
        CodeClass::Credentials => "credentials",
        CodeClass::Account => "account",
        CodeClass::Balance => "balance",
        CodeClass::Throttle => "throttle",
        CodeClass::Server => "server",
        _ => "unknown",
    }
}
