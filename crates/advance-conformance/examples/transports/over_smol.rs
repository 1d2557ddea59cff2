//! A transport without tokio: smol's sockets and timers, hyper's HTTP/1.1, one connection a request.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent, permitted};
use advance_core::{AsyncTransport, Now};
use async_trait::async_trait;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use smol::Timer;
use smol::future::or;
use smol::net::TcpStream;
use smol_hyper::rt::FuturesIo;

/// Longer limits would overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(crate) struct OverSmol {
    origin: Instant,
}

impl OverSmol {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

/// What runs the futures; any thread may.
pub(crate) fn block_on(future: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
    smol::block_on(future);
}

#[async_trait]
impl AsyncTransport for OverSmol {
    async fn send(
        &self,
        mut request: Request<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, Failure> {
        permitted(&request)?;
        if request.uri().scheme_str() != Some("http") {
            return Err(Failure::new(FailureKind::Tls, Sent::No).with_source("this transport has no TLS"));
        }
        let until = Instant::now() + limits.within.min(LONGEST);
        let place = to_origin_form(&mut request)?;
        let stream = or(connect(place), late(until, Phase::Connect, Sent::No)).await?;
        let exchange = exchange(stream, request, limits.max_body);
        or(exchange, late(until, Phase::Exchange, Sent::Maybe)).await
    }

    async fn sleep(&self, duration: Duration) {
        Timer::after(duration).await;
    }

    fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.origin.elapsed())
    }
}

async fn late<T>(until: Instant, phase: Phase, sent: Sent) -> Result<T, Failure> {
    Timer::at(until).await;
    Err(Failure::new(FailureKind::Timeout(phase), sent))
}

async fn connect((host, port): (String, u16)) -> Result<TcpStream, Failure> {
    TcpStream::connect((host, port))
        .await
        .map_err(|error| Failure::new(FailureKind::Connect, Sent::No).with_source(error))
}

/// What hyper wants on a connection of one's own: a target without an origin, and the origin as the Host.
fn to_origin_form(request: &mut Request<Vec<u8>>) -> Result<(String, u16), Failure> {
    let refused = || Failure::new(FailureKind::Refused, Sent::No);
    let uri = request.uri().clone();
    let authority = uri.authority().ok_or_else(refused)?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| refused())?;
    request.headers_mut().insert(HOST, host);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    *request.uri_mut() = target.parse::<Uri>().map_err(|_| refused())?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    Ok((host.to_owned(), authority.port_u16().unwrap_or(80)))
}

async fn exchange(
    stream: TcpStream,
    request: Request<Vec<u8>>,
    max_body: usize,
) -> Result<Response<Vec<u8>>, Failure> {
    let (mut sender, connection) = http1::handshake(FuturesIo::new(stream)).await.map_err(lost)?;
    let talk = async {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let (head, body) = sender.send_request(request).await.map_err(lost)?.into_parts();
        Ok(Response::from_parts(head, whole(body, max_body).await?))
    };
    // The connection has to be driven for the talk to go on; how it ends, the talk says better.
    let drive = async {
        let _ = connection.await;
        smol::future::pending().await
    };
    or(talk, drive).await
}

async fn whole(mut body: Incoming, max_body: usize) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::new(FailureKind::TooLarge, Sent::Maybe);
    if body.size_hint().lower() > max_body as u64 {
        return Err(too_large());
    }
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::new(FailureKind::Body, Sent::Maybe).with_source(error))?;
        let data = frame.into_data().unwrap_or_default();
        if data.len() > max_body - whole.len() {
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

fn lost(error: hyper::Error) -> Failure {
    let kind = if error.is_parse() {
        FailureKind::Http
    } else {
        FailureKind::Reset
    };
    Failure::new(kind, Sent::Maybe).with_source(error)
}
