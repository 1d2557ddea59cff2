//! Get Result API: `/intl/openapi/face-identity/h5-idv/v1/get-result`.

use super::body::{self, Value};
use super::decode::from_json;
use super::endpoint::Own;
use super::envelope::in_one_pass;
use super::lookalike::lookalike;
use super::object::Object;
use super::{Auth, DecodeError, Endpoint, Envelope, Replay};
use crate::domain::{ImageLink, SignatureId, Verification, VerificationData, verification};

/// Asks how a verification ended. It may be asked again, for one thing to get fresh image links.
///
/// What each question costs is not documented, so a question whose reply was lost is not repeated unless the caller
/// allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetResult {
    signature_id: SignatureId,
}

impl GetResult {
    /// Asks for this verification.
    pub const fn new(signature_id: SignatureId) -> Self {
        Self { signature_id }
    }

    /// The verification that is asked for.
    pub const fn signature_id(&self) -> &SignatureId {
        &self.signature_id
    }
}

impl Endpoint for GetResult {
    type Output = Verification;
    const PATH: &'static str = "/intl/openapi/face-identity/h5-idv/v1/get-result";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::MayCharge;

    fn encode(&self) -> Vec<u8> {
        body::object([("signatureId", Value::Text(self.signature_id.as_str()))].into_iter())
    }

    fn decode(&self, data: &str) -> Result<Verification, DecodeError> {
        decode_result(data)
    }

    fn members() -> Vec<&'static str> {
        verification::members()
    }

    fn in_one_pass(&self, reply: &str, _: Own) -> Option<Envelope<Verification>> {
        // One that says nothing is looked at again for what it may be instead.
        in_one_pass(reply, |data: VerificationData| {
            Some(Verification::from(data)).filter(|result| !result.says_nothing())
        })
    }

    fn secrets<'a>(&'a self, result: Option<&'a Verification>) -> Vec<&'a str> {
        let links = result.map(|result| [result.image(), result.cropped_image()]);
        let links = links.into_iter().flatten().flatten();
        links.map(ImageLink::expose_url).collect()
    }
}

pub(crate) fn decode_result(data: &str) -> Result<Verification, DecodeError> {
    let Object(read) = from_json::<Object<VerificationData>>(data, verification::members)?;
    let result = Verification::from(read);
    // Nothing at all, or null in every member, is how a verification begins; a stranger's members are not (row 91).
    match lookalike(data, verification::own_members()) {
        Some(mistaken) if result.says_nothing() => Err(DecodeError::new("", mistaken)),
        _ => Ok(result),
    }
}
