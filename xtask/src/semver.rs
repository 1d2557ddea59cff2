//! No change that breaks a user without the version saying so, by cargo-semver-checks.

use crate::command::passes;
use crate::publish::last_tag;
use crate::tools::SEMVER_CHECKS;

pub(crate) fn check() -> bool {
    let Some(tag) = last_tag() else {
        println!("-- there is no tag yet, so there is nothing that a change could break");
        return true;
    };
    SEMVER_CHECKS.command().is_some_and(|mut command| {
        command.args(["--workspace", "--baseline-rev", &tag]);
        passes(command)
    })
}
