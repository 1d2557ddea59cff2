//! `advance sandbox fault`: the vendor on a bad day.

use clap::ArgGroup;
use serde_json::{Map, Value, json};

use super::control::{Where, told};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

/// Let the sandbox fail: which calls, how often, and in which way
#[derive(clap::Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["code", "status", "delay", "body", "clear"]))]
pub(super) struct Args {
    /// Which calls: generate-token, generate-url or get-result [default: all]
    #[arg(value_name = "ENDPOINT", hide_possible_values = true, value_parser = ["generate-token", "generate-url", "get-result"])]
    endpoint: Option<String>,
    /// Answer with this code, such as SERVICE_BUSY
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// With this message
    #[arg(long, value_name = "TEXT", requires = "code")]
    message: Option<String>,
    /// With this HTTP status
    #[arg(long, value_name = "STATUS")]
    status: Option<u16>,
    /// With this Retry-After, such as 10s
    #[arg(long, value_name = "TEXT")]
    retry_after: Option<String>,
    /// Keep the reply back so long
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
    /// Only so often
    #[arg(long, value_name = "NUMBER")]
    times: Option<u32>,
    /// Only each call whose number is a multiple of this
    #[arg(long, value_name = "NUMBER", conflicts_with = "chance")]
    every: Option<u64>,
    /// Only with this probability, 0 to 1
    #[arg(long, value_name = "P")]
    chance: Option<f64>,
    /// All that the sandbox's documentation names, as its JSON body; - reads it from standard input
    #[arg(long, value_name = "JSON", conflicts_with_all = ["code", "status", "delay"])]
    body: Option<String>,
    /// End all faults
    #[arg(long, conflicts_with_all = ["code", "status", "delay", "body"])]
    clear: bool,
    #[command(flatten)]
    at: Where,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    if args.clear {
        args.at.delete("faults")?;
        return told(out, "no fault stands any more");
    }
    args.at.call(Some(&args.planned()?), "faults")?;
    told(out, "the fault stands; `advance sandbox fault --clear` ends all")
}

impl Args {
    fn planned(&self) -> Result<Value, Stop> {
        if let Some(body) = &self.body {
            let text = if body == "-" {
                crate::results::input::read("-")?
            } else {
                body.clone()
            };
            return serde_json::from_str(&text)
                .map_err(|error| Problem::usage("--body is not JSON").caused_by(&error).into());
        }
        let mut fault = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fault.insert(name.to_owned(), value);
            }
        };
        add("endpoint", self.endpoint.as_deref().map(Value::from));
        add("times", self.times.map(Value::from));
        add("every", self.every.map(Value::from));
        add("chance", self.chance.map(Value::from));
        add("delayMs", self.delay.map(Value::from));
        let said = [
            ("code", self.code.as_deref().map(Value::from)),
            ("message", self.message.as_deref().map(Value::from)),
            ("status", self.status.map(Value::from)),
            ("retryAfter", self.retry_after.as_deref().map(Value::from)),
        ];
        let said: Map<String, Value> = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        if !said.is_empty() {
            fault.insert("fail".to_owned(), said.into());
        }
        Ok(json!({ "plan": [fault] }))
    }
}
