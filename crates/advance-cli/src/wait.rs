//! Waiting until a person has finished.

use std::thread;
use std::time::Duration;

use advance_core::{Charges, ErrorKind, Response, UnixMillis, Verification, VerificationLink};

use crate::api::Api;
use crate::out::Out;
use crate::problem::{Problem, Stop};
use crate::time;

/// How often to ask.
pub(crate) struct Pace {
    first: Duration,
    longest: Duration,
}

impl Pace {
    /// For the vendor: after 3 s at first, after 30 s in the end.
    pub(crate) const POLITE: Self = Self {
        first: Duration::from_secs(3),
        longest: Duration::from_secs(30),
    };
    /// For a sandbox of our own, which nobody else uses.
    pub(crate) const EAGER: Self = Self {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(1),
    };
}

/// A link lives this long by the document, whatever a wrong clock on either side makes of its `expiredTime`.
const DOCUMENTED_LIFE: Duration = Duration::from_secs(3_600);
/// No link lives longer than this.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// Asks until there is a result or the link has ended.
pub(crate) fn until_finished(
    api: &Api,
    link: &VerificationLink,
    pace: &Pace,
    out: &Out,
) -> Result<Response<Verification>, Stop> {
    let end = end_of(link, time::now());
    let mut pause = pace.first;
    let mut polls: u32 = 0;
    out.progress("waiting for the person to finish …");
    loop {
        match api.poll(link.signature_id()) {
            Ok(response) if is_finished(response.data()) => return Ok(response),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::MissingData => {}
            Err(error) => return api.explained(Err(error)),
        }
        polls = polls.saturating_add(1);
        let left = end.saturating_since(time::now());
        if left.is_zero() {
            return Err(nobody_finished(api, polls));
        }
        thread::sleep(pause.min(left));
        pause = pause.saturating_mul(2).min(pace.longest);
    }
}

/// What get-result says before the end is not documented; without an `idvCode` there is no result in any case.
pub(crate) const fn is_finished(verification: &Verification) -> bool {
    verification.idv_code().is_some()
}

fn end_of(link: &VerificationLink, now: UnixMillis) -> UnixMillis {
    let life = match link.remaining(now) {
        Duration::ZERO => DOCUMENTED_LIFE,
        life => life.min(LONGEST_LIFE),
    };
    now.saturating_add(life)
}

fn nobody_finished(api: &Api, polls: u32) -> Stop {
    let attempts = api.attempts().all();
    let mut charges = Charges::NONE;
    for attempt in &attempts {
        charges.record(attempt.charge());
    }
    let text =
        format!("nobody finished before the link ended; asked {polls} times; make a new link and try again");
    let sent = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
    Problem::local("unfinished", text).after(sent, charges).into()
}
