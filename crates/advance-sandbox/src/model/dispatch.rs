//! From a request to one of the three calls, and from its result to a reply and an entry of the journal.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};

use super::calls::Trace;
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::journal::{self, Entry, Peer, UnderWay};
use super::params::Params;
use super::refusal::{self, Refusal};
use super::time::UnixMs;
use super::{MAX_BODY, Vendor, reply};

impl Vendor {
    pub(super) fn call(&mut self, request: &Request<Vec<u8>>, now: UnixMs) -> Response<Vec<u8>> {
        let path = request.uri().path();
        let endpoint = path
            .strip_prefix(self.path_prefix.as_str())
            .and_then(Endpoint::at);
        let transaction_id = self.ids.short();
        let mut trace = Trace::default();
        let result = check_http(request, endpoint)
            .map_err(Failure::from)
            .and_then(|endpoint| {
                self.token_requests += u64::from(endpoint == Endpoint::GenerateToken);
                match self.plan.next(endpoint) {
                    Some(failure) => Err(failure),
                    None => self.answer(endpoint, request, now, &mut trace),
                }
            });
        let (code, price, response) = match result {
            Ok(answer) => {
                let price = answer.price;
                (
                    reply::SUCCESS.into(),
                    price,
                    reply::success(answer, &transaction_id, trace.oddity),
                )
            }
            Err(failure) => {
                let response = reply::failure(&failure, &transaction_id, trace.oddity);
                (failure.code, failure.price, response)
            }
        };
        self.ledger.count(endpoint, price);
        self.journal.record(Entry {
            code: Some(code),
            transaction_id: Some(transaction_id),
            pricing_strategy: price,
            user_id: trace.user_id,
            signature_id: trace.signature_id,
            ..entry(request, endpoint, &response, now)
        });
        response
    }

    fn answer(
        &mut self,
        endpoint: Endpoint,
        request: &Request<Vec<u8>>,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<reply::Answer, Failure> {
        let params = Params::parse(request.body())?;
        let headers = request.headers();
        match endpoint {
            Endpoint::GenerateToken => self.generate_token(&params, peer(request), now, trace),
            Endpoint::GenerateUrl => self.generate_url(headers, &params, now, trace),
            Endpoint::GetResult => self.get_result(headers, &params, now, trace),
        }
    }

    pub(super) fn record(&mut self, request: &Request<Vec<u8>>, response: &Response<Vec<u8>>, now: UnixMs) {
        self.journal.record(entry(request, None, response, now));
    }
}

/// What is judged before anybody looks at the body.
fn check_http(request: &Request<Vec<u8>>, endpoint: Option<Endpoint>) -> Result<Endpoint, Refusal> {
    let endpoint = endpoint.ok_or(refusal::NOT_FOUND)?;
    if request.method() != Method::POST {
        Err(refusal::NOT_ALLOWED)
    } else if request.body().len() > MAX_BODY {
        Err(refusal::TOO_LARGE)
    } else if !is_json(request.headers()) {
        Err(refusal::MEDIA_TYPE)
    } else {
        Ok(endpoint)
    }
}

/// Whom a token is given to.
fn peer(request: &Request<Vec<u8>>) -> IpAddr {
    let peer = request.extensions().get().map(|Peer(address)| *address);
    peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

fn entry(
    request: &Request<Vec<u8>>,
    endpoint: Option<Endpoint>,
    response: &Response<Vec<u8>>,
    now: UnixMs,
) -> Entry {
    Entry {
        n: 0,
        at: now.as_millis(),
        under_way: request.extensions().get().map_or(1, |UnderWay(count)| *count),
        method: match *request.method() {
            Method::POST => Cow::Borrowed("POST"),
            Method::GET => Cow::Borrowed("GET"),
            ref other => Cow::Owned(journal::clipped(other.as_str())),
        },
        path: match endpoint {
            Some(endpoint) => Cow::Borrowed(endpoint.path()),
            None => Cow::Owned(journal::clipped(request.uri().path())),
        },
        status: response.status().as_u16(),
        code: None,
        transaction_id: None,
        pricing_strategy: None,
        user_id: None,
        signature_id: None,
    }
}
