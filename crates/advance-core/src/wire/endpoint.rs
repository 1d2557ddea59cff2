//! What makes a call: a path, a body, and a way to read `data`.

use std::borrow::Cow;

use http::Method;

use super::{DecodeError, Envelope};

/// One endpoint of the vendor's API.
///
/// The trait is open: the vendor's products share envelope, tokens and account, so a sibling endpoint is a type that
/// implements this, and it gets the whole machine: tokens, retries, charges, redacted errors.
///
/// # Adding a sibling endpoint
///
/// A `POST` with a JSON body needs a path, what it may cost to send it twice, the body, and a way to read `data`. An
/// endpoint of another shape says in what it differs: see [`method`](Self::method), [`path`](Self::path),
/// [`query`](Self::query), [`content_type`](Self::content_type) and [`without_data`](Self::without_data). The example
/// `own_endpoints` of `advance-reqwest` has a JSON `POST`, a multipart upload and a `GET` with a query.
///
/// Here is an endpoint that this crate does not ship, with a made-up path. `data` arrives as the JSON text of the reply's
/// member, already checked to be valid JSON; reading it is up to the endpoint.
///
/// ```
/// use advance_core::{BaseUrl, Endpoint};
/// use advance_core::secret::AccessToken;
/// use advance_core::wire::{Auth, DecodeError, Replay, build_request, parse};
///
/// /// Asks how many free queries are left.
/// struct QueryQuota {
///     product: &'static str,
/// }
///
/// impl Endpoint for QueryQuota {
///     type Output = u64;
///     const PATH: &'static str = "/openapi/account/v1/query-quota";
///     const AUTH: Auth = Auth::AccessToken;
///     // A reply that gets lost may be asked for again.
///     const REPLAY: Replay = Replay::Free;
///
///     fn encode(&self) -> Vec<u8> {
///         serde_json::json!({ "product": self.product }).to_string().into_bytes()
///     }
///
///     fn decode(&self, data: &str) -> Result<u64, DecodeError> {
///         // Names the place and the rule, never the value.
///         let data: serde_json::Value = serde_json::from_str(data)
///             .map_err(|_| DecodeError::new("", "expected JSON"))?;
///         data["remaining"].as_u64().ok_or_else(|| DecodeError::new("remaining", "expected a whole number"))
///     }
/// }
///
/// let quota = QueryQuota { product: "h5-idv" };
/// let token = AccessToken::new("eyJhbGciOiJIUzUxMiJ9.e30.c2ln")?;
/// let request = build_request(&quota, &BaseUrl::default(), Some(&token))?;
/// assert_eq!(request.uri(), "https://api.advance.ai/openapi/account/v1/query-quota");
/// assert!(request.headers()["x-access-token"].is_sensitive());
///
/// let reply = br#"{"code":"SUCCESS","message":"OK","data":{"remaining":7},"pricingStrategy":"FREE"}"#;
/// assert_eq!(parse(&quota, reply).unwrap().data, Some(7));
///
/// let wrong = parse(&quota, br#"{"code":"SUCCESS","data":{"remaining":"x"}}"#).unwrap_err();
/// assert_eq!(wrong.to_string(), "data.remaining: expected a whole number");
/// # Ok::<(), advance_core::Error>(())
/// ```
pub trait Endpoint {
    /// What `data` of a successful reply becomes.
    type Output;

    /// The path below the base URL, beginning with a slash. It also names the endpoint: in events, and for the retries
    /// and the judgement of a token that calls of one endpoint share.
    const PATH: &'static str;

    /// What the request must carry.
    const AUTH: Auth;

    /// Whether a request whose reply was lost may be sent again without the caller's word.
    const REPLAY: Replay;

    /// The method; `POST` unless the endpoint says otherwise.
    fn method(&self) -> Method {
        Method::POST
    }

    /// The path of this very request, where it is not [`PATH`](Self::PATH): of another region, or with an id in it,
    /// percent-encoded. No error repeats such a part that a server echoes, but `Debug` of a step shows the path.
    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    /// Names and values of the query, in this order. They are percent-encoded here. No error repeats a value.
    fn query(&self) -> Vec<(&str, Cow<'_, str>)> {
        Vec::new()
    }

    /// The `Content-Type` of the body, `application/json` unless the endpoint says otherwise. A request with an empty
    /// body has none. A multipart body is made together with its boundary, so make both when the endpoint is made.
    fn content_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(JSON)
    }

    /// The body; empty for a `GET`. It is asked for once a call, when the call is made. Of a body that is not JSON,
    /// [name what is secret](Self::secrets).
    fn encode(&self) -> Vec<u8>;

    /// Reads `data` of a successful reply: the text of one valid JSON value that is not null.
    ///
    /// # Errors
    /// Where the value does not fit: the place below `data` and the rule, never the value.
    fn decode(&self, data: &str) -> Result<Self::Output, DecodeError>;

    /// What `SUCCESS` means whose `data` is null or missing. Unless the endpoint says otherwise, it is an error:
    /// [`ErrorKind::MissingData`](crate::ErrorKind::MissingData).
    fn without_data(&self) -> Option<Self::Output> {
        None
    }

    /// The names of the members of `data`, at any depth. A damaged body that has one of them in it may be somebody's data,
    /// and no error quotes it.
    fn members() -> Vec<&'static str> {
        Vec::new()
    }

    /// What is secret, beside the keys and the token, of this request and of what its reply brought, if it brought
    /// anything. Where a server repeats it in another member, as it is, encoded or cut, errors and events do not. What is
    /// shorter than four bytes is taken for no secret. The strings of the body that [`encode`](Self::encode) makes are the
    /// caller's own and need not be named: they are taken out as well, of a URL what follows its host.
    fn secrets<'a>(&'a self, _brought: Option<&'a Self::Output>) -> Vec<&'a str> {
        Vec::new()
    }

    /// The whole reply, read in one pass, if that is all there is to it. Only this crate can call it or say how.
    #[doc(hidden)]
    fn in_one_pass(&self, _reply: &str, _: Own) -> Option<Envelope<Self::Output>> {
        None
    }
}

/// The content type of most bodies.
pub(crate) const JSON: &str = "application/json";

/// Makes a method of a public trait this crate's own.
#[derive(Clone, Copy, Debug)]
#[expect(unnameable_types, reason = "that is what keeps the method to this crate")]
pub struct Own(pub(super) ());

/// What a request must carry to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// Nothing in the header: the body itself proves who asks.
    None,
    /// An access token in `X-ACCESS-TOKEN`.
    AccessToken,
}

/// What sending a request twice may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Replay {
    /// Nothing: every documented code of the endpoint is free.
    Free,
    /// A second charge: a request whose reply was lost is sent again only if the caller allows it.
    MayCharge,
}
