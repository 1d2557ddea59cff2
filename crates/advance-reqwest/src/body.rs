//! The response, whole or refused.

use advance_core::transport::{Failure, FailureKind, Sent};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};

use crate::classify;

/// The same bound as the blocking sibling's; hyper alone would take about 400 KiB.
const MAX_HEAD: usize = 64 * 1024;

/// A length is only a claim: more is taken from memory when more has come.
const FIRST_PIECE: usize = 64 * 1024;

/// Reads the body, at most `max_body` bytes of it. One byte more ends the reading and the connection.
pub(crate) async fn take(
    mut response: reqwest::Response,
    max_body: usize,
) -> Result<http::Response<Vec<u8>>, Failure> {
    if head_size(response.headers()) > MAX_HEAD {
        return Err(
            Failure::new(FailureKind::Http, Sent::Maybe).with_source("the response's head passed 64 KiB")
        );
    }
    if response.headers().contains_key(CONTENT_LENGTH) && response.headers().contains_key(TRANSFER_ENCODING) {
        // RFC 9112, 6.3: a sign of response splitting. hyper may have read a short body by its chunks already, and
        // then keeps the connection.
        return Err(Failure::new(FailureKind::Http, Sent::Maybe)
            .with_source("the response has both Content-Length and Transfer-Encoding"));
    }
    let status = response.status();
    let body = read(&mut response, max_body)
        .await
        .map_err(|failure| failure.with_status(status))?;
    let mut whole = http::Response::new(body);
    *whole.status_mut() = status;
    *whole.version_mut() = response.version();
    *whole.headers_mut() = std::mem::take(response.headers_mut());
    Ok(whole)
}

async fn read(response: &mut reqwest::Response, max_body: usize) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().unwrap_or(0);
    let announced = match usize::try_from(announced) {
        Ok(announced) if announced <= max_body => announced,
        _ => return Err(too_large()),
    };
    let mut body = Vec::with_capacity(announced.min(FIRST_PIECE));
    while let Some(chunk) = response.chunk().await.map_err(classify::no_body)? {
        if chunk.len() > max_body - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large() -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe)
}

/// Bytes on the wire: name, colon, space, value, line end.
fn head_size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}
