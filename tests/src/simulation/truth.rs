//! What really happened to an attempt, as only the network and the vendor know, and what may follow from it.

use std::time::Duration;

use advance_sandbox::model::Price;

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Token,
    Url,
    Result,
}

impl Target {
    pub(super) fn of(path: &str) -> Self {
        if path.ends_with("/generate-token") {
            Self::Token
        } else if path.ends_with("/generate-url") {
            Self::Url
        } else {
            Self::Result
        }
    }
}

/// What the client can know of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Free,
    Pay,
    Unknown,
    /// What it cost, or unknown: the reply was damaged on its way.
    Blurred(Option<Price>),
}

/// Whether the call's own request may follow itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resend {
    Free,
    /// Only by the caller's word.
    Risky,
    Never,
}

/// What the outcome means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What was asked for.
    Answer,
    /// It may pass by itself.
    Passing,
    /// `IAM_FAILED` for the token that was sent.
    Rejected,
    /// `PARAMETER_ERROR` for a token request: the clock, or something else.
    Parameter,
    /// The token request was refused for reasons that do not pass.
    Refused { cools: bool },
    /// Nothing that another attempt would change.
    Final,
    /// Damaged, so that anything may follow that is safe.
    Unclear,
}

/// The truth about one attempt whose outcome the client was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub(super) told: Told,
    pub(super) resend: Resend,
    pub(super) meaning: Meaning,
    /// How long the server asked to wait, in a form that cannot be misread.
    pub(super) wait: Option<Duration>,
    /// It asked, in a form that depends on a clock.
    pub(super) wait_unclear: bool,
    /// A reply came, of any kind.
    pub(super) replied: bool,
}

impl Truth {
    pub(super) const fn new(told: Told, resend: Resend, meaning: Meaning) -> Self {
        Self {
            told,
            resend,
            meaning,
            wait: None,
            wait_unclear: false,
            replied: false,
        }
    }

    /// Not one byte left.
    pub(super) const fn unsent(meaning: Meaning) -> Self {
        Self::new(Told::Free, Resend::Free, meaning)
    }

    /// The request may have arrived, and no reply said so.
    pub(super) fn lost(target: Target, meaning: Meaning) -> Self {
        let resend = if target == Target::Result {
            Resend::Risky
        } else {
            Resend::Free
        };
        Self::new(Told::Unknown, resend, meaning)
    }

    pub(super) const fn replied(mut self) -> Self {
        self.replied = true;
        self
    }

    /// What an undamaged envelope of the vendor means.
    pub(super) fn envelope(
        target: Target,
        code: &str,
        price: Option<Price>,
        status: u16,
        data: bool,
    ) -> Self {
        let told = match price {
            Some(Price::Free) => Told::Free,
            Some(Price::Pay) => Told::Pay,
            None => Told::Unknown,
        };
        let documented = DOCUMENTED_FREE.contains(&code);
        let resend = match price {
            Some(Price::Pay) => Resend::Never,
            Some(Price::Free) => Resend::Free,
            // Turned away by its status.
            None if documented || matches!(status, 429 | 503) => Resend::Free,
            None => Resend::Risky,
        };
        let token = target == Target::Token;
        let meaning = match code {
            "SUCCESS" if data => Meaning::Answer,
            "SERVICE_BUSY" | "RETRY_LATER" | "ERROR" => Meaning::Passing,
            "IAM_FAILED" if token => Meaning::Refused { cools: true },
            "IAM_FAILED" => Meaning::Rejected,
            "PARAMETER_ERROR" if token => Meaning::Parameter,
            "ACCOUNT_DISABLED" | "ACCESS_DENIED" | "SERVICE_DISABLED" | "OVER_QUERY_LIMIT" if token => {
                Meaning::Refused { cools: true }
            }
            _ if !documented && code != "SUCCESS" && matches!(status, 429 | 503) => Meaning::Passing,
            _ if token => Meaning::Refused { cools: false },
            _ => Meaning::Final,
        };
        Self::new(told, resend, meaning).replied()
    }
}

/// Failures that are free by the documents, `pricingStrategy` or not. Written down a second time on purpose.
const DOCUMENTED_FREE: [&str; 13] = [
    "ERROR",
    "PARAMETER_ERROR",
    "EMPTY_PARAMETER_ERROR",
    "REGION_WRONG",
    "IAM_FAILED",
    "ACCESS_DENIED",
    "SERVICE_DISABLED",
    "ACCOUNT_DISABLED",
    "INSUFFICIENT_BALANCE",
    "OVER_QUERY_LIMIT",
    "SERVICE_BUSY",
    "RETRY_LATER",
    "CLIENT_ERROR",
];
