//! Which call a body belongs to, by what is in it.

use serde_json::{Map, Value};

/// The three calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Call {
    GenerateToken,
    GenerateUrl,
    GetResult,
}

impl Call {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::GenerateToken => "generate-token",
            Self::GenerateUrl => "generate-url",
            Self::GetResult => "get-result",
        }
    }

    /// The call that a path or a URL ends in.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let path = path.split(['?', '#', ' ']).next().unwrap_or_default();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        [Self::GenerateToken, Self::GenerateUrl, Self::GetResult]
            .into_iter()
            .find(|call| call.name() == last)
    }
}

const OF_RESULT: [&str; 7] = [
    "image",
    "croppedImage",
    "imageType",
    "idvCode",
    "idvResult",
    "ocrCode",
    "ocrResult",
];

/// Whether it is the envelope of a reply.
pub(super) fn is_envelope(object: &Map<String, Value>) -> bool {
    let rest = ["message", "data", "transactionId", "pricingStrategy", "extra"];
    object.get("code").is_some_and(Value::is_string)
        && (object.len() == 1 || rest.iter().any(|member| object.contains_key(*member)))
        || (object.contains_key("pricingStrategy")
            && object.contains_key("transactionId")
            && object.contains_key("data"))
        || (object.contains_key("transactionId")
            && object.contains_key("message")
            && !object.contains_key("kind"))
}

/// Which call's data it is, if it is of one of the three.
pub(super) fn data(object: &Map<String, Value>) -> Option<Call> {
    if OF_RESULT.iter().any(|member| object.contains_key(*member)) {
        Some(Call::GetResult)
    } else if object.contains_key("url") {
        Some(Call::GenerateUrl)
    } else if object.contains_key("token") && object.contains_key("expiredTime") {
        Some(Call::GenerateToken)
    } else {
        None
    }
}

/// Which request it is the body of.
pub(super) fn request(object: &Map<String, Value>) -> Option<Call> {
    if is_envelope(object) || data(object).is_some() {
        return None;
    }
    let has = |member: &str| object.contains_key(member);
    if has("accessKey") || (has("signature") && has("timestamp")) {
        Some(Call::GenerateToken)
    } else if has("returnUrl") || has("failReturnUrl") {
        Some(Call::GenerateUrl)
    } else if has("signatureId") && object.len() == 1 {
        Some(Call::GetResult)
    } else {
        None
    }
}

/// Which call a reply without data answers, where its code or message belongs to one alone.
pub(super) fn failure(code: &str, message: &str) -> Option<Call> {
    let message = message.to_ascii_lowercase();
    match code {
        "SIGNATURE_NOT_EXIST" => Some(Call::GetResult),
        "REGION_WRONG" => Some(Call::GenerateUrl),
        "ACCOUNT_DISABLED" => Some(Call::GenerateToken),
        "PARAMETER_ERROR" if message.contains("returnurl") || message.contains("region") => {
            Some(Call::GenerateUrl)
        }
        "PARAMETER_ERROR" if message.contains("signature error") || message.contains("timestamp") => {
            Some(Call::GenerateToken)
        }
        _ => None,
    }
}
