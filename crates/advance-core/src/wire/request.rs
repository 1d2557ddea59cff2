//! Any request, as bytes ready to send.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request};

use super::{Auth, BaseUrl, Endpoint};
use crate::error::Error;
use crate::secret::AccessToken;

/// Case does not matter on the wire (Q39); HTTP/2 lower-cases it anyway.
const X_ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");

/// Builds a request: `POST`, `Content-Type: application/json`, the token in a header marked sensitive.
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the endpoint needs a token and there is none, or its path is
/// no URL path.
pub fn build_request<E: Endpoint>(
    endpoint: &E,
    base: &BaseUrl,
    token: Option<&AccessToken>,
) -> Result<Request<Vec<u8>>, Error> {
    assemble::<E>(endpoint.encode(), base, token)
}

/// The same around a body that was encoded before.
pub(crate) fn assemble<E: Endpoint>(
    body: Vec<u8>,
    base: &BaseUrl,
    token: Option<&AccessToken>,
) -> Result<Request<Vec<u8>>, Error> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = base.join(E::PATH)?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    match (E::AUTH, token) {
        (Auth::None, _) => {}
        (Auth::AccessToken, Some(token)) => {
            headers.insert(X_ACCESS_TOKEN, token.header_value()?);
        }
        (Auth::AccessToken, None) => return Err(Error::invalid("token", "is needed for this endpoint")),
    }
    Ok(request)
}
