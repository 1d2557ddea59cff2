//! `advance inspect`: what a saved reply or request says, without any network.

mod data;
mod detect;
mod embedded;
mod find;
mod har;
mod head;
mod message;
mod own;
mod reply;
mod request;

use std::fs::File;
use std::io::{self, Read};

use advance_core::Charges;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::decode::{self, LARGEST};
use crate::out::Out;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::style::{BOLD, styled};
use crate::text::clean;

use find::{Found, What};

const HELP: &str = "\
It takes what there is: a body, several of them, JSON lines, curl -i and curl -v output, a HAR, a log line or a JSON \
string with the body in it, this command's own --json; UTF-16, gzip and byte order marks. Nothing is sent.

Of a request it checks the rules and, if the keys are set as for the other commands, the signature.

The exit status is 1 if the file holds nothing of this API, a reply that does not fit the format, or a request that the \
vendor would refuse. A reply that tells of a failure is explained like another: 0.

Examples:
  advance inspect reply.json
  advance inspect --as get-result reply.json --json
  curl -i https://api.advance.ai/ | advance inspect -";

/// Explain a saved reply or request, without any network
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The saved file, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: String,
    /// Which call was answered, if it is not to be found out
    #[arg(long = "as", value_name = "ENDPOINT")]
    endpoint: Option<detect::Call>,
    /// Show the token, the links, what was read off the card and the text of an exception, too
    #[arg(long)]
    reveal: bool,
    /// Check signatures with the keys of this profile [env: ADVANCE_PROFILE]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// One thing that was found, explained.
struct Explained {
    object: Map<String, Value>,
    text: String,
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct Printed<'a> {
    undone: &'a [&'static str],
    documents: Vec<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Problem>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let name = if args.file == "-" {
        "standard input"
    } else {
        &args.file
    };
    let bytes = read(&args.file).map_err(|error| {
        Stop::from(Problem::local("file", format!("cannot read {name}")).caused_by(&error))
    })?;
    let decoded = decode::text(&bytes)?;
    let found = find::all(&decoded.text);
    if found.is_empty() {
        return Err(nothing(name, &decoded.text).into());
    }
    let settings = Settings::load(args.profile.as_deref())?;
    let mut explained = Vec::new();
    for one in &found {
        explained.push(explain(one, args, &settings, out)?);
    }
    let failed = explained.iter().filter(|one| one.problem.is_some()).count();
    let problem = match &explained[..] {
        [Explained { problem, .. }] => problem.clone(),
        _ if failed > 0 => Some(Problem::local(
            "documents",
            format!(
                "{failed} of {} do not fit the format or would be refused",
                found.len()
            ),
        )),
        _ => None,
    };
    if out.is_json() {
        out.object(&Printed {
            undone: &decoded.undone,
            documents: explained.iter().map(|one| &one.object).collect(),
            error: problem.as_ref(),
        })?;
        return problem.map_or(Ok(()), |problem| Err(Stop::Told(problem.exit())));
    }
    let several = found.len() > 1;
    for (index, (one, explained)) in found.iter().zip(&explained).enumerate() {
        if several {
            let gap = if index > 0 { "\n" } else { "" };
            let heading = styled(BOLD, &format!("{} of {}", index + 1, found.len()));
            out.text(&format!("{gap}{heading} ({})\n", clean(&one.place)))?;
        }
        out.text(&explained.text)?;
        if let Some(problem) = explained.problem.as_ref().filter(|_| several) {
            out.text(&problem.paragraph())?;
        }
    }
    match problem {
        // This command sent nothing; the reply's own cost was told above.
        Some(problem) => Err(problem.after(0, Charges::NONE).into()),
        None => Ok(()),
    }
}

fn read(file: &str) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
    let mut body = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut body)?;
    if body.len() as u64 > LARGEST {
        return Err(io::Error::other("it has more than 64 MiB"));
    }
    Ok(body)
}

/// What is no reply is an error of the file, not of the vendor.
fn nothing(name: &str, text: &str) -> Problem {
    let trimmed = text.trim_start();
    let what = if trimmed.is_empty() {
        "it is empty"
    } else if trimmed.starts_with('<') {
        "it is a page (HTML or XML): a proxy or a wrong host may have answered"
    } else if trimmed.starts_with(['{', '[']) && serde_json::from_str::<Value>(trimmed).is_err() {
        "its JSON breaks off or is damaged"
    } else {
        "nothing in it looks like a reply or a request of this API"
    };
    Problem::local(
        "file",
        format!("{name} holds no reply and no request of this API: {what}"),
    )
    .hint("save the body as it came, for example with `curl -o reply.json`")
}

fn explain(found: &Found, args: &Args, settings: &Settings, out: &Out) -> Result<Explained, Stop> {
    let mut explained = match &found.what {
        What::Reply => reply::explain(found, args.endpoint, args.reveal, out)?,
        What::Request(call) => request::explain(found, *call, settings, out)?,
        What::Failure => own::failure(found, out),
    };
    explained
        .object
        .insert("place".to_owned(), found.place.clone().into());
    Ok(explained)
}
