//! The envelope's `code` and `pricingStrategy`.
//!
//! Sources: the codes of this API's document (Back-end Integration, "Response Code"), and the vendor's Glossary as
//! its sibling products show it: same envelope, same account system, so any of them may come back from any endpoint.

use super::text_enum;
use crate::advice::Advice;
use crate::charge::Charge;

text_enum! {
    /// What the vendor answered. The code alone decides; the message is for people.
    pub enum Code {
        all: "Every value of this API's document, and those that siblings show of the vendor's Glossary.";
        explanation: "In short, by the vendor's documents; the wording is this crate's where theirs is longer or differs.";
        /// Documented for every endpoint.
        Success = "SUCCESS": "OK",
        /// Documented for generate-url and get-result.
        Error = "ERROR": "Server error",
        /// Documented for generate-token and generate-url.
        ParameterError = "PARAMETER_ERROR": "A parameter is wrong, illegal or empty",
        /// Seen in siblings.
        EmptyParameterError = "EMPTY_PARAMETER_ERROR": "A parameter is empty",
        /// Documented in an example of generate-url; its table has the same failure under `PARAMETER_ERROR`.
        RegionWrong = "REGION_WRONG": "Region is wrong",
        /// Documented for get-result.
        SignatureNotExist = "SIGNATURE_NOT_EXIST": "This signatureId does not exist",
        /// Seen in siblings.
        IamFailed = "IAM_FAILED":
            "The token or the access key was not found or has expired, or the account is not authorised, expired or disabled",
        /// Seen in siblings.
        AccessDenied = "ACCESS_DENIED": "The account is not entitled to this service",
        /// Seen in siblings.
        ServiceDisabled = "SERVICE_DISABLED": "The service is disabled for this account",
        /// Documented for generate-token.
        AccountDisabled = "ACCOUNT_DISABLED": "Account Disabled",
        /// Seen in siblings.
        InsufficientBalance = "INSUFFICIENT_BALANCE": "The prepaid balance is used up",
        /// Seen in siblings. A quota, not a limit of throughput.
        OverQueryLimit = "OVER_QUERY_LIMIT": "The free query quota is used up",
        /// Seen in siblings, with `Retry-After` for a rate limit; without it the daily free quota may be used up.
        ServiceBusy = "SERVICE_BUSY": "The service is busy, or the daily free quota is used up",
        /// Seen in siblings.
        RetryLater = "RETRY_LATER": "The query failed; retry after the time told",
        /// Documented for generate-token.
        ClientError = "CLIENT_ERROR": "HTTP 400 - Bad Request; also 404 and 405",
    }
}

text_enum! {
    /// Whether the vendor charged for the request.
    pub enum PricingStrategy {
        all: "Every documented value.";
        explanation: "In this crate's words.";
        /// Documented.
        Free = "FREE": "The request is not charged",
        /// Documented.
        Pay = "PAY": "The request is charged",
    }
}

/// What kind of answer a code is, by what has to change before the call can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeClass {
    /// The call succeeded.
    Success,
    /// The request: a parameter, the path, the region.
    Request,
    /// The signatureId: unknown to the vendor, or not yet known.
    NotFound,
    /// The token, or the account behind it.
    Auth,
    /// The access key or its signature: generate-token refused who asks.
    Credentials,
    /// The account: disabled, not entitled, or out of quota.
    Account,
    /// The account's balance.
    Balance,
    /// Nothing but time: the service is busy.
    Throttle,
    /// The vendor's server.
    Server,
    /// A code that is not documented.
    Unknown,
}

impl Code {
    /// What kind of answer this is.
    pub const fn class(&self) -> CodeClass {
        match self {
            Self::Success => CodeClass::Success,
            Self::ParameterError | Self::EmptyParameterError | Self::RegionWrong | Self::ClientError => {
                CodeClass::Request
            }
            Self::SignatureNotExist => CodeClass::NotFound,
            Self::IamFailed => CodeClass::Auth,
            Self::AccessDenied | Self::ServiceDisabled | Self::AccountDisabled | Self::OverQueryLimit => {
                CodeClass::Account
            }
            Self::InsufficientBalance => CodeClass::Balance,
            Self::ServiceBusy | Self::RetryLater => CodeClass::Throttle,
            Self::Error => CodeClass::Server,
            Self::Unknown(_) => CodeClass::Unknown,
        }
    }

    /// Whether the Glossary says that an answer with this code is never charged.
    pub const fn is_documented_free(&self) -> bool {
        match self {
            Self::Success | Self::SignatureNotExist | Self::Unknown(_) => false,
            Self::Error
            | Self::ParameterError
            | Self::EmptyParameterError
            | Self::RegionWrong
            | Self::IamFailed
            | Self::AccessDenied
            | Self::ServiceDisabled
            | Self::AccountDisabled
            | Self::InsufficientBalance
            | Self::OverQueryLimit
            | Self::ServiceBusy
            | Self::RetryLater
            | Self::ClientError => true,
        }
    }
}

impl Charge {
    /// What a reply's `pricingStrategy` says. A value that is absent or not documented says nothing.
    pub fn of(pricing: Option<&PricingStrategy>) -> Self {
        match pricing {
            Some(PricingStrategy::Free) => Self::Free,
            Some(PricingStrategy::Pay) => Self::Pay,
            Some(PricingStrategy::Unknown(_)) | None => Self::Unknown,
        }
    }
}

impl CodeClass {
    /// A stable name in snake case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Request => "request",
            Self::NotFound => "not_found",
            Self::Auth => "auth",
            Self::Credentials => "credentials",
            Self::Account => "account",
            Self::Balance => "balance",
            Self::Throttle => "throttle",
            Self::Server => "server",
            Self::Unknown => "unknown_code",
        }
    }

    /// What a caller does about an answer of this kind.
    pub const fn advice(self) -> Advice {
        match self {
            Self::Request => Advice::FixRequest,
            Self::NotFound => Advice::CheckSignatureId,
            Self::Auth | Self::Account => Advice::CheckAccount,
            Self::Credentials => Advice::CheckCredentials,
            Self::Balance => Advice::TopUp,
            Self::Throttle | Self::Server => Advice::TryLater,
            Self::Success | Self::Unknown => Advice::ContactSupport,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_as_its_own_word_and_explains_itself() {
        for code in Code::ALL {
            assert_eq!(&Code::from(code.as_str()), code);
            assert!(code.explanation().is_some());
            assert_ne!(code.class(), CodeClass::Unknown);
        }
        assert_eq!(Code::ALL.len(), 15);
    }

    #[test]
    fn only_success_an_unknown_id_and_an_unknown_code_may_be_charged() {
        let charged: Vec<_> = Code::ALL
            .iter()
            .filter(|code| !code.is_documented_free())
            .collect();
        assert_eq!(charged, [&Code::Success, &Code::SignatureNotExist]);
        assert!(!Code::from("NEW").is_documented_free());
    }

    #[test]
    fn a_code_in_another_case_is_another_code() {
        let code = Code::from("success");
        assert!(matches!(code, Code::Unknown(_)));
        assert_eq!(code, "success");
        assert_ne!(code.class(), CodeClass::Success);
    }

    #[test]
    fn an_unknown_code_cannot_forge_a_line() {
        let code = Code::from("A\nB");
        assert_eq!(format!("{code} {code:?}"), "A\\nB Unknown(A\\nB)");
        assert_eq!(code.as_str(), "A\nB");
    }

    #[test]
    fn only_the_documented_words_say_what_was_charged() {
        for (text, charge) in [
            ("FREE", Charge::Free),
            ("PAY", Charge::Pay),
            ("pay", Charge::Unknown),
            ("DISCOUNT", Charge::Unknown),
            ("", Charge::Unknown),
        ] {
            assert_eq!(Charge::of(Some(&PricingStrategy::from(text))), charge, "{text}");
        }
        assert_eq!(Charge::of(None), Charge::Unknown);
    }
}
