//! Replies: the envelope, and the few other things that the model sends.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
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
    pub(super) data: Option<Data>,
    pub(super) price: Option<Price>,
}

impl Answer {
    pub(super) fn free(data: Data) -> Self {
        Self {
            data: Some(data),
            price: Some(Price::Free),
        }
    }
}

/// The six keys in the documented order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    code: &'a str,
    message: &'a str,
    data: Option<Data>,
    extra: Option<Extra>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_strategy: Option<Price>,
}

/// An `extra` that is not null. What the vendor puts there is not documented (a guess).
#[derive(Serialize)]
struct Extra {
    exception: &'static str,
}

impl Envelope<'_> {
    fn send(self, oddity: Option<Oddity>) -> Response<Vec<u8>> {
        let envelope = match oddity {
            Some(Oddity::Extra) => Self {
                extra: Some(Extra {
                    exception: "sandbox: not null, as asked",
                }),
                ..self
            },
            Some(Oddity::NoTransactionId) => Self {
                transaction_id: None,
                ..self
            },
            Some(Oddity::TableSpelling) => Self {
                message: refusal::table_spelling(self.message),
                ..self
            },
            None => self,
        };
        with_type(JSON, json_bytes(&envelope))
    }
}

pub(super) fn success(answer: Answer, transaction_id: &str, oddity: Option<Oddity>) -> Response<Vec<u8>> {
    let envelope = Envelope {
        code: SUCCESS,
        message: "OK",
        data: answer.data,
        extra: None,
        transaction_id: Some(transaction_id),
        pricing_strategy: answer.price,
    };
    envelope.send(oddity)
}

pub(super) fn failure(failure: &Failure, transaction_id: &str, oddity: Option<Oddity>) -> Response<Vec<u8>> {
    let envelope = Envelope {
        code: &failure.code,
        message: &failure.message,
        data: None,
        extra: None,
        transaction_id: Some(transaction_id),
        pricing_strategy: failure.price,
    };
    let mut response = envelope.send(oddity);
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

pub(crate) fn with_type(content_type: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
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
