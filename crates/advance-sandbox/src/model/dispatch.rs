//! From a request to one of the calls, and from its result to a reply and an entry of the journal.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response};

use super::calls::Trace;
use super::delivery::{Delivery, SocketFault};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::journal::{self, Entry, Peer, UnderWay};
use super::params::Params;
use super::refusal::{self, Refusal};
use super::reply::{Answer, Data, Outgoing};
use super::time::UnixMs;
use super::{BrokenOff, MAX_BODY, Vendor, hint, reply, strict, stubs};

/// A call that there is.
#[derive(Clone, Copy)]
enum Called {
    Documented(Endpoint),
    /// The stub of this index.
    Stub(usize),
}

impl Called {
    fn endpoint(self) -> Option<Endpoint> {
        match self {
            Self::Documented(endpoint) => Some(endpoint),
            Self::Stub(_) => None,
        }
    }
}

impl Vendor {
    /// Answers a call of `path`, from which a prefix was taken.
    pub(super) fn call(&mut self, request: &Request<Vec<u8>>, path: &str, now: UnixMs) -> Response<Vec<u8>> {
        let transaction_id = self.ids.short();
        let mut trace = Trace::default();
        let called = self.find(request, path, &mut trace);
        let mut struck = match called {
            Ok(called) => self.faults.strike(called.endpoint(), now, || self.ids.dice()),
            Err(_) => super::faults::Struck::default(),
        };
        let endpoint = Endpoint::at(path);
        if struck.delivery.socket == Some(SocketFault::ResetBefore) {
            let mut response = Response::new(Vec::new());
            self.note(request, &response, now, |entry| {
                entry.fault = struck.delivery.socket;
            });
            response.extensions_mut().insert(struck.delivery);
            return response;
        }
        if let Ok(Called::Documented(Endpoint::GenerateToken)) = called {
            self.token_requests += 1;
        }
        let result = called.map_err(Failure::from).and_then(|called| {
            let planned = called.endpoint().and_then(|endpoint| self.plan.next(endpoint));
            match planned.or_else(|| struck.failure.take()) {
                Some(failure) => Err(failure),
                None => self.answer(called, request, now, &mut trace),
            }
        });
        let outgoing = Outgoing {
            transaction_id: &transaction_id,
            oddity: trace.oddity,
            // A path that there is not has no documented reply, so that there is room to explain.
            extra: trace.hint.as_deref().filter(|_| endpoint.is_none()),
        };
        let (code, price, mut response) = match result {
            Ok(answer) => {
                let (code, price) = (answer.code.clone(), answer.price);
                (code, price, reply::success(answer, outgoing))
            }
            Err(failure) => {
                let response = reply::failure(&failure, outgoing);
                (failure.code, failure.price, response)
            }
        };
        if let Some(text) = &trace.hint
            && let Ok(text) = HeaderValue::from_str(text)
        {
            response.headers_mut().insert("x-sandbox-hint", text);
        }
        if let Some(shape) = struck.shape {
            shape.apply(&mut response);
        }
        self.ledger.count(endpoint, price);
        let socket = struck.delivery.socket;
        self.note(request, &response, now, |entry| {
            entry.code = Some(code);
            entry.transaction_id = Some(transaction_id);
            entry.pricing_strategy = price;
            entry.user_id = trace.user_id;
            entry.signature_id = trace.signature_id;
            entry.hint = trace.hint;
            entry.fault = socket;
            if let Some(endpoint) = endpoint {
                entry.path = Cow::Borrowed(endpoint.path());
            }
        });
        let delay = struck.delivery.delay.saturating_add(self.behaviour.delay);
        response.extensions_mut().insert(Delivery {
            delay,
            ..struck.delivery
        });
        response
    }

    /// What is judged before the body is looked at.
    fn find(&self, request: &Request<Vec<u8>>, path: &str, trace: &mut Trace) -> Result<Called, Refusal> {
        if request.extensions().get::<BrokenOff>().is_some() {
            trace.hint = Some("the body broke off, came too slowly or is no HTTP body".into());
            return Err(refusal::BAD_REQUEST);
        }
        if request.body().len() > MAX_BODY {
            return Err(refusal::TOO_LARGE);
        }
        if let Some(index) = self.stubs.find(request.method(), path) {
            return Ok(Called::Stub(index));
        }
        let Some(endpoint) = Endpoint::at(path) else {
            if self.stubs.knows(path) {
                return Err(refusal::NOT_ALLOWED);
            }
            trace.hint = Some(hint::path(request.uri().path(), &self.path_prefix).into());
            return Err(refusal::NOT_FOUND);
        };
        if request.method() != Method::POST {
            trace.hint = Some("the three calls are POST".into());
            Err(refusal::NOT_ALLOWED)
        } else if !is_json(request.headers()) {
            trace.hint = Some("the three calls need Content-Type: application/json".into());
            Err(refusal::MEDIA_TYPE)
        } else {
            Ok(Called::Documented(endpoint))
        }
    }

    fn answer(
        &mut self,
        called: Called,
        request: &Request<Vec<u8>>,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        let headers = request.headers();
        let endpoint = match called {
            Called::Documented(endpoint) => endpoint,
            Called::Stub(index) => return self.answer_stub(index, headers, now, trace),
        };
        let params = Params::parse(request.body()).inspect_err(|_| {
            trace.hint = Some("the body is not one JSON object".into());
        })?;
        if self.behaviour.strict {
            strict::check(endpoint, headers, request.uri().query(), &params)?;
        }
        match endpoint {
            Endpoint::GenerateToken => self.generate_token(&params, peer(request), now, trace),
            Endpoint::GenerateUrl => self.generate_url(request, &params, now, trace),
            Endpoint::GetResult => self.get_result(request, &params, now, trace),
        }
    }

    fn answer_stub(
        &mut self,
        index: usize,
        headers: &HeaderMap,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        if self.stubs.get(index).is_some_and(|stub| stub.auth) {
            let token = headers
                .get("x-access-token")
                .and_then(|value| value.to_str().ok());
            self.accounts.owner(token, &self.ids, now).inspect_err(|_| {
                trace.hint = (!stubs::has_token(headers)).then(|| "there is no X-ACCESS-TOKEN".into());
            })?;
        }
        let stub = self.stubs.take(index).ok_or(refusal::NOT_FOUND)?;
        let message = stub.said().to_owned();
        if stub.code != reply::SUCCESS && stub.data.is_none() {
            return Err(Failure::new(stub.code, message).priced(Some(stub.price)));
        }
        Ok(Answer {
            code: stub.code.into(),
            message: message.into(),
            data: stub.data.map(Data::Exact),
            price: Some(stub.price),
        })
    }

    /// Records a request and its reply.
    pub(super) fn note(
        &mut self,
        request: &Request<Vec<u8>>,
        response: &Response<Vec<u8>>,
        now: UnixMs,
        complete: impl FnOnce(&mut Entry),
    ) {
        let mut entry = entry(request, response, now);
        complete(&mut entry);
        self.journal.record(entry);
        self.held
            .keep(self.journal.total(), request.body(), response.body());
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

/// What is on record of any request.
pub(crate) fn entry<T, U>(request: &Request<T>, response: &Response<U>, now: UnixMs) -> Entry {
    Entry {
        n: 0,
        at: now.as_millis(),
        under_way: request.extensions().get().map_or(1, |UnderWay(count)| *count),
        method: match *request.method() {
            Method::POST => Cow::Borrowed("POST"),
            Method::GET => Cow::Borrowed("GET"),
            ref other => Cow::Owned(journal::clipped(other.as_str())),
        },
        path: Cow::Owned(journal::clipped(request.uri().path())),
        status: response.status().as_u16(),
        code: None,
        transaction_id: None,
        pricing_strategy: None,
        user_id: None,
        signature_id: None,
        hint: None,
        fault: None,
        leaked: Vec::new(),
    }
}
