//! Any request, as bytes ready to send.

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request};
use zeroize::Zeroizing;

use super::{Auth, Endpoint};
use crate::error::Error;
use crate::secret::AccessToken;
use crate::url::BaseUrl;

/// Case does not matter on the wire ([Q39]); HTTP/2 lower-cases it anyway.
///
/// [Q39]: crate::quirks
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
    Draft::of(endpoint).request(base, token)
}

/// A request that lacks only its server and its token, so that it can be sent as often as need be.
#[derive(Clone)]
pub(crate) struct Draft {
    path: &'static str,
    auth: Auth,
    body: Zeroizing<Vec<u8>>,
}

impl Draft {
    pub(crate) fn of<E: Endpoint>(endpoint: &E) -> Self {
        Self {
            path: E::PATH,
            auth: E::AUTH,
            body: Zeroizing::new(endpoint.encode()),
        }
    }

    pub(crate) const fn path(&self) -> &'static str {
        self.path
    }

    pub(crate) const fn auth(&self) -> Auth {
        self.auth
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn request(
        &self,
        base: &BaseUrl,
        token: Option<&AccessToken>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let mut request = Request::new(self.body.to_vec());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = base.join(self.path)?;
        if let Some(insecure) = base.insecure() {
            request.extensions_mut().insert(insecure.clone());
        }
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        match (self.auth, token) {
            (Auth::None, _) => {}
            (Auth::AccessToken, Some(token)) => {
                headers.insert(X_ACCESS_TOKEN, token.header_value()?);
            }
            (Auth::AccessToken, None) => return Err(Error::invalid("token", "is needed for this endpoint")),
        }
        Ok(request)
    }
}

/// The body may hold what the caller keeps secret.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
