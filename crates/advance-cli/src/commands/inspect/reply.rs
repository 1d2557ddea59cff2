//! A reply, explained.

use advance_core::wire::{CodeClass, Envelope, parse};
use advance_core::{
    Charge, Code, Credentials, Endpoint, GenerateToken, GenerateUrl, GetResult, Region, ReturnUrl,
    SignatureId, UnixMillis, Verification,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Explained;
use super::data::{Data, Look};
use super::detect::{self, Call};
use super::find::Found;
use super::message;
use crate::out::Out;
use crate::problem::{Problem, advice};
use crate::stop::Stop;
use crate::text::{Rows, cut};
use crate::time;
use crate::view::{NOT_TOLD, charges, handle};

/// How it was found out which call was answered.
enum Known {
    Given(Call),
    Path(Call),
    Data(Call),
    Code(Call),
    /// A reply of the vendor to something else, or one that all calls give.
    No,
}

impl Known {
    const fn call(&self) -> Option<Call> {
        match self {
            Self::Given(call) | Self::Path(call) | Self::Data(call) | Self::Code(call) => Some(*call),
            Self::No => None,
        }
    }

    const fn how(&self) -> &'static str {
        match self {
            Self::Given(_) => "as given",
            Self::Path(_) => "by the path of the request",
            Self::Data(_) => "by its data",
            Self::Code(_) => "by its code or message",
            Self::No => "",
        }
    }
}

pub(super) fn explain(
    found: &Found,
    given: Option<Call>,
    reveal: bool,
    out: &Out,
) -> Result<Explained, Stop> {
    let object: Map<String, Value> = serde_json::from_str(&found.body).unwrap_or_default();
    let known = which(found, given, &object);
    let look = Look {
        reveal,
        now: time::now(),
        received: found.head.date(),
        out,
    };
    let body = found.body.as_bytes();
    // What was asked does not change how the answer is read, so these are made up.
    match known.call() {
        Some(Call::GenerateToken) => {
            let keys = Credentials::new("inspect", "inspect")?;
            let asked = GenerateToken::sign(&keys, UnixMillis::new(1_665_993_522_952))?;
            Ok(typed(&asked, body, &known, found, &look))
        }
        Some(Call::GenerateUrl) => {
            let url = ReturnUrl::new("https://inspect.invalid")?;
            Ok(typed(
                &GenerateUrl::new(url.clone(), url, Region::IDN),
                body,
                &known,
                found,
                &look,
            ))
        }
        Some(Call::GetResult) => Ok(typed(
            &GetResult::new(SignatureId::new("inspect")?),
            body,
            &known,
            found,
            &look,
        )),
        None => {
            let asked = GetResult::new(SignatureId::new("inspect")?);
            let (object, data) = without_data(object);
            let body = Value::Object(object).to_string();
            let envelope = match parse(&asked, body.as_bytes()) {
                Ok(envelope) => envelope,
                Err(error) => return Ok(failed(Problem::reply(&error), &known)),
            };
            let mut explained = told::<Verification>(&envelope, &known, found, &look);
            explained.text += &sibling(data.as_ref(), &envelope.code);
            let members: Option<Vec<String>> = data.map(|data| data.keys().cloned().collect());
            explained.object.insert("dataMembers".to_owned(), json!(members));
            Ok(explained)
        }
    }
}

fn which(found: &Found, given: Option<Call>, object: &Map<String, Value>) -> Known {
    if let Some(call) = given {
        return Known::Given(call);
    }
    if let Some(call) = found.head.call {
        return Known::Path(call);
    }
    if let Some(call) = object
        .get("data")
        .and_then(Value::as_object)
        .and_then(detect::data)
    {
        return Known::Data(call);
    }
    let text = |member: &str| object.get(member).and_then(Value::as_str).unwrap_or_default();
    detect::failure(text("code"), text("message")).map_or(Known::No, Known::Code)
}

fn without_data(mut object: Map<String, Value>) -> (Map<String, Value>, Option<Map<String, Value>>) {
    match object.insert("data".to_owned(), Value::Null) {
        Some(Value::Object(data)) => (object, Some(data)),
        _ => (object, None),
    }
}

/// What there is to say if it is not known what was asked for.
fn sibling(data: Option<&Map<String, Value>>, code: &Code) -> String {
    match data {
        Some(data) => {
            let mut names: Vec<String> = data.keys().take(12).map(|name| cut(&crate::text::clean(name)).into_owned()).collect();
            if names.is_empty() {
                names.push("no member".to_owned());
            }
            format!(
                "\nIts data is of none of the three calls of this API ({}): it may answer another product of the vendor.\n",
                names.join(", ")
            )
        }
        None if *code == Code::Success => {
            "\nThere is no data. For get-result that is how a vendor may say \"not finished\"; for the other calls it is a fault. \
             `--as` says which it was.\n"
                .to_owned()
        }
        None => String::new(),
    }
}

fn typed<E: Endpoint<Output: Data + 'static>>(
    asked: &E,
    body: &[u8],
    known: &Known,
    found: &Found,
    look: &Look<'_>,
) -> Explained {
    let envelope = match parse(asked, body) {
        Ok(envelope) => envelope,
        Err(error) => return failed(Problem::reply(&error), known),
    };
    if envelope.data.is_some() || envelope.code != Code::Success {
        return told(&envelope, known, found, look);
    }
    // The lack of data is an answer to get-result.
    let empty = br#"{"code": "SUCCESS", "data": {"idvCode": null}}"#;
    let nothing_yet = if E::Output::MAY_BE_UNFINISHED {
        parse(asked, empty).ok().and_then(|empty| empty.data)
    } else {
        None
    };
    match nothing_yet {
        Some(data) => {
            let mut explained = told(&envelope, known, found, look);
            let shape = crate::out::to_json(&data.shape(look)).ok();
            let shape: Option<Map<String, Value>> = shape.and_then(|shape| serde_json::from_str(&shape).ok());
            explained.object.extend(shape.unwrap_or_default());
            explained.text += &data.describe(look);
            explained
        }
        None => failed(
            Problem::missing_data(
                envelope.transaction_id.clone(),
                envelope.pricing_strategy.as_ref(),
            ),
            known,
        ),
    }
}

fn failed(problem: Problem, known: &Known) -> Explained {
    let mut object = Map::new();
    object.insert("what".to_owned(), "reply".into());
    object.insert("endpoint".to_owned(), json!(known.call().map(Call::name)));
    object.insert(
        "error".to_owned(),
        serde_json::to_value(&problem).unwrap_or_default(),
    );
    Explained {
        object,
        text: String::new(),
        problem: Some(problem),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a, T: Data> {
    what: &'static str,
    endpoint: Option<&'static str>,
    http_status: Option<u16>,
    retry_after: Option<&'a str>,
    code: &'a Code,
    explanation: Option<&'static str>,
    class: &'static str,
    advice: Option<&'static str>,
    message: Option<String>,
    transaction_id: Option<&'a advance_core::TransactionId>,
    pricing_strategy: Option<&'a advance_core::wire::PricingStrategy>,
    charge: Charge,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a advance_core::wire::RawJson>,
    #[serde(flatten)]
    shape: Option<T::Shape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

fn told<T: Data>(envelope: &Envelope<T>, known: &Known, found: &Found, look: &Look<'_>) -> Explained {
    let code = &envelope.code;
    let class = T::class(code);
    let todo = (*code != Code::Success).then(|| class.advice());
    let charge = Charge::of(envelope.pricing_strategy.as_ref());
    let message = envelope.message.as_deref();
    let message = message.map(|message| message::shown(message, look.reveal));
    let told = Told {
        what: "reply",
        endpoint: known.call().map(Call::name),
        http_status: found.head.status,
        retry_after: found.head.header("retry-after"),
        code,
        explanation: code.explanation(),
        class: word(class),
        advice: todo.map(advice),
        message: message.clone(),
        transaction_id: envelope.transaction_id.as_ref(),
        pricing_strategy: envelope.pricing_strategy.as_ref(),
        charge,
        extra: envelope.extra.as_ref().filter(|_| look.reveal),
        shape: envelope.data.as_ref().map(|data| data.shape(look)),
        data: envelope.data.as_ref().filter(|_| look.reveal),
    };
    let message = message.filter(|message| !message.is_empty());
    let mut rows = Rows::default();
    match known.call() {
        Some(call) => rows.add(["reply to", &format!("{} ({})", call.name(), known.how())]),
        None => rows.add(["reply to", "not to be told from what it says"]),
    }
    if let Some(status) = found.head.status.filter(|status| *status != 200) {
        rows.add(["HTTP status", &status.to_string()]);
    }
    rows.add(["code", &code.to_string()]);
    rows.add([
        "meaning",
        code.explanation().unwrap_or("a code that is not documented"),
    ]);
    rows.add(["message", &cut(message.as_deref().unwrap_or(NOT_TOLD))]);
    rows.add(["transactionId", &handle(envelope.transaction_id.as_ref())]);
    rows.add(["charge", charges::word(charge)]);
    if let Some(wait) = found.head.header("retry-after") {
        rows.add(["Retry-After", &cut(wait)]);
    }
    if let Some(extra) = &envelope.extra {
        // Text of an exception, which may repeat what was sent.
        let shown = if look.reveal {
            extra.as_str()
        } else {
            "(there is some; --reveal shows it)"
        };
        rows.add(["extra", &cut(shown)]);
    }
    if let Some(todo) = todo {
        rows.add(["what to do", todo.explanation()]);
    }
    let mut text = look.out.lines(&rows, 0);
    if let Some(data) = &envelope.data {
        text += &data.describe(look);
    }
    Explained {
        object: as_object(&told),
        text,
        problem: None,
    }
}

/// The object that it is written as.
fn as_object<T: Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

const fn word(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Success => "success",
        CodeClass::Request => "request",
        CodeClass::NotFound => "not_found",
        CodeClass::Auth => "auth",
        CodeClass::Credentials => "credentials",
        CodeClass::Account => "account",
        CodeClass::Balance => "balance",
        CodeClass::Throttle => "throttle",
        CodeClass::Server => "server",
        _ => "unknown",
    }
}
