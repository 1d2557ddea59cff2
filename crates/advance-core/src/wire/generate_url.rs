//! Generate URL API: `/intl/openapi/face-identity/h5-idv/v1/generate-url`.

use serde::Deserialize;

use super::body::{self, Value};
use super::decode::from_json;
use super::endpoint::Own;
use super::envelope::in_one_pass;
use super::lenient::{Millis, PlainMillis, SecretText};
use super::names::names_of;
use super::object::Object;
use super::{Auth, DecodeError, Endpoint, Envelope, Replay, open_text};
use crate::domain::{Region, SignatureId, UserId, VerificationLink};
use crate::time::UnixMillis;
use crate::url::ReturnUrl;

/// Asks for a link to the page where a person photographs their card.
///
/// ```
/// use advance_core::{GenerateUrl, Region, ReturnUrl, UserId};
///
/// let request = GenerateUrl::new(
///     ReturnUrl::new("https://shop.example/verified")?,
///     ReturnUrl::new("https://shop.example/not-verified")?,
///     Region::IDN,
/// )
/// .user_id(UserId::new("8e44f0089b076e18a718eb9ca3d94674")?);
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerateUrl {
    return_url: ReturnUrl,
    fail_return_url: ReturnUrl,
    region: Region,
    user_id: Option<UserId>,
}

impl GenerateUrl {
    /// `return_url` is where the page sends the person afterwards, `fail_return_url` where it does so when no OCR
    /// result could be had. Neither is a verdict: fetch the result.
    pub const fn new(return_url: ReturnUrl, fail_return_url: ReturnUrl, region: Region) -> Self {
        Self {
            return_url,
            fail_return_url,
            region,
            user_id: None,
        }
    }

    /// Names the person in the vendor's records.
    #[must_use]
    pub fn user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self
    }
}

impl Endpoint for GenerateUrl {
    type Output = VerificationLink;
    const PATH: &'static str = "/intl/openapi/face-identity/h5-idv/v1/generate-url";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::Free;

    fn encode(&self) -> Vec<u8> {
        let user_id = self
            .user_id
            .as_ref()
            .map(|id| ("userId", Value::Text(id.as_str())));
        let members = [
            ("returnUrl", Value::Text(self.return_url.as_str())),
            ("failReturnUrl", Value::Text(self.fail_return_url.as_str())),
            ("region", Value::Text(self.region.as_str())),
        ];
        body::object(members.into_iter().chain(user_id))
    }

    fn decode(&self, data: &str) -> Result<VerificationLink, DecodeError> {
        decode_link(data)
    }

    fn members() -> Vec<&'static str> {
        members()
    }

    fn in_one_pass(&self, reply: &str, _: Own) -> Option<Envelope<VerificationLink>> {
        in_one_pass(reply, |data: Data<PlainMillis>| link(data).ok())
    }

    fn secrets<'a>(&'a self, link: Option<&'a VerificationLink>) -> Vec<&'a str> {
        link.map(around_the_id).unwrap_or_default()
    }
}

/// The link without the `signatureId` in its query, which is no secret: in the document's sample the `transactionId` is the
/// same text (Q12), and must not be lost for it.
fn around_the_id(link: &VerificationLink) -> Vec<&str> {
    const NAME: &str = "signatureId=";
    let (url, id) = (link.expose_url(), link.signature_id().as_str());
    let found = url.find(NAME).map(|at| url.split_at(at + NAME.len()));
    match found.and_then(|(before, rest)| Some((before, rest.strip_prefix(id)?))) {
        Some((before, after)) => vec![before, after],
        None => vec![url],
    }
}

pub(crate) fn decode_link(data: &str) -> Result<VerificationLink, DecodeError> {
    let Object(data) = from_json::<Object<Data<Millis>>>(data, members)?;
    link(data)
}

fn link<M: Into<UnixMillis>>(data: Data<M>) -> Result<VerificationLink, DecodeError> {
    let signature_id = data.signature_id.0.ok_or_else(|| {
        DecodeError::new(
            "signatureId",
            "expected an id of 1 to 256 bytes without control characters",
        )
    })?;
    VerificationLink::received(signature_id, data.url.0, data.expired_time.into())
        .ok_or_else(|| DecodeError::new("url", "expected an http or https URL"))
}

/// An id that came, if it is one.
struct Received(Option<SignatureId>);

impl From<&str> for Received {
    fn from(text: &str) -> Self {
        Self(SignatureId::copied(text).ok())
    }
}

#[derive(Deserialize)]
struct Data<M> {
    #[serde(rename = "signatureId", deserialize_with = "open_text")]
    signature_id: Received,
    #[serde(deserialize_with = "open_text")]
    url: SecretText,
    #[serde(rename = "expiredTime")]
    expired_time: M,
}

/// The members of `data`.
fn members() -> Vec<&'static str> {
    names_of::<Data<Millis>>().to_vec()
}
