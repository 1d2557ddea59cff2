//! What the worker's surroundings give: `fetch`, a timer, two clocks and a random number.

use std::time::{Duration, SystemTime};

use advance_core::Now;
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use http::{Request, Response};
use wasm_bindgen::prelude::{JsCast as _, JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The object that `worker.cjs` hands over.
    pub type Platform;

    #[wasm_bindgen(method, catch)]
    async fn send(
        this: &Platform,
        method: String,
        url: String,
        headers: Vec<String>,
        body: Vec<u8>,
        within: f64,
        max_body: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    async fn sleep(this: &Platform, milliseconds: f64);
    #[wasm_bindgen(method)]
    fn wall(this: &Platform) -> f64;
    #[wasm_bindgen(method)]
    fn mono(this: &Platform) -> f64;
    #[wasm_bindgen(method)]
    fn random(this: &Platform) -> f64;

    type Reply;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Reply) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Reply) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Reply) -> Vec<u8>;
}

impl Platform {
    pub fn now(&self) -> Now {
        let since_1970 = Duration::from_secs_f64(self.wall() / 1000.0);
        let mono = Duration::from_secs_f64(self.mono() / 1000.0);
        Now::new(SystemTime::UNIX_EPOCH + since_1970, mono)
    }

    /// Spreads retries; no secret depends on it.
    pub fn seed(&self) -> u64 {
        self.random().to_bits()
    }

    pub async fn pause(&self, duration: Duration) {
        self.sleep(duration.as_secs_f64() * 1000.0).await;
    }

    pub async fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, Failure> {
        advance_core::transport::permitted(&request)?;
        let (head, body) = request.into_parts();
        let mut headers = Vec::new();
        for (name, value) in &head.headers {
            let value = value
                .to_str()
                .map_err(|_| Failure::new(FailureKind::Other, Sent::No))?;
            headers.extend([name.as_str().to_owned(), value.to_owned()]);
        }
        let (method, url) = (head.method.to_string(), head.uri.to_string());
        let within = limits.within.as_secs_f64() * 1000.0;
        let sent = self
            .send(method, url, headers, body, within, limits.max_body as f64)
            .await;
        // `fetch` does not tell why it failed, so the request may have arrived.
        let failed = || Failure::new(FailureKind::Other, Sent::Maybe);
        let reply: Reply = sent.map_err(|_| failed())?.unchecked_into();
        let mut response = Response::builder().status(reply.status());
        for pair in reply.headers().chunks_exact(2) {
            response = response.header(&pair[0], &pair[1]);
        }
        response.body(reply.body()).map_err(|_| failed())
    }
}
