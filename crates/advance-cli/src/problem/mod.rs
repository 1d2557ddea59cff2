//! What a command says when it does not work: a few lines for a person, or one object for a program.

mod convert;
mod paragraph;

use std::error::Error as StdError;

use advance_core::{Advice, Charges, Code, TransactionId};
use serde::Serialize;

pub(crate) use convert::{advice, rule, what};

use crate::exit;

/// What went wrong and what to do about it. It holds no key, token, signature, query of a link or field of a card.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    transaction_id: Option<TransactionId>,
    advice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    requests: u64,
    charges: Charges,
    #[serde(skip)]
    exit: u8,
}

impl Problem {
    fn new(kind: &'static str, message: impl Into<String>, exit: u8) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            base_url: None,
            code: None,
            vendor_message: None,
            http_status: None,
            transaction_id: None,
            advice: None,
            hint: None,
            retry_after_seconds: None,
            requests: 0,
            charges: Charges::NONE,
            exit,
        }
    }

    /// The command line or a setting is wrong; nothing was sent.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let mut problem = Self::new("usage", message, exit::USAGE);
        problem.advice = Some(advice(Advice::FixRequest));
        problem
    }

    /// Something on this machine failed: a file, a socket, stdout.
    pub(crate) fn local(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(kind, message, exit::FAILED)
    }

    /// No reply came.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        let mut problem = Self::new("transport", message, exit::NO_REPLY);
        problem.advice = Some(advice(Advice::CheckNetwork));
        problem
    }

    /// Some of many failed; perhaps because none was answered.
    pub(crate) fn batch(message: impl Into<String>, unanswered: bool) -> Self {
        Self::new(
            "batch",
            message,
            if unanswered { exit::NO_REPLY } else { exit::FAILED },
        )
    }

    /// Ctrl-C or SIGTERM.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new("interrupted", message, exit::INTERRUPTED)
    }

    /// The person has not finished.
    pub(crate) fn not_finished() -> Self {
        let mut problem = Self::new("not_finished", "the person has not finished", exit::NOT_IN_TIME);
        problem.advice = Some(advice(Advice::TryLater));
        problem
    }

    /// Says what is behind it.
    pub(crate) fn caused_by(mut self, error: &(dyn StdError + 'static)) -> Self {
        self.cause = Some(convert::chain(error));
        self
    }

    /// Says which host was asked.
    pub(crate) fn at(mut self, base_url: &str) -> Self {
        // Plain http is for this machine alone, where neither a firewall nor China is in the way.
        if self.kind == "transport" && base_url.starts_with("http://") {
            self.hint =
                Some("start a sandbox with `advance sandbox`, and let ADVANCE_BASE_URL name it".to_owned());
        }
        self.base_url = Some(base_url.to_owned());
        self
    }

    /// Says what to try.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what was sent before it and what that cost.
    pub(crate) const fn after(mut self, requests: u64, charges: Charges) -> Self {
        self.requests = requests;
        self.charges = charges;
        self
    }

    /// Says it in other words.
    pub(crate) fn instead(&self, message: String) -> Self {
        Self {
            message,
            ..self.clone()
        }
    }

    /// Ends the process with another status.
    pub(crate) const fn ending(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    /// What happened, in a line.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// How the process ends.
    pub(crate) const fn exit(&self) -> u8 {
        self.exit
    }
}
