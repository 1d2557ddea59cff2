//! A transport over hyper-util, in fewer than forty lines besides imports: plain HTTP/1.1, one connection a request.

use std::time::{Duration, SystemTime};

use advance_core::transport::FailureKind::{Body, Connect, Http, Reset, Timeout, TooLarge};
use advance_core::transport::{Failure, Limits, Phase, Sent, permitted};
use advance_core::{AsyncTransport, Now};
use async_trait::async_trait;
use http::{HeaderValue, Request, Response, Uri, header::HOST};
use http_body_util::{BodyExt, Full, LengthLimitError as Limit, Limited};
use hyper::body::{Body as _, Bytes};
use hyper::client::conn::http1::handshake;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Instant, sleep, timeout_at};
use tower_service::Service;

type Cause = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct OverHyper(pub(crate) HttpConnector, pub(crate) Instant);

#[async_trait]
impl AsyncTransport for OverHyper {
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        let until = Instant::now() + limits.within.min(Duration::from_secs(86_400));
        let late = |phase, sent| move |_| Failure::new(Timeout(phase), sent);
        let fail = |kind, sent, cause: Cause| Failure::new(kind, sent).with_source(cause);
        let (mut head, body) = request.into_parts();
        let stream = timeout_at(until, self.0.clone().call(head.uri.clone())).await;
        let stream = stream.map_err(late(Phase::Connect, Sent::No))?;
        let stream = stream.map_err(|error| fail(Connect, Sent::No, error.into()))?;
        let host = HeaderValue::from_str(head.uri.authority().map_or("", |host| host.as_str()));
        head.headers.extend(host.map(|host| (HOST, host)));
        let target = head.uri.path_and_query().cloned();
        head.uri = target.map_or_else(Uri::default, Uri::from);
        let exchange = async {
            let lost = |e: hyper::Error| fail(if e.is_parse() { Http } else { Reset }, Sent::Maybe, e.into());
            let torn = |e: Cause| fail(if e.is::<Limit>() { TooLarge } else { Body }, Sent::Maybe, e);
            let (mut sender, connection) = handshake(stream).await.map_err(lost)?;
            tokio::spawn(connection);
            let request = Request::from_parts(head, Full::<Bytes>::from(body));
            let (head, body) = sender.send_request(request).await.map_err(lost)?.into_parts();
            let fits = body.size_hint().lower() <= limits.max_body as u64;
            fits.then_some(()).ok_or(Failure::new(TooLarge, Sent::Maybe))?;
            let body = Limited::new(body, limits.max_body).collect().await;
            Ok(Response::from_parts(head, body.map_err(torn)?.to_bytes().into()))
        };
        let whole = timeout_at(until, exchange).await;
        whole.map_err(late(Phase::Exchange, Sent::Maybe))?
    }
    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }
    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.1.elapsed())
    }
}
