//! Replies of a wrong shape, as gateways, proxies and new versions send them.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use serde::{Deserialize, Serialize};

/// A wrong shape for a reply. The call is done and charged all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Shape {
    /// A gateway's HTML page with status 502.
    Html,
    /// No body.
    Empty,
    /// The first half of the JSON.
    HalfJson,
    /// The envelope in an array.
    Array,
    /// The envelope as a JSON string.
    Text,
    /// `data` is a string.
    DataText,
    /// `data` is that of a call of another product.
    OtherData,
    /// No `code`.
    NoCode,
    /// The media type is `text/plain`.
    PlainText,
}

const HTML: &[u8] =
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";

impl Shape {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Html,
        Self::Empty,
        Self::HalfJson,
        Self::Array,
        Self::Text,
        Self::DataText,
        Self::OtherData,
        Self::NoCode,
        Self::PlainText,
    ];

    pub(super) fn apply(self, response: &mut Response<Vec<u8>>) {
        let members = |body: &[u8]| serde_json::from_slice::<serde_json::Map<_, _>>(body).unwrap_or_default();
        let with_data = |body: &[u8], data: serde_json::Value| {
            let mut members = members(body);
            members.insert("data".to_owned(), data);
            serde_json::to_vec(&members).unwrap_or_default()
        };
        let body = std::mem::take(response.body_mut());
        let body = match self {
            Self::Html => {
                *response.status_mut() = http::StatusCode::BAD_GATEWAY;
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
                HTML.to_vec()
            }
            Self::Empty => Vec::new(),
            Self::HalfJson => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
            Self::Array => [&b"["[..], &body, b"]"].concat(),
            Self::Text => serde_json::to_vec(&String::from_utf8_lossy(&body)).unwrap_or_default(),
            Self::DataText => with_data(&body, "data".into()),
            Self::OtherData => with_data(
                &body,
                serde_json::json!({"livenessScore": 98.1, "status": "DONE"}),
            ),
            Self::NoCode => {
                let mut members = members(&body);
                members.remove("code");
                serde_json::to_vec(&members).unwrap_or_default()
            }
            Self::PlainText => {
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
                body
            }
        };
        *response.body_mut() = body;
    }
}
