//! Any request, as bytes ready to send.

use std::borrow::Cow;
use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::endpoint::JSON;
use super::{Auth, Endpoint};
use crate::error::Error;
use crate::secret::AccessToken;
use crate::url::BaseUrl;
use crate::wipe::Wiped;

/// Case does not matter on the wire ([Q39]); HTTP/2 lower-cases it anyway.
///
/// [Q39]: crate::quirks
const X_ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");

/// What stays as it is in a query: what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Builds a request: as the endpoint says, `Accept: application/json`, the token in a header marked sensitive.
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the endpoint needs a token and there is none, its path is no URL
/// path, its content type is no header value, or it has a body for `GET` or `HEAD`.
pub fn build_request<E: Endpoint>(
    endpoint: &E,
    base: &BaseUrl,
    token: Option<&AccessToken>,
) -> Result<Request<Vec<u8>>, Error> {
    let mut draft = Draft::of(endpoint);
    let aim = draft.aimed(base)?;
    let body = std::mem::take(&mut *draft.body);
    draft.request_with(body, aim, base, token)
}

/// A request that lacks only its server and its token, so that it can be sent as often as need be.
#[derive(Clone)]
pub(crate) struct Draft {
    name: &'static str,
    method: Method,
    path: Cow<'static, str>,
    /// Encoded, with its question mark.
    query: Wiped<String>,
    /// The values in the query, as they were, and what the path has of its own.
    asked: Vec<Wiped<String>>,
    content_type: Cow<'static, str>,
    auth: Auth,
    body: Wiped<Vec<u8>>,
    /// Once it is aimed at a server.
    aim: Option<Aim>,
}

/// What is the same each time that a draft is sent to one server.
#[derive(Clone)]
struct Aim {
    uri: Uri,
    content_type: Option<HeaderValue>,
}

impl Draft {
    pub(crate) fn of<E: Endpoint>(endpoint: &E) -> Self {
        let (path, pairs) = (endpoint.path(), endpoint.query());
        let query = encoded(&pairs);
        let asked = if pairs.is_empty() && *path == *E::PATH {
            Vec::new()
        } else {
            let values = pairs.into_iter().map(|(_, value)| value.into_owned());
            own_parts::<E>(&path).chain(values).map(Wiped::new).collect()
        };
        Self {
            name: E::PATH,
            method: endpoint.method(),
            path,
            query,
            asked,
            content_type: endpoint.content_type(),
            auth: E::AUTH,
            body: Wiped::new(endpoint.encode()),
            aim: None,
        }
    }

    /// What events call it.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) const fn auth(&self) -> Auth {
        self.auth
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The values in its query, as they were given, and what its path has of its own.
    pub(crate) fn asked(&self) -> &[Wiped<String>] {
        &self.asked
    }

    /// Aims it at a server, which shows whether it can be sent at all.
    pub(crate) fn aim(&mut self, base: &BaseUrl) -> Result<(), Error> {
        self.aim = Some(self.aimed(base)?);
        Ok(())
    }

    fn aimed(&self, base: &BaseUrl) -> Result<Aim, Error> {
        if !self.body.is_empty() && matches!(self.method, Method::GET | Method::HEAD) {
            return Err(Error::invalid("endpoint body", "must be empty for GET and HEAD"));
        }
        let content_type = match &*self.content_type {
            _ if self.body.is_empty() => None,
            JSON => Some(HeaderValue::from_static(JSON)),
            other => Some(
                HeaderValue::from_str(other)
                    .map_err(|_| Error::invalid("endpoint content type", "must be fit for a header"))?,
            ),
        };
        let uri = base.join(self.path.clone(), &self.query)?;
        Ok(Aim { uri, content_type })
    }

    pub(crate) fn request(
        &self,
        base: &BaseUrl,
        token: Option<&AccessToken>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let aim = match &self.aim {
            Some(aim) => aim.clone(),
            None => self.aimed(base)?,
        };
        self.request_with(self.body.to_vec(), aim, base, token)
    }

    fn request_with(
        &self,
        body: Vec<u8>,
        aim: Aim,
        base: &BaseUrl,
        token: Option<&AccessToken>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = aim.uri;
        if let Some(insecure) = base.insecure() {
            request.extensions_mut().insert(insecure.clone());
        }
        let headers = request.headers_mut();
        if let Some(content_type) = aim.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        match (self.auth, token) {
            (Auth::None, _) => {}
            (Auth::AccessToken, Some(token)) => {
                headers.insert(X_ACCESS_TOKEN, token.header_value());
            }
            (Auth::AccessToken, None) => return Err(Error::invalid("token", "is needed for this endpoint")),
        }
        Ok(request)
    }
}

/// What stands between slashes in the path of this request, and not in that of its endpoint: an id, a region.
fn own_parts<E: Endpoint>(path: &str) -> impl Iterator<Item = String> {
    let is_own = |part: &&str| !E::PATH.split('/').any(|shared| shared == *part);
    path.split('/').filter(is_own).map(str::to_owned)
}

/// Names and values as a query, in a buffer that never moves.
fn encoded(pairs: &[(&str, Cow<'_, str>)]) -> Wiped<String> {
    let most: usize = pairs
        .iter()
        .map(|(name, value)| 2 + 3 * (name.len() + value.len()))
        .sum();
    let mut query = Wiped::new(String::with_capacity(most));
    for (index, (name, value)) in pairs.iter().enumerate() {
        query.push(if index == 0 { '?' } else { '&' });
        query.extend(utf8_percent_encode(name, ESCAPED));
        query.push('=');
        query.extend(utf8_percent_encode(value, ESCAPED));
    }
    query
}

/// The body may hold what the caller keeps secret.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
