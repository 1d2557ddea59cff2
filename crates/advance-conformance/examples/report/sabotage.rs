//! A protection is taken away, and the suite has to notice.

use advance_conformance::{Case, Claims, Outcome, Subject, cases, run_one};

use super::raw::{Raw, Without};
use super::tokio_runtime;

/// What can be taken away, by name, and the case that has to notice.
const SABOTAGES: [(&str, Without, &str); 9] = [
    ("redirects", Without::Redirects, "redirect_to_another_origin"),
    ("error-bodies", Without::ErrorBodies, "error_bodies_are_kept"),
    ("body-cap", Without::BodyCap, "body_too_large_by_its_chunks"),
    ("timeouts", Without::Timeouts, "silence_after_the_request"),
    (
        "url-in-errors",
        Without::UrlStripping,
        "nothing_is_shown_of_a_lost_request",
    ),
    ("own-retry", Without::NoRetry, "unavailable_is_sent_once"),
    (
        "sensitive-mark",
        Without::SensitiveMark,
        "nothing_secret_is_logged",
    ),
    ("certificates", Without::Certificates, "self_signed_certificate"),
    ("honesty", Without::Honesty, "reset_before_the_response"),
];

pub(crate) fn list() {
    for (name, _, case) in SABOTAGES {
        println!("{name} is caught by {case}");
    }
}

/// Whether the case passes with the protection, and fails without it: then the suite has failed, as it has to. None if
/// nothing can be said.
pub(crate) fn run(name: &str) -> Option<bool> {
    let Some((_, without, case)) = SABOTAGES.into_iter().find(|(known, ..)| *known == name) else {
        eprintln!("there is no sabotage `{name}`; see `--sabotage list`");
        return None;
    };
    let Some(case) = cases().find(|known| known.name == case) else {
        eprintln!("there is no case `{case}`");
        return None;
    };
    match (outcome(Without::Nothing, case), outcome(without, case)) {
        (Outcome::Passed, Outcome::Failed(text)) => {
            println!(
                "{name} is noticed by {}, row {}\nThe transport {text}",
                case.name, case.row
            );
            Some(true)
        }
        (Outcome::Passed, _) => {
            println!("{name} went unnoticed by {}, row {}", case.name, case.row);
            Some(false)
        }
        (with, _) => {
            eprintln!(
                "{name}: {} proves nothing, it does not pass with everything in place: {with:?}",
                case.name
            );
            None
        }
    }
}

fn outcome(without: Without, case: &'static Case) -> Outcome {
    let make = move |setup: &_| Raw::new(setup, without);
    let subject = Subject::asynchronous("raw", Claims::none().tls().pool(), make, tokio_runtime::block_on);
    run_one(&subject, case).outcome
}
