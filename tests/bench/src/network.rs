//! Networks in memory, for clients that are measured without one.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use advance_core::transport::{Failure, Limits};
use advance_core::{AsyncTransport, Now, Transport, UnixMillis};
use async_trait::async_trait;
use http::{Request, Response};

use crate::samples;

/// Answers at once, by the path. Its clock is the machine's.
#[derive(Default)]
pub struct Memory(OnceLock<Instant>);

pub fn reply_to(path: &str) -> &'static str {
    match path {
        samples::TOKEN_PATH => samples::TOKEN_REPLY,
        samples::URL_PATH => samples::URL_REPLY,
        _ => samples::RESULT_REPLY,
    }
}

pub fn answer(request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    Response::new(reply_to(request.uri().path()).as_bytes().to_vec())
}

impl Memory {
    fn time(&self) -> Now {
        Now::new(SystemTime::now(), self.0.get_or_init(Instant::now).elapsed())
    }
}

impl Transport for Memory {
    fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Ok(answer(&request))
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        self.time()
    }
}

#[async_trait]
impl AsyncTransport for Memory {
    async fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        Ok(answer(&request))
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> Now {
        self.time()
    }
}

/// Answers a tick of tokio later, and sleeps by tokio's clock.
pub struct Yielding;

#[async_trait]
impl AsyncTransport for Yielding {
    async fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        tokio::task::yield_now().await;
        Ok(answer(&request))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Now {
        samples::NOW
    }
}

/// Never answers, and its sleeps never end.
pub struct Silence;

#[async_trait]
impl AsyncTransport for Silence {
    async fn send(&self, _: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        std::future::pending().await
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }

    fn now(&self) -> Now {
        samples::NOW
    }
}

/// A wall clock's time as the core has it.
pub fn in_an_hour(now: Now) -> UnixMillis {
    now.wall.saturating_add(Duration::from_secs(3_600))
}
