//! `advance inspect`: what a saved reply says, without any network.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use advance_core::wire::{Code, Endpoint, Envelope, IssuedToken, PricingStrategy, parse};
use advance_core::{
    Charge, Credentials, GenerateToken, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId,
    TransactionId, UnixMillis, Verification, VerificationLink,
};
use serde::Serialize;

use super::{link, view};
use crate::args::{self, Answered};
use crate::attempts;
use crate::out::Out;
use crate::problem::{Problem, Stop, advice};
use crate::text::Rows;
use crate::time;
use crate::wait;

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
    #[serde(flatten)]
    shape: Option<T::Shape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

fn explain<E: Endpoint<Output: Data>>(asked: &E, body: &[u8], reveal: bool, out: &Out) -> Result<(), Stop> {
    let envelope = parse(asked, body).map_err(|error| Problem::reply(&error))?;
    let Envelope {
        code,
        data,
        pricing_strategy,
        ..
    } = &envelope;
    if *code == Code::Success && data.is_none() {
        return Err(Problem::missing_data(envelope.transaction_id.clone(), pricing_strategy.as_ref()).into());
    }
    let todo = (*code != Code::Success).then(|| code.class().advice());
    let charge = Charge::of(pricing_strategy.as_ref());
    if out.is_json() {
        return out.object(&Printed {
            code,
            explanation: code.explanation(),
            class: class(code),
            advice: todo.map(advice),
            message: envelope.message.as_deref(),
            transaction_id: envelope.transaction_id.as_ref(),
            pricing_strategy: pricing_strategy.as_ref(),
            charge,
            shape: data.as_ref().map(Data::shape),
            data: data.as_ref().filter(|_| reveal),
        });
    }
    let mut rows = Rows::default();
    rows.add(["code", code.as_str()]);
    rows.add([
        "meaning",
        code.explanation().unwrap_or("a code that is not documented"),
    ]);
    rows.add(["message", envelope.message.as_deref().unwrap_or("(none)")]);
    let id = envelope
        .transaction_id
        .as_ref()
        .map_or_else(|| "(none)".to_owned(), ToString::to_string);
    rows.add(["transactionId", &id]);
    rows.add(["charge", attempts::charge(charge)]);
    if let Some(todo) = todo {
        rows.add(["what to do", todo.explanation()]);
    }
    out.text(&rows.lines(0))?;
    match data {
        Some(data) => out.text(&data.describe(reveal)),
        None => Ok(()),
    }
}

const fn class(code: &Code) -> &'static str {
    use advance_core::wire::CodeClass;
    match code.class() {
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

/// What a successful reply holds, with and without what is secret or personal in it.
trait Data: Serialize {
    type Shape<'a>: Serialize
    where
        Self: 'a;

    /// What may be shown to anybody.
    fn shape(&self) -> Self::Shape<'_>;

    /// The same for a person, and the rest if it is asked for.
    fn describe(&self, reveal: bool) -> String;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenShape {
    expired_time: UnixMillis,
    token_length: usize,
}

impl Data for IssuedToken {
    type Shape<'a> = TokenShape;

    fn shape(&self) -> TokenShape {
        TokenShape {
            expired_time: self.expired_time,
            token_length: self.token.expose().len(),
        }
    }

    fn describe(&self, reveal: bool) -> String {
        let mut rows = Rows::default();
        let length = format!("{} characters; --reveal shows it", self.token.expose().len());
        rows.add(["token", if reveal { self.token.expose() } else { &length }]);
        rows.add(["expires", &time::shown(self.expired_time)]);
        format!("\nToken\n{}", rows.lines(2))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkShape<'a> {
    signature_id: &'a SignatureId,
    expired_time: UnixMillis,
}

impl Data for VerificationLink {
    type Shape<'a> = LinkShape<'a>;

    fn shape(&self) -> LinkShape<'_> {
        LinkShape {
            signature_id: self.signature_id(),
            expired_time: self.expires_at(),
        }
    }

    fn describe(&self, reveal: bool) -> String {
        if reveal {
            return format!("\nLink\n{}", link::rows(self).lines(2));
        }
        let mut rows = Rows::default();
        rows.add(["url", "a secret; --reveal shows it"]);
        rows.add(["signatureId", self.signature_id().as_str()]);
        rows.add(["open until", &time::shown(self.expires_at())]);
        format!("\nLink\n{}", rows.lines(2))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerificationShape<'a> {
    finished: bool,
    image_type: Option<&'a advance_core::ImageType>,
    idv_code: Option<&'a advance_core::IdvCode>,
    idv_result: Option<&'a advance_core::IdvResult>,
    ocr_code: Option<&'a advance_core::OcrCode>,
    has_image: bool,
    has_cropped_image: bool,
    fields_read: Vec<&'static str>,
    fields_not_read: Vec<&'static str>,
}

impl Data for Verification {
    type Shape<'a> = VerificationShape<'a>;

    fn shape(&self) -> VerificationShape<'_> {
        let (read, not_read) = fields(self);
        VerificationShape {
            finished: wait::is_finished(self),
            image_type: self.image_type(),
            idv_code: self.idv_code(),
            idv_result: self.idv_result(),
            ocr_code: self.ocr_code(),
            has_image: self.image().is_some(),
            has_cropped_image: self.cropped_image().is_some(),
            fields_read: read,
            fields_not_read: not_read,
        }
    }

    fn describe(&self, reveal: bool) -> String {
        let outcome = view::outcome(self, reveal);
        if reveal {
            return outcome + &view::card(self);
        }
        let (read, _) = fields(self);
        match self.ocr_result() {
            None => outcome,
            Some(_) => format!(
                "{outcome}\n{} of 18 fields were read off the card; --reveal shows them and the links to the pictures.\n",
                read.len()
            ),
        }
    }
}

fn fields(verification: &Verification) -> (Vec<&'static str>, Vec<&'static str>) {
    let Some(card) = verification.ocr_result() else {
        return (Vec::new(), Vec::new());
    };
    let (read, not_read): (Vec<_>, Vec<_>) = card
        .fields()
        .into_iter()
        .partition(|(_, field)| field.text().is_some());
    let names = |fields: Vec<(&'static str, _)>| fields.into_iter().map(|(name, _)| name).collect();
    (names(read), names(not_read))
}
