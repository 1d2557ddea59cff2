//! The vendor, and a made-up way to it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use advance_core::sharing::Egress;
use advance_core::transport::{Failure, Limits, Transport};
use advance_core::{AsyncTransport, Config, Credentials, Now, RetryPolicy, SignatureId};
use async_trait::async_trait;

/// The vendor, and the way to it.
pub(crate) struct Vendor {
    began: Instant,
    alive: Mutex<BTreeSet<String>>,
    issued: AtomicU32,
}

impl Vendor {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            alive: Mutex::default(),
            issued: AtomicU32::new(0),
        })
    }

    pub(crate) fn now(&self) -> Now {
        Now::new(SystemTime::now(), self.began.elapsed())
    }

    /// All tokens are dead from now on.
    pub(crate) fn revoke(&self) {
        self.alive.lock().unwrap().clear();
    }

    pub(crate) fn issued(&self) -> u32 {
        self.issued.load(Ordering::SeqCst)
    }

    fn answer(&self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let said = |code: &str, data: &str| {
            format!(r#"{{"code":"{code}","message":"","data":{data},"extra":null,"pricingStrategy":"FREE"}}"#)
        };
        let mut alive = self.alive.lock().unwrap();
        let body = match request.headers().get("x-access-token") {
            None => {
                let token = format!("token-{}", self.issued.fetch_add(1, Ordering::SeqCst) + 1);
                let ends = self.now().wall.saturating_add(Duration::from_secs(3_600));
                let data = format!(r#"{{"token":"{token}","expiredTime":{}}}"#, ends.get());
                alive.insert(token);
                said("SUCCESS", &data)
            }
            Some(token) if alive.contains(token.to_str().unwrap()) => {
                said("SUCCESS", r#"{"idvCode":"SUCCESS"}"#)
            }
            Some(_) => said("IAM_FAILED", "null"),
        };
        http::Response::new(body.into_bytes())
    }
}

/// What a round trip takes: for a token, long enough that everybody comes meanwhile.
fn takes(request: &http::Request<Vec<u8>>) -> Duration {
    let asks_for_a_token = !request.headers().contains_key("x-access-token");
    Duration::from_millis(if asks_for_a_token { 150 } else { 5 })
}

pub(crate) struct Line(pub(crate) Arc<Vendor>);

#[async_trait]
impl AsyncTransport for Line {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _: &Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        tokio::time::sleep(takes(&request)).await;
        Ok(self.0.answer(&request))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

impl Transport for Line {
    fn send(&self, request: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
        std::thread::sleep(takes(&request));
        Ok(self.0.answer(&request))
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

/// The machine that runs this may be busy: no call runs out of time here.
pub(crate) fn config() -> Config {
    Config::new().retry(RetryPolicy::new().total(Duration::from_secs(120)))
}

pub(crate) fn keys() -> Credentials {
    Credentials::new("7c1f9ab04e6d2835", "e93b57d10af8c264").unwrap()
}

pub(crate) fn egress() -> Egress {
    Egress::new("here").unwrap()
}

pub(crate) fn id() -> SignatureId {
    SignatureId::new("f302f5d2454a85c2").unwrap()
}
