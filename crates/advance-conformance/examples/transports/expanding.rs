//! Another transport, with gzip: it asks for compressed bodies, and expands them within the limit.

use std::io::Read as _;
use std::time::Duration;

use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{Now, Transport};
use flate2::read::MultiGzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Request, Response};

pub(crate) struct Expanding<T>(pub(crate) T);

impl<T: Transport> Transport for Expanding<T> {
    fn send(&self, mut request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let gzip = HeaderValue::from_static("gzip");
        request.headers_mut().insert(ACCEPT_ENCODING, gzip.clone());
        let mut response = self.0.send(request, limits)?;
        if response.headers().get(CONTENT_ENCODING) == Some(&gzip) {
            let whole = expanded(response.body(), limits.max_body)?;
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
            *response.body_mut() = whole;
        }
        Ok(response)
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }

    fn now(&self) -> Now {
        self.0.now()
    }
}

fn expanded(packed: &[u8], max_body: usize) -> Result<Vec<u8>, Failure> {
    let mut whole = Vec::new();
    let room = u64::try_from(max_body).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(packed).take(room).read_to_end(&mut whole);
    if whole.len() > max_body {
        return Err(Failure::new(FailureKind::TooLarge, Sent::Maybe));
    }
    read.map_err(|error| Failure::new(FailureKind::Body, Sent::Maybe).with_source(error))?;
    Ok(whole)
}
