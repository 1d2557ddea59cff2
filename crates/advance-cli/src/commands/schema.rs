//! `advance schema`: what the JSON of each command looks like.

use crate::out::Out;
use crate::stop::Stop;

const HELP: &str = "\
Every schema says also what the object of a failure looks like.

Examples:
  advance schema result
  advance schema wait";

/// Print the JSON Schema of a command's output
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Of which command
    of: Of,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Of {
    Collect,
    Config,
    Demo,
    Doctor,
    Image,
    Inspect,
    Link,
    Result,
    Sandbox,
    Sign,
    Token,
    Wait,
}

impl Of {
    const fn schema(self) -> &'static str {
        match self {
            Self::Collect => include_str!("../../schemas/collect.json"),
            Self::Config => include_str!("../../schemas/config.json"),
            Self::Demo => include_str!("../../schemas/demo.json"),
            Self::Doctor => include_str!("../../schemas/doctor.json"),
            Self::Image => include_str!("../../schemas/image.json"),
            Self::Inspect => include_str!("../../schemas/inspect.json"),
            Self::Link => include_str!("../../schemas/link.json"),
            Self::Result => include_str!("../../schemas/result.json"),
            Self::Sandbox => include_str!("../../schemas/sandbox.json"),
            Self::Sign => include_str!("../../schemas/sign.json"),
            Self::Token => include_str!("../../schemas/token.json"),
            Self::Wait => include_str!("../../schemas/wait.json"),
        }
    }
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    out.plain(args.of.schema())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::ValueEnum as _;
    use serde_json::Value;

    use super::*;

    /// The words of `error.kind`, but for those that only `collect` has.
    fn kinds(of: Of) -> BTreeSet<String> {
        let schema: Value = serde_json::from_str(of.schema()).unwrap();
        let kinds = schema["$defs"]["error"]["properties"]["kind"]["enum"]
            .as_array()
            .unwrap();
        let words = kinds.iter().map(|kind| kind.as_str().unwrap());
        words
            .filter(|word| !["collect", "store"].contains(word))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_schema_knows_every_kind_of_error() {
        for of in Of::value_variants() {
            let name = of.to_possible_value().unwrap();
            assert_eq!(kinds(*of), kinds(Of::Wait), "{}", name.get_name());
        }
    }
}
