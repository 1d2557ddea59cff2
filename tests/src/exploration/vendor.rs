//! The vendor: it makes the replies of the alphabet, and knows which tokens are good.

use std::time::{Duration, UNIX_EPOCH};

use advance_core::transport::Failure;
use http::{Request, Response};

use super::replies::{self, Data, Envelope, Kind, Reply};
use super::scope::{Asks, Nodes};
use crate::simulation::hand::Outcome;
use crate::simulation::{ACCESS_KEY, SECRET_KEY};

/// The vendor's time when a life begins.
pub(super) const BEGIN: u64 = 1_700_000_000_000;

/// Enough of a PNG to be recognised.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Token,
    Link,
    Result,
    Picture,
}

impl Target {
    pub(super) fn of(path: &str) -> Self {
        match path.rsplit('/').next() {
            Some("generate-token") => Self::Token,
            Some("generate-url") => Self::Link,
            Some("get-result") => Self::Result,
            _ => Self::Picture,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Vendor {
    replies: u64,
    /// Each token, and when it was issued by the vendor's clock.
    good: Vec<(String, Duration)>,
}

impl Vendor {
    pub(super) fn revoke(&mut self) {
        self.good.clear();
    }

    /// What a node that tells the truth says.
    pub(super) fn truth(&self, request: &Request<Vec<u8>>, nodes: Nodes, at: Duration) -> Reply {
        let target = Target::of(request.uri().path());
        let Nodes::Know { after, deny } = nodes else {
            return replies::OK;
        };
        if target == Target::Token {
            return replies::OK;
        }
        if target == Target::Picture {
            return replies::PICTURE;
        }
        let asks = if target == Target::Link {
            Asks::Link
        } else {
            Asks::Result
        };
        let carried = request
            .headers()
            .get("x-access-token")
            .map(http::HeaderValue::as_bytes);
        let known = self
            .good
            .iter()
            .any(|(token, issued)| Some(token.as_bytes()) == carried && *issued + after <= at);
        if known && deny != Some(asks) {
            replies::OK
        } else {
            replies::IAM
        }
    }

    /// This reply, to this request, at this time since the beginning by the vendor's clock.
    pub(super) fn says(&mut self, reply: Reply, request: &Request<Vec<u8>>, at: Duration) -> Outcome {
        self.replies += 1;
        let response = Response::builder();
        let response = match reply.kind {
            Kind::Lost(kind, sent) => return Err(Failure::new(kind, sent)),
            Kind::Picture => response.header("content-type", "image/png").body(PNG.to_vec()),
            Kind::Page(status, body, told) => {
                let response = response.status(status).header("content-type", "text/html");
                let response = match told {
                    Some(told) => response.header("retry-after", told),
                    None => response,
                };
                response.body(body.as_bytes().to_vec())
            }
            Kind::Envelope(envelope) => {
                let date = UNIX_EPOCH + Duration::from_millis(BEGIN) + at;
                let response = response
                    .status(envelope.status)
                    .header("date", httpdate::fmt_http_date(date));
                let response = match envelope.retry_after {
                    Some(told) => response.header("retry-after", told),
                    None => response,
                };
                response.body(self.body(envelope, request, at).into_bytes())
            }
        };
        match response {
            Ok(response) => Ok(response),
            Err(_) => unreachable!("constants, and a date"),
        }
    }

    fn body(&mut self, envelope: Envelope, request: &Request<Vec<u8>>, at: Duration) -> String {
        let number = self.replies;
        let target = Target::of(request.uri().path());
        let price = match envelope.price {
            Some(price) => format!("\"{price}\""),
            None => "null".to_owned(),
        };
        // Clearing words of secrets takes ten times as long as all the rest of a life, so only this reply has any.
        let message = if envelope.echoes {
            format!("\"refused {ACCESS_KEY} with {SECRET_KEY}\"")
        } else {
            "null".to_owned()
        };
        let data = match envelope.data {
            Data::None => "null".to_owned(),
            Data::Unfinished => {
                r#"{"idvCode":null,"idvResult":null,"ocrCode":null,"ocrResult":null}"#.to_owned()
            }
            Data::Asked(life) => self.data(target, life, at),
        };
        let code = envelope.code;
        format!(
            r#"{{"code":"{code}","message":{message},"data":{data},"extra":null,"transactionId":"{number:016x}","pricingStrategy":{price}}}"#
        )
    }

    fn data(&mut self, target: Target, life: Duration, at: Duration) -> String {
        let number = self.replies;
        // The `Date` beside it has whole seconds.
        let ends = BEGIN / 1_000 + at.as_secs() + life.as_secs();
        match target {
            Target::Token => {
                let token = format!("issued{number}.s3cret0half1of2it.{number}");
                self.good.push((token.clone(), at));
                format!(r#"{{"token":"{token}","expiredTime":{ends}000}}"#)
            }
            Target::Link => format!(
                r#"{{"signatureId":"f302f5d2454a85c2","url":"https://h5.advance.ai/h5-idv/?token=a.b.c&signatureId=f302f5d2454a85c2","expiredTime":{ends}000}}"#
            ),
            Target::Result | Target::Picture => r#"{"idvCode":"SUCCESS"}"#.to_owned(),
        }
    }
}
