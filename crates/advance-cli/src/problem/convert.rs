//! From the core's errors.

use std::error::Error as StdError;

use advance_core::wire::{ParseError, PricingStrategy};
use advance_core::{Advice, Charge, Error, ErrorKind, TransactionId};

use super::Problem;
use crate::exit;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.kind() == ErrorKind::Invalid {
            return Self::usage(rule(&error));
        }
        let mut problem = Self::new(kind(error.kind()), what(&error), ends(error.kind()));
        problem.cause = error.source().map(chain);
        problem.code = error.code().cloned();
        problem.vendor_message = error.parts().vendor_says;
        problem.http_status = error
            .status()
            .map(|status| status.as_u16())
            .filter(|status| *status != 200);
        problem.transaction_id = error.transaction_id().cloned();
        problem.advice = Some(advice(error.advice()));
        problem.hint = Some(error.hint().to_owned());
        problem.retry_after_seconds = error.retry_after().map(|wait| wait.as_secs());
        problem.after(error.sends().into(), error.charges())
    }
}

impl Problem {
    /// A saved reply cannot be read into types.
    pub(crate) fn reply(error: &ParseError) -> Self {
        let message = format!("the reply does not fit the documented format: {error}");
        let mut problem = Self::new("decode", message, exit::FAILED);
        problem.code.clone_from(&error.code);
        problem.transaction_id.clone_from(&error.transaction_id);
        problem.support(error.pricing_strategy.as_ref())
    }

    /// A saved reply says `SUCCESS` and has no data.
    pub(crate) fn missing_data(id: Option<TransactionId>, pricing: Option<&PricingStrategy>) -> Self {
        let message = "data is null or missing although the code is SUCCESS";
        let mut problem = Self::new("missing_data", message, exit::FAILED);
        problem.code = Some(advance_core::wire::Code::Success);
        problem.transaction_id = id;
        problem.support(pricing)
    }

    fn support(mut self, pricing: Option<&PricingStrategy>) -> Self {
        self.advice = Some(advice(Advice::ContactSupport));
        self.hint = Some(Advice::ContactSupport.explanation().to_owned());
        self.charges.record(Charge::of(pricing));
        self
    }
}

/// What happened, without what the vendor said, what to do and the ids, which have lines of their own.
pub(crate) fn what(error: &Error) -> String {
    let parts = error.parts();
    match parts.code {
        Some(code) => format!("{code}: {}", parts.what),
        None => parts.what.to_owned(),
    }
}

fn strip(text: &mut String, end: &str) {
    if text.ends_with(end) {
        text.truncate(text.len() - end.len());
    }
}

/// What only a program can do, and this one does not: real keys do not travel readable.
const IN_CODE: &str = ", unless InsecureHost::even_with_real_keys says otherwise";

/// The rule that was broken. The core's advice, to mend the request, goes without saying on a command line.
pub(crate) fn rule(error: &Error) -> String {
    let mut text = error.to_string();
    strip(&mut text, &format!("; {}", error.hint()));
    strip(&mut text, IN_CODE);
    text
}

/// What every error of the chain adds to the one before it.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut link = Some(error);
    while let Some(error) = link {
        let said = error.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        link = error.source();
    }
    text
}

const fn ends(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Transport(_) => exit::NO_REPLY,
        ErrorKind::LinkExpired | ErrorKind::NotFinished | ErrorKind::ChargeLimit => exit::NOT_IN_TIME,
        _ => exit::FAILED,
    }
}

const fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "usage",
        ErrorKind::Transport(_) => "transport",
        ErrorKind::Protocol(_) => "protocol",
        ErrorKind::Decode => "decode",
        ErrorKind::MissingData => "missing_data",
        ErrorKind::Api(_) => "api",
        ErrorKind::DeadToken => "dead_token",
        ErrorKind::Deadline => "deadline",
        ErrorKind::LinkExpired => "link_expired",
        ErrorKind::ImageExpired => "image_expired",
        ErrorKind::NotAPicture => "not_a_picture",
        ErrorKind::NotFinished => "not_finished",
        ErrorKind::ChargeLimit => "charge_limit",
        _ => "other",
    }
}

/// What to do, in a word for programs.
pub(crate) const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::FixRequest => "fix_request",
        Advice::CheckSignatureId => "check_signature_id",
        Advice::CheckCredentials => "check_credentials",
        Advice::CheckAccount => "check_account",
        Advice::TopUp => "top_up",
        Advice::NewLink => "new_link",
        Advice::AskAgain => "ask_again",
        Advice::TryLater => "try_later",
        Advice::CheckNetwork => "check_network",
        Advice::ContactSupport => "contact_support",
        _ => "other",
    }
}
