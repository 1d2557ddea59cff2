//! What a userId or an access key makes the sandbox do.

use advance_core::BaseUrl;
use advance_sandbox::Scenario;
use advance_sandbox::model::Place;
use serde::Serialize;

use super::reach;
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;
use crate::style::{BOLD, styled};
use crate::text::{Rows, cut};

/// List what a userId or an access key makes the sandbox do
#[derive(clap::Args)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Printed {
    scenarios: Vec<One>,
}

#[derive(Serialize)]
struct One {
    name: String,
    place: &'static str,
    help: &'static str,
}

pub(super) fn run(out: &Out) -> Result<(), Stop> {
    let all = Scenario::all().map(|scenario| One {
        name: scenario.name(),
        place: match scenario.place {
            Place::UserId => "user_id",
            Place::AccessKey => "access_key",
        },
        help: scenario.help,
    });
    let scenarios: Vec<One> = all.collect();
    if out.is_json() {
        return out.object(&Printed { scenarios });
    }
    let mut text = String::new();
    for (place, heading) in [("user_id", "As a userId"), ("access_key", "As an access key")] {
        let mut rows = Rows::default();
        for one in scenarios.iter().filter(|one| one.place == place) {
            rows.add([&one.name, &one.help.replace('`', "")]);
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        text += &format!("{gap}{}\n{}", styled(BOLD, heading), out.lines(&rows, 2));
    }
    out.text(&text)
}

/// Refuses a userId that looks magic and is none: a typing error would be waited for.
pub(crate) fn check(user_id: &str) -> Result<(), Stop> {
    if !user_id.starts_with("sbx-") {
        return Ok(());
    }
    let of_users = Scenario::all().filter(|scenario| matches!(scenario.place, Place::UserId));
    known(
        user_id,
        &of_users.map(|scenario| scenario.name()).collect::<Vec<_>>(),
    )
}

/// The same with the names of the sandbox that answers there, before a link is asked for. Elsewhere, the name is a
/// customer's like another.
pub(crate) fn check_at(base_url: &BaseUrl, wiring: &Wiring, user_id: &str) -> Result<(), Stop> {
    reach::user_ids(base_url, wiring).map_or(Ok(()), |names| known(user_id, &names))
}

fn known(user_id: &str, names: &[String]) -> Result<(), Stop> {
    let is_it = |name: &String| match name.find(|letter: char| letter.is_ascii_uppercase()) {
        // What is written in capitals stands for a value.
        Some(value) => user_id.len() > value && user_id.starts_with(&name[..value]),
        None => user_id == name,
    };
    if names.iter().any(is_it) {
        return Ok(());
    }
    let message = format!(
        "there is no scenario {}; there are {}",
        cut(user_id),
        names.join(", ")
    );
    Err(Problem::usage(message)
        .hint("`advance sandbox scenarios` says what each does")
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_no_scenario() {
        for good in ["somebody", "sbx-ok", "sbx-pending-3"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["sbx-nope", "sbx-", "sbx-okay", "sbx-pending-"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
