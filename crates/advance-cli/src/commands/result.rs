//! `advance result`: how verifications ended.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::connection::Connection;
use crate::net::api::Api;
use crate::net::each::Pace;
use crate::out::Out;
use crate::problem::Problem;
use crate::results::run::Order;
use crate::results::{input, run};
use crate::stop::Stop;

const HELP: &str = "\
With --output, each result is on the disk before the next request of its place is sent. After a kill or Ctrl-C, the same \
command goes on: results that are there are skipped, a torn last line is cut, and what was under way is counted as of \
unknown cost, by a journal beside the output (FILE.journal.jsonl). What could not be had is in FILE.failures.jsonl, which \
another run takes as its --input. If DIR is a folder or ends in /, the three files are in it.

The run stops by itself when nothing can get better: no balance, no right, wrong keys, or no network.

Examples:
  advance result SIGNATURE_ID
  advance result SIGNATURE_ID --json
  advance result --input ids.txt --output results.jsonl
  advance result -i customers.csv --column id -o results/ --images pictures";

/// Fetch how one or more verifications ended
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Which verifications: the signatureIds that came with their links
    #[arg(value_name = "SIGNATURE_ID", required_unless_present = "input")]
    signature_ids: Vec<String>,
    /// Read ids from this file, or - for standard input: one a line, a column of CSV, or JSON lines; each is asked for once
    #[arg(short, long, value_name = "FILE")]
    input: Option<String>,
    #[arg(
        long,
        value_name = "NAME",
        requires = "input",
        help = "The column of the ids, if the input is CSV [default: signatureId]"
    )]
    column: Option<String>,
    /// Write results to this file as lines of JSON, and go on where an earlier run ended
    #[arg(short, long, value_name = "FILE|DIR/")]
    output: Option<String>,
    /// Fetch the pictures into this folder as well
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Take pictures from this host as well
    #[arg(long, value_name = "HOST")]
    image_host: Vec<String>,
    /// How many to ask for at the same time
    #[arg(long, value_name = "NUMBER", default_value = "8")]
    concurrency: NonZeroUsize,
    /// The least time between two, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    interval: u64,
    /// Show what was read off the card and the links to the pictures
    #[arg(long)]
    reveal: bool,
    /// Tell the outcome by the exit status
    #[arg(long)]
    exit_status: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let ids = input::ids(&args.signature_ids, args.input.as_deref(), args.column.as_deref())?;
    if let Some(folder) = &args.images {
        fs::create_dir_all(folder).map_err(|error| {
            Stop::from(Problem::usage(format!("cannot make {}", folder.display())).caused_by(&error))
        })?;
    }
    let api = Api::connect(&args.connection, out)?;
    let pace = Pace {
        concurrency: args.concurrency,
        interval: Duration::from_millis(args.interval),
        pictures: api.pictures(&args.image_host)?,
    };
    let order = Order {
        ids,
        output: args.output.as_deref(),
        images: args.images.clone(),
        reveal: args.reveal,
        exit_status: args.exit_status,
    };
    let tally = run::run(&api, order, &pace, out)?;
    match tally.exit() {
        exit if args.exit_status && exit != 0 => Err(Stop::Told(exit)),
        _ => Ok(()),
    }
}
