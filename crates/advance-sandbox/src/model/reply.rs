//! Replies: the envelope, and the few other things that the model sends.

use std::borrow::Cow;

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::Failure;
use super::journal::Price;
use super::refusal::{self, Refusal};
use super::result::ResultData;
use super::scenario::Oddity;

pub(super) const SUCCESS: &str = "SUCCESS";
const JSON: &str = "application/json";

/// `data` of a reply.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Data {
    #[serde(rename_all = "camelCase")]
    Token {
        token: String,
        expired_time: u64,
    },
    #[serde(rename_all = "camelCase")]
    Link {
        signature_id: String,
        url: String,
        expired_time: u64,
    },
    Result(Box<ResultData>),
    Changed(Value),
    Exact(Box<RawValue>),
}

/// A call that succeeded.
pub(super) struct Answer {
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
    pub(super) data: Option<Data>,
    pub(super) price: Option<Price>,
}

impl Answer {
    pub(super) fn new(data: Option<Data>, price: Option<Price>) -> Self {
        Self {
            code: Cow::Borrowed(SUCCESS),
            message: Cow::Borrowed("OK"),
            data,
            price,
        }
    }

    pub(super) fn free(data: Data) -> Self {
        Self::new(Some(data), Some(Price::Free))
    }
}

/// What is in a reply beside its answer.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub(super) transaction_id: &'a str,
    pub(super) oddity: Option<Oddity>,
    pub(super) extra: Option<&'a str>,
}

/// The six keys in the documented order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    code: &'a str,
    message: &'a str,
    data: Option<Data>,
    extra: Option<Extra<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_strategy: Option<Price>,
}

/// An `extra` that is not null. What the vendor puts there is not documented (a guess).
#[derive(Serialize)]
#[serde(untagged)]
enum Extra<'a> {
    Text(&'a str),
    Object { exception: &'a str },
}

impl<'a> Outgoing<'a> {
    fn send(
        self,
        (code, message): (&'a str, &'a str),
        data: Option<Data>,
        price: Option<Price>,
    ) -> Response<Vec<u8>> {
        let mut envelope = Envelope {
            code,
            message,
            data,
            extra: self.extra.map(Extra::Text),
            transaction_id: Some(self.transaction_id),
            pricing_strategy: price,
        };
        match self.oddity {
            Some(Oddity::Extra) => {
                envelope.extra = Some(Extra::Object {
                    exception: "sandbox: not null, as asked",
                });
            }
            Some(Oddity::NoTransactionId) => envelope.transaction_id = None,
            Some(Oddity::TableSpelling) => envelope.message = refusal::table_spelling(message),
            None => {}
        }
        with_type(JSON, json_bytes(&envelope))
    }
}

pub(super) fn success(answer: Answer, outgoing: Outgoing<'_>) -> Response<Vec<u8>> {
    outgoing.send((&answer.code, &answer.message), answer.data, answer.price)
}

pub(super) fn failure(failure: &Failure, outgoing: Outgoing<'_>) -> Response<Vec<u8>> {
    let mut response = outgoing.send((&failure.code, &failure.message), None, failure.price);
    *response.status_mut() = failure.status;
    if let Some(text) = &failure.retry_after {
        response.headers_mut().insert(RETRY_AFTER, text.clone());
    }
    response
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}

/// A reply of the control calls.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<Vec<u8>> {
    let mut response = with_type(JSON, json_bytes(value));
    *response.status_mut() = status;
    response
}

pub(super) fn with_type(content_type: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// None of the values here has a key that is no string or a number that is not finite, the two things that
/// `serde_json` refuses; a caller would see an empty body.
fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Keeps browsers from guessing, framing and telling others.
pub(crate) fn shield(headers: &mut HeaderMap) {
    const POLICY: HeaderValue =
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
}
