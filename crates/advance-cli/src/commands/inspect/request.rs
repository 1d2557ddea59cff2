//! A request, checked against the rules, and its signature against the keys if they are set.

use advance_core::{Credentials, Error, Region, ReturnUrl, SignatureId, UnixMillis, UserId};
use serde_json::{Map, Value, json};

use super::Explained;
use super::detect::Call;
use super::find::Found;
use crate::jwt;
use crate::out::Out;
use crate::problem::{Problem, rule};
use crate::settings::Settings;
use crate::signature;
use crate::stop::Stop;
use crate::style::{BAD, DOUBTFUL, GOOD, styled};
use crate::text::clean;
use crate::time;

/// What was looked at.
enum Check {
    Good(String),
    Doubtful(String),
    Bad(String),
}

pub(super) fn explain(found: &Found, call: Call, settings: &Settings, out: &Out) -> Result<Explained, Stop> {
    let object: Map<String, Value> = serde_json::from_str(&found.body).unwrap_or_default();
    let mut checks = Vec::new();
    match call {
        Call::GenerateToken => token(
            &object,
            found,
            settings.credentials_if_set()?.as_ref(),
            &mut checks,
        ),
        Call::GenerateUrl => url(&object, &mut checks),
        Call::GetResult => checks.push(checked("signatureId", &object, |id| {
            SignatureId::new(id).map(drop)
        })),
    }
    head(found, call, &mut checks);
    let mut text = format!("request to  {}\n", call.name());
    let mut listed = Vec::new();
    for check in &checks {
        let (style, state, said) = match check {
            Check::Good(said) => (GOOD, "ok", said),
            Check::Doubtful(said) => (DOUBTFUL, "warning", said),
            Check::Bad(said) => (BAD, "failure", said),
        };
        let line = crate::text::wrapped(&clean(said), out.width().unwrap_or(usize::MAX), 11);
        text += &format!("  {}  {line}\n", styled(style, &format!("{state:<7}")));
        listed.push(json!({ "state": state, "message": said }));
    }
    let mut printed = Map::new();
    printed.insert("what".to_owned(), "request".into());
    printed.insert("endpoint".to_owned(), call.name().into());
    printed.insert("checks".to_owned(), listed.into());
    let bad: Vec<&str> = checks.iter().filter_map(Check::bad).collect();
    let problem = bad.first().map(|first| {
        let more = match bad.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        Problem::local(
            "request",
            format!("the vendor would refuse this request: {first}{more}"),
        )
    });
    Ok(Explained {
        object: printed,
        text,
        problem,
    })
}

impl Check {
    fn bad(&self) -> Option<&str> {
        match self {
            Self::Bad(said) => Some(said),
            Self::Good(_) | Self::Doubtful(_) => None,
        }
    }
}

fn token(object: &Map<String, Value>, found: &Found, keys: Option<&Credentials>, checks: &mut Vec<Check>) {
    // A number has the digits that it is written with; serde keeps those of whole numbers.
    let digits = match object.get("timestamp") {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => {
            checks.push(Check::Bad(
                "timestamp is missing: 13 digits, milliseconds since 1970".to_owned(),
            ));
            String::new()
        }
    };
    timestamp(&digits, found, checks);
    period(object.get("periodSecond"), checks);
    let text = |member: &str| object.get(member).and_then(Value::as_str);
    let (access_key, given) = (text("accessKey"), text("signature"));
    match access_key {
        None | Some("") => checks.push(Check::Bad("accessKey is missing".to_owned())),
        Some(key) if key.trim() != key => checks.push(Check::Bad(
            "accessKey has blanks or a line break around it".to_owned(),
        )),
        Some(_) => {}
    }
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        checks.push(Check::Bad("signature is missing".to_owned()));
        return;
    };
    let Some(keys) = keys else {
        let what = "the signature is not checked: set the keys as for the other commands";
        checks.push(Check::Doubtful(what.to_owned()));
        return;
    };
    if access_key.is_some_and(|key| key.trim() != keys.access_key().expose()) {
        let swapped = access_key == Some(keys.secret_key().expose());
        let what = if swapped {
            "accessKey holds the secretKey"
        } else {
            "accessKey is not the one that is set here"
        };
        checks.push(Check::Bad(what.to_owned()));
    }
    checks.push(match signature::judge(keys, &digits, given) {
        Ok(()) => Check::Good("the signature is right for these keys and this timestamp".to_owned()),
        Err(mistake) => Check::Bad(mistake),
    });
}

fn timestamp(digits: &str, found: &Found, checks: &mut Vec<Check>) {
    if digits.is_empty() {
        return;
    }
    let Ok(time) = digits.parse::<u64>() else {
        return checks.push(Check::Bad("timestamp is no whole number".to_owned()));
    };
    match digits.len() {
        13 => {}
        10 => {
            return checks.push(Check::Bad(
                "timestamp is in seconds; it must be 13 digits, milliseconds".to_owned(),
            ));
        }
        length => {
            return checks.push(Check::Bad(format!(
                "timestamp has {length} digits; it must have 13, milliseconds"
            )));
        }
    }
    let shown = time::relative(UnixMillis::new(time), time::now());
    match found.head.date() {
        Some(date) if date.get().abs_diff(time) > 300_000 => {
            let off = date.get().abs_diff(time) / 1000;
            checks.push(Check::Bad(format!(
                "timestamp is {off} s off the Date beside it; the vendor allows 300 s"
            )));
        }
        _ => checks.push(Check::Good(format!(
            "timestamp: {shown}; a request is good for 300 s around it"
        ))),
    }
}

fn period(period: Option<&Value>, checks: &mut Vec<Check>) {
    let seconds = match period {
        None | Some(Value::Null) => return,
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64(),
    };
    if !seconds.is_some_and(|seconds: u64| (60..=86_400).contains(&seconds)) {
        checks.push(Check::Bad("periodSecond must be from 60 to 86400".to_owned()));
    }
}

fn url(object: &Map<String, Value>, checks: &mut Vec<Check>) {
    for field in ["returnUrl", "failReturnUrl"] {
        checks.push(
            match checked(field, object, |url| ReturnUrl::new(url).map(drop)) {
                // The core has one name for both.
                Check::Bad(said) if field == "failReturnUrl" => {
                    Check::Bad(said.replacen("returnUrl", field, 1))
                }
                other => other,
            },
        );
    }
    checks.push(checked("region", object, |region| Region::new(region).map(drop)));
    if object.get("userId").is_some_and(|id| !id.is_null()) {
        checks.push(checked("userId", object, |id| UserId::new(id).map(drop)));
    }
}

fn checked(
    field: &str,
    object: &Map<String, Value>,
    rule_of: impl FnOnce(&str) -> Result<(), Error>,
) -> Check {
    match object.get(field) {
        None | Some(Value::Null) => Check::Bad(format!("{field} is missing")),
        Some(Value::String(text)) => match rule_of(text) {
            Ok(()) => Check::Good(format!("{field} keeps the rules")),
            Err(error) => Check::Bad(rule(&error)),
        },
        Some(_) => Check::Bad(format!("{field} must be a string")),
    }
}

/// What the head of the request says, if it is there.
fn head(found: &Found, call: Call, checks: &mut Vec<Check>) {
    if found.head.headers.is_empty() || found.head.status.is_some() {
        return;
    }
    match found.head.header("content-type") {
        Some(kind) if kind.to_ascii_lowercase().starts_with("application/json") => {}
        _ => checks.push(Check::Bad(
            "the header Content-Type must be application/json".to_owned(),
        )),
    }
    if call == Call::GenerateToken {
        return;
    }
    match found.head.header("x-access-token") {
        None => checks.push(Check::Bad("the header X-ACCESS-TOKEN is missing".to_owned())),
        Some(token) => match jwt::expiry(token) {
            Some(end) if end <= time::now() => {
                checks.push(Check::Doubtful(format!(
                    "its token expired: {}",
                    time::relative(end, time::now())
                )));
            }
            _ => checks.push(Check::Good("the header X-ACCESS-TOKEN is there".to_owned())),
        },
    }
}
