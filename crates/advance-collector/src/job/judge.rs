//! What an answer about a result leads to.

use std::time::Duration;

use advance_core::wire::CodeClass;
use advance_core::{Charges, Error, ErrorKind, Now, Response, Verification};

use super::{Job, elapsed};
use crate::schedule::Next;
use crate::sink::{Keepsake, What};
use crate::{Conclusion, Ending, Kind, Pictures, Progress, Settlement, Then, WantedPicture};

/// How long nothing more is asked about a verification after the account was refused: a minute, and up to a quarter of an
/// hour.
const ACCOUNT_PAUSE: Duration = Duration::from_secs(60);

/// How many reasons of a verdict are kept.
const REASONS: usize = 32;

/// The settlement, and what the sink is to keep before it.
pub(super) fn result(
    job: &Job,
    progress: &Progress,
    asked: Now,
    now: Now,
    result: &Result<Response<Verification>, Error>,
) -> (Settlement, Option<Keepsake>) {
    let charges = match result {
        Ok(response) => response.charges(),
        Err(error) => error.charges(),
    };
    let next = job.heard(progress, asked, now).next(result.clone());
    let then = match result {
        Err(error) if is_doubt(error) => Then::Unsure(after_a_doubt(job, progress, next)),
        Err(error) if is_the_accounts(error) => refused(job, progress, now, error),
        _ => follow(job, next, charges, result),
    };
    let paid_for = matches!(then, Then::Ended(..)).then(|| match result {
        Ok(response) => response.raw(),
        Err(error) => error.raw(),
    });
    let keepsake = paid_for
        .filter(|raw| !raw.is_empty())
        .map(|raw| Keepsake::new(job.claim.signature_id.clone(), What::Reply, raw.to_vec()));
    (Settlement::new(charges, then), keepsake)
}

/// A request may have been charged, and nothing that came says whether.
pub(super) fn is_doubt(error: &Error) -> bool {
    error.charges().unknown > 0 && error.code().is_none()
}

/// Trouble of the account, which is no verification's own.
pub(crate) fn is_the_accounts(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Api(CodeClass::Auth | CodeClass::Account | CodeClass::Balance | CodeClass::Credentials)
    )
}

fn after_a_doubt(job: &Job, progress: &Progress, next: Next) -> Option<Duration> {
    match next {
        Next::Again { after } if progress.doubts < job.policy.doubts => Some(after),
        _ => None,
    }
}

fn refused(job: &Job, progress: &Progress, now: Now, error: &Error) -> Then {
    let waited = progress
        .now
        .saturating_add(elapsed(job.claimed, now))
        .saturating_since(progress.added);
    if waited >= job.policy.patience {
        return Then::Ended(without_result(Ending::Failed, Some(error)), Vec::new());
    }
    let pause = ACCOUNT_PAUSE.saturating_mul(1 << progress.pauses.min(4));
    Then::again(
        pause
            .min(ACCOUNT_PAUSE * 15)
            .max(error.retry_after().unwrap_or_default()),
        false,
    )
}

fn follow(job: &Job, next: Next, charges: Charges, result: &Result<Response<Verification>, Error>) -> Then {
    let ending = match next {
        Next::Again { after } => return Then::again(after, charges.pay > 0),
        Next::Finished => Ending::Finished,
        Next::LinkExpired => Ending::LinkExpired,
        Next::TimedOut => Ending::TimedOut,
        Next::TooDear => Ending::TooDear,
        Next::Failed => Ending::Failed,
    };
    match result {
        Ok(response) if ending == Ending::Finished => {
            Then::Ended(with_result(response), pictures(job, response.data()))
        }
        Ok(response) => {
            let mut conclusion = without_result(ending, None);
            conclusion.transaction_id = response.transaction_id().cloned();
            Then::Ended(conclusion, Vec::new())
        }
        Err(error) => Then::Ended(without_result(ending, Some(error)), Vec::new()),
    }
}

fn with_result(response: &Response<Verification>) -> Conclusion {
    let verdict = response.data().verdict();
    let mut conclusion = Conclusion::of(Ending::Finished);
    conclusion.verdict = Some(verdict.outcome);
    let reasons = verdict.reasons.iter().take(REASONS);
    conclusion.reasons = reasons.map(|reason| reason.as_str().to_owned()).collect();
    conclusion.transaction_id = response.transaction_id().cloned();
    conclusion.kept = true;
    conclusion
}

fn without_result(ending: Ending, error: Option<&Error>) -> Conclusion {
    let mut conclusion = Conclusion::of(ending);
    if let Some(error) = error {
        conclusion.code = Some(match error.code() {
            Some(code) => code.to_string(),
            None => kind_of(error).to_owned(),
        });
        conclusion.transaction_id = error.transaction_id().cloned();
        conclusion.kept = !error.raw().is_empty();
    }
    conclusion
}

/// One word for what went wrong.
pub(super) const fn kind_of(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Invalid => "invalid",
        ErrorKind::Transport(_) => "transport",
        ErrorKind::Protocol(_) => "protocol",
        ErrorKind::Decode => "decode",
        ErrorKind::MissingData => "missing_data",
        ErrorKind::Api(_) => "api",
        ErrorKind::DeadToken => "dead_token",
        ErrorKind::Deadline => "deadline",
        ErrorKind::ImageExpired => "image_expired",
        ErrorKind::NotAPicture => "not_a_picture",
        _ => "other",
    }
}

fn pictures(job: &Job, verification: &Verification) -> Vec<WantedPicture> {
    if job.policy.pictures == Pictures::Skip {
        return Vec::new();
    }
    let links = [
        (Kind::Image, verification.image()),
        (Kind::CroppedImage, verification.cropped_image()),
    ];
    let there = links.into_iter().filter_map(|(kind, link)| Some((kind, link?)));
    there
        .map(|(kind, link)| WantedPicture::new(kind, link.clone()))
        .collect()
}

/// The same, where the sink did not keep what came.
pub(super) fn unkept(mut settlement: Settlement) -> Settlement {
    settlement.then = match settlement.then {
        Then::Ended(mut conclusion, pictures) => {
            conclusion.kept = false;
            Then::Ended(conclusion, pictures)
        }
        Then::Kept { .. } => Then::PictureLost("the sink did not keep it".to_owned()),
        other => other,
    };
    settlement
}
