//! The three calls that the vendor answers.

use serde::{Deserialize, Serialize};

/// One of the three documented calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// `/openapi/auth/ticket/v1/generate-token`
    GenerateToken,
    /// `/intl/openapi/face-identity/h5-idv/v1/generate-url`
    GenerateUrl,
    /// `/intl/openapi/face-identity/h5-idv/v1/get-result`
    GetResult,
}

impl Endpoint {
    pub(super) const ALL: [Self; 3] = [Self::GenerateToken, Self::GenerateUrl, Self::GetResult];

    /// The last part of the path, which names the call in control calls and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GenerateToken => "generate-token",
            Self::GenerateUrl => "generate-url",
            Self::GetResult => "get-result",
        }
    }

    /// The documented path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::GenerateToken => "/openapi/auth/ticket/v1/generate-token",
            Self::GenerateUrl => "/intl/openapi/face-identity/h5-idv/v1/generate-url",
            Self::GetResult => "/intl/openapi/face-identity/h5-idv/v1/get-result",
        }
    }

    /// The documented members of its request.
    pub(super) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::GenerateToken => &["accessKey", "signature", "timestamp", "periodSecond"],
            Self::GenerateUrl => &["returnUrl", "failReturnUrl", "userId", "region"],
            Self::GetResult => &["signatureId"],
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path)
    }
}
