//! What a picture leads to, or its absence.

use std::time::Duration;

use advance_core::domain::Picture;
use advance_core::{Advice, Charges, Error, ErrorKind, ImageLink, Response, Verification};

use super::judge::{is_doubt, is_the_accounts, kind_of};
use super::{Job, pause};
use crate::sink::{Keepsake, What};
use crate::{Kind, Pictures, Settlement, Then, Work, hash};

/// How often another link is asked for.
pub(super) const QUESTIONS: u32 = 2;

/// How often a picture is tried in all.
const TRIES: u32 = 8;

/// It cannot be had, for this reason.
pub(super) fn lost(why: &str) -> Settlement {
    Settlement::new(Charges::NONE, Then::PictureLost(why.to_owned()))
}

/// It came.
pub(super) fn found(job: &Job, picture: &Picture) -> (Keepsake, Settlement) {
    let what = match job.kind() {
        Kind::CroppedImage => What::CroppedImage(picture.format()),
        _ => What::Image(picture.format()),
    };
    let bytes = picture.expose_bytes();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let kept = Then::kept(hash::sha256(bytes), length);
    (
        Keepsake::new(job.claim.signature_id.clone(), what, bytes.to_vec()),
        Settlement::new(Charges::NONE, kept),
    )
}

/// It did not come.
pub(super) fn missing(job: &Job, error: &Error) -> Settlement {
    let Work::Picture {
        link,
        tries,
        asked_again,
        ..
    } = &job.claim.work
    else {
        return lost(kind_of(error));
    };
    let pays = job.policy.pictures == Pictures::FetchAndPay && *asked_again < QUESTIONS;
    if error.kind() == ErrorKind::ImageExpired {
        return if pays {
            again(Duration::ZERO, None)
        } else {
            lost("its link has ended")
        };
    }
    if may_pass(error) && *tries < TRIES {
        let pause = later(*tries).max(error.retry_after().unwrap_or_default());
        return again(pause, link.clone());
    }
    lost(kind_of(error))
}

/// Another link was asked for.
pub(super) fn asked(job: &Job, kind: Kind, result: &Result<Response<Verification>, Error>) -> Settlement {
    let Work::Picture { tries, .. } = job.claim.work else {
        return lost("no picture");
    };
    match result {
        Ok(response) => {
            let link = match kind {
                Kind::CroppedImage => response.data().cropped_image(),
                _ => response.data().image(),
            };
            let then = match link {
                Some(link) => Then::picture_again(Duration::ZERO, Some(link.clone()), true),
                None => Then::PictureLost("the result has no link to it any more".to_owned()),
            };
            Settlement::new(response.charges(), then)
        }
        Err(error) if is_doubt(error) => Settlement::new(error.charges(), Then::Unsure(None)),
        Err(error) if (may_pass(error) || is_the_accounts(error)) && tries < TRIES => {
            let pause = later(tries).max(error.retry_after().unwrap_or_default());
            Settlement::new(error.charges(), Then::picture_again(pause, None, false))
        }
        Err(error) => Settlement::new(error.charges(), Then::PictureLost(kind_of(error).to_owned())),
    }
}

fn again(after: Duration, link: Option<ImageLink>) -> Settlement {
    Settlement::new(Charges::NONE, Then::picture_again(after, link, false))
}

/// From a second to two minutes.
fn later(tries: u32) -> Duration {
    pause(tries + 1) * 10
}

fn may_pass(error: &Error) -> bool {
    matches!(error.advice(), Advice::TryLater | Advice::CheckNetwork)
}
