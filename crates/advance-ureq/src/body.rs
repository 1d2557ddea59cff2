//! The response, whole or refused.

use std::io::Read as _;

use advance_core::transport::{Failure, FailureKind, Sent};
use http::Response;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use ureq::Body;

use crate::{classify, mask};

/// A length is only a claim: more is taken from memory when more has come.
const FIRST_PIECE: usize = 64 * 1024;

/// Reads the body, at most `max_body` bytes of it. One byte more ends the reading and the connection.
pub(crate) fn take(response: Response<Body>, max_body: usize) -> Result<Response<Vec<u8>>, Failure> {
    let (mut parts, body) = response.into_parts();
    mask::reveal(&mut parts.headers);
    if parts.headers.contains_key(CONTENT_LENGTH) && parts.headers.contains_key(TRANSFER_ENCODING) {
        // RFC 9112, 6.3: a sign of response splitting. Unread, the connection is not used again.
        return Err(Failure::new(FailureKind::Http, Sent::Maybe)
            .with_source("the response has both Content-Length and Transfer-Encoding"));
    }
    let whole = read(body, max_body).map_err(|failure| failure.with_status(parts.status))?;
    // ureq keeps the URL here.
    parts.extensions.clear();
    Ok(Response::from_parts(parts, whole))
}

fn read(body: Body, max_body: usize) -> Result<Vec<u8>, Failure> {
    let announced = body.content_length().unwrap_or(0);
    let capacity = match usize::try_from(announced) {
        Ok(announced) if announced <= max_body => announced,
        _ => return Err(too_large()),
    };
    let mut whole = Vec::with_capacity(capacity.min(FIRST_PIECE));
    let cap = u64::try_from(max_body).unwrap_or(u64::MAX).saturating_add(1);
    body.into_reader()
        .take(cap)
        .read_to_end(&mut whole)
        .map_err(classify::no_body)?;
    if whole.len() > max_body {
        return Err(too_large());
    }
    Ok(whole)
}

fn too_large() -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe)
}
