//! Telling the person or the program why a command ended.

use std::io::Write as _;
use std::process::ExitCode;

use serde::Serialize;

use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

#[derive(Serialize)]
struct Reported<'a> {
    error: &'a Problem,
}

/// Says it, and how the process ends.
pub(crate) fn stop(stop: &Stop, out: &Out) -> ExitCode {
    ExitCode::from(exit(stop, out))
}

/// The same as a number.
pub(crate) fn exit(stop: &Stop, out: &Out) -> u8 {
    let problem = match stop {
        Stop::NobodyReads => return 0,
        Stop::Told(exit) => return *exit,
        Stop::Problem(problem) => problem,
    };
    let told = out.is_json() && out.object(&Reported { error: problem }).is_ok();
    if !told {
        // If stderr is closed as well, the exit status is all that is left.
        let _ = anstream::stderr().write_all(problem.paragraph().as_bytes());
    }
    problem.exit()
}
