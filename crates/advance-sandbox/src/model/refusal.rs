//! Codes and messages of what the vendor refuses, letter by letter.

use std::borrow::Cow;

/// A code with its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
}

impl Refusal {
    const fn new(code: &'static str, message: &'static str) -> Self {
        Self {
            code: Cow::Borrowed(code),
            message: Cow::Borrowed(message),
        }
    }
}

const PARAMETER_ERROR: &str = "PARAMETER_ERROR";

// From the examples of the vendor's document.
pub(super) const EMPTY: Refusal = Refusal::new(PARAMETER_ERROR, "Parameter should not be empty");
pub(super) const WRONG_TYPE: Refusal =
    Refusal::new(PARAMETER_ERROR, "Parameter error,please check you input.");
pub(super) const TIMESTAMP: Refusal = Refusal::new(PARAMETER_ERROR, "Timestamp error");
pub(super) const SIGNATURE: Refusal = Refusal::new(PARAMETER_ERROR, "Signature error");
pub(super) const RETURN_URL: Refusal =
    Refusal::new(PARAMETER_ERROR, "Invalid returnUrl,please check your returnUrl");
pub(super) const REGION_WRONG: Refusal = Refusal::new("REGION_WRONG", "Region is wrong");
pub(super) const ACCOUNT_DISABLED: Refusal = Refusal::new("ACCOUNT_DISABLED", "Account Disabled");
pub(super) const NO_SUCH_SIGNATURE: Refusal =
    Refusal::new("SIGNATURE_NOT_EXIST", "This signatureId is not exist");
pub(super) const SERVER_ERROR: Refusal = Refusal::new("ERROR", "Server error");
pub(super) const BAD_REQUEST: Refusal = Refusal::new("CLIENT_ERROR", "HTTP 400 - Bad Request");

// From its table, which contradicts the example.
pub(super) const REGION_PARAMETER: Refusal = Refusal::new(PARAMETER_ERROR, "Region is wrong");

// From the vendor's other documents.
pub(super) const NOT_FOUND: Refusal = Refusal::new("CLIENT_ERROR", "HTTP 404 - Not Found");
pub(super) const NOT_ALLOWED: Refusal = Refusal::new("CLIENT_ERROR", "HTTP 405 - Method Not Allowed");
pub(super) const BAD_TOKEN: Refusal = Refusal::new("IAM_FAILED", "Token not found or expired");
pub(super) const DISABLED_TOKEN: Refusal = Refusal::new("IAM_FAILED", "Account is disabled");

// Guesses: the first takes its code and its wording from the glossary, the others continue the pattern of the three
// that are documented.
pub(super) const BAD_ACCESS_KEY: Refusal = Refusal::new("IAM_FAILED", "Access key not found or expired");
pub(super) const TOO_LARGE: Refusal = Refusal::new("CLIENT_ERROR", "HTTP 413 - Payload Too Large");
pub(super) const MEDIA_TYPE: Refusal = Refusal::new("CLIENT_ERROR", "HTTP 415 - Unsupported Media Type");

/// What only a sandbox refuses: its message does not pass for one of the vendor's.
pub(super) fn no_scenario(message: String) -> Refusal {
    Refusal {
        code: PARAMETER_ERROR.into(),
        message: message.into(),
    }
}

/// The message as the document's tables spell it (Q06, Q07); its examples spell it otherwise.
pub(super) fn table_spelling(message: &str) -> &str {
    match message {
        "Invalid returnUrl,please check your returnUrl" => "Invalid returnUrl, please check your returnUrl",
        "This signatureId is not exist" => "This signatureId is not exist.",
        "Server error" => "Server error.",
        other => other,
    }
}

/// What only a strict sandbox refuses.
pub(super) fn strict(why: &str) -> Refusal {
    Refusal {
        code: PARAMETER_ERROR.into(),
        message: format!("Sandbox (strict): {why}").into(),
    }
}
