//! Answers: JSON, and problems as RFC 9457 has them, with the advice of our errors.

use advance_core::{Advice, Error, ErrorKind};
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::{advice, rule, what};

/// When to come again if the vendor does not say, in seconds.
const SOON: u64 = 5;

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Vec<u8>> {
    body(
        status,
        "application/json",
        serde_json::to_vec(value).unwrap_or_default(),
    )
}

pub(crate) fn body(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// What is wrong with the request, in a sentence.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response<Vec<u8>> {
    of(status, detail, json!({}))
}

/// Too much at once, or not yet.
pub(crate) fn come_again(detail: &str) -> Response<Vec<u8>> {
    later(problem(StatusCode::SERVICE_UNAVAILABLE, detail), 1)
}

/// The same answer, with the advice to come again after so many seconds.
pub(crate) fn later(mut response: Response<Vec<u8>>, seconds: u64) -> Response<Vec<u8>> {
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// What the vendor, the network or a rule said to a call.
pub(crate) fn of_call(error: &Error) -> Response<Vec<u8>> {
    let (status, detail) = match (error.kind(), error.advice()) {
        (ErrorKind::Invalid, _) => (StatusCode::UNPROCESSABLE_ENTITY, rule(error)),
        (_, Advice::FixRequest) => (StatusCode::UNPROCESSABLE_ENTITY, what(error)),
        (_, Advice::TryLater) => (StatusCode::SERVICE_UNAVAILABLE, what(error)),
        _ => (StatusCode::BAD_GATEWAY, what(error)),
    };
    let more = json!({
        "code": error.code().map(ToString::to_string),
        "transactionId": error.transaction_id().map(ToString::to_string),
        "advice": advice(error.advice()),
        "hint": error.hint(),
    });
    let response = of(status, &detail, more);
    match error.retry_after() {
        Some(pause) => later(response, pause.as_secs().max(1)),
        None if status == StatusCode::SERVICE_UNAVAILABLE => later(response, SOON),
        None => response,
    }
}

fn of(status: StatusCode, detail: &str, more: Value) -> Response<Vec<u8>> {
    let mut problem = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Problem"),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (Some(problem), Value::Object(more)) = (problem.as_object_mut(), more) {
        problem.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    body(
        status,
        "application/problem+json",
        problem.to_string().into_bytes(),
    )
}
