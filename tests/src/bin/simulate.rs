//! Runs the simulation over many seeds: `cargo run --release -p advance-tests --bin simulate -- --seeds N [--start S]`.
//!
//! It exits with 1 as soon as an invariant does not hold, whichever machine it ran against: with `--sabotage NAME` (and
//! feature `sabotage`) that is one with a rule broken, so it has to fail, and passing says that the break went unnoticed.
//! `--sabotage list` names the rules. With `--client async` or `--client blocking` that client drives the session.
//! A single seed (`--seeds 1`) is told step by step, and so is the life that `--bytes HEX` decides: what a fuzzer found.
//! `--situations` plays what users
//! meet instead, ten seeds of each unless told otherwise, prints what it came to and fails by what a user would
//! complain about. 2 is for what is no command, 3 for
//! a panic, of the machine or of the simulation itself.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fmt;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use advance_tests::simulation::situations::{Figures, SITUATIONS, play};
use advance_tests::simulation::{
    Driven, Fault, Sabotage, Tally, Violation, replay_of, run, trail, trail_of_input,
};

/// Seeds that a thread takes at a time.
const BATCH: u64 = 64;

struct Order {
    seeds: u64,
    start: u64,
    sabotage: Option<Sabotage>,
    keep_going: bool,
    situations: bool,
    /// The client that drives the machine, if one does.
    client: Option<Driven>,
    /// The one life that is wanted instead of those of seeds.
    bytes: Option<Vec<u8>>,
}

impl Order {
    fn driven(&self) -> Driven {
        self.client.unwrap_or(Driven::ByHand(self.sabotage))
    }
}

fn main() -> ExitCode {
    match order(std::env::args().skip(1)) {
        Ok(Some(order)) if order.situations => play_all(&order),
        Ok(Some(Order {
            bytes: Some(bytes), ..
        })) => live(&bytes),
        Ok(Some(order)) => execute(&order),
        Ok(None) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!(
                "{problem}\nusage: simulate [--situations] [--seeds N] [--start S] [--client async|blocking] [--bytes HEX] [--sabotage NAME|list] [--keep-going]"
            );
            ExitCode::from(2)
        }
    }
}

/// What is wanted; nothing if it was only to name the sabotages.
fn order(mut arguments: impl Iterator<Item = String>) -> Result<Option<Order>, String> {
    let mut order = Order {
        seeds: 0,
        start: 0,
        sabotage: None,
        keep_going: false,
        situations: false,
        client: None,
        bytes: None,
    };
    let mut seeds = None;
    while let Some(name) = arguments.next() {
        if name == "--keep-going" {
            order.keep_going = true;
            continue;
        }
        if name == "--situations" {
            order.situations = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || {
            let digits = value.replace('_', "");
            digits
                .parse::<u64>()
                .map_err(|_| format!("{name} needs a number, not {value:?}"))
        };
        match name.as_str() {
            "--seeds" => seeds = Some(number()?),
            "--start" => order.start = number()?,
            "--sabotage" if value == "list" => {
                for sabotage in Sabotage::ALL {
                    println!("{sabotage}");
                }
                return Ok(None);
            }
            "--client" => {
                order.client = Some(match value.as_str() {
                    "async" => Driven::OnTasks,
                    "blocking" => Driven::OnThreads,
                    other => {
                        return Err(format!(
                            "there is no client {other:?}; there are async and blocking"
                        ));
                    }
                });
            }
            "--bytes" => {
                let bytes = hex::decode(&value).map_err(|_| "--bytes needs hexadecimal digits")?;
                order.bytes = Some(bytes);
            }
            "--sabotage" => order.sabotage = Some(value.parse()?),
            other => return Err(format!("there is no option {other}")),
        }
    }
    order.seeds = seeds.unwrap_or(if order.situations { 10 } else { 10_000 });
    if order.sabotage.is_some() && order.client.is_some() {
        return Err("rules are broken in the session, which --client has no access to".to_owned());
    }
    if order.sabotage.is_some() && !Sabotage::is_possible() {
        return Err("the machine was compiled without breakable rules; add --features sabotage".to_owned());
    }
    Ok(Some(order))
}

/// The life that these bytes decide, step by step.
fn live(bytes: &[u8]) -> ExitCode {
    let (trail, result) = trail_of_input(bytes);
    println!("{}", trail.join("\n"));
    match result {
        Ok(tally) => {
            println!("{tally:?}");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            eprintln!("{violation}\nreplay: {}", replay_of(bytes));
            ExitCode::FAILURE
        }
    }
}

/// How a seed failed.
#[derive(Debug)]
enum Problem {
    Violation(Violation),
    /// Its own text stands above.
    Panic,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::Panic => f.write_str("it panics"),
        }
    }
}

impl Problem {
    fn rule(&self) -> &'static str {
        match self {
            Self::Violation(violation) => violation.invariant.name(),
            Self::Panic => "panic",
        }
    }

    fn exit(&self) -> ExitCode {
        match self {
            Self::Violation(_) => ExitCode::FAILURE,
            Self::Panic => ExitCode::from(3),
        }
    }
}

/// What the threads share.
struct Shared {
    next: AtomicU64,
    tally: Mutex<Tally>,
    /// The lowest seed that failed.
    failed: Mutex<Option<(u64, Problem)>>,
}

fn execute(order: &Order) -> ExitCode {
    let began = Instant::now();
    let shared = Shared {
        next: AtomicU64::new(0),
        tally: Mutex::default(),
        failed: Mutex::default(),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(order, &shared));
        }
    });
    let took = began.elapsed();
    let failed = shared.failed.into_inner().unwrap_or_default();
    // What panics has no trail.
    if order.seeds == 1
        && let Ok((trail, _)) = catch_unwind(|| trail(order.start, order.driven()))
    {
        println!("{}", trail.join("\n"));
    }
    match (order.sabotage, failed) {
        (None, None) => {
            let tally = shared.tally.into_inner().unwrap_or_default();
            report(order, &tally);
            println!("wall time       {:.1} s on {threads} threads", took.as_secs_f64());
            ExitCode::SUCCESS
        }
        (None, Some((seed, problem))) => {
            eprintln!(
                "seed {seed} fails\n{problem}\nreplay: {}",
                replay(seed, order.driven())
            );
            problem.exit()
        }
        (Some(sabotage), Some((seed, problem))) => {
            println!(
                "{sabotage} is noticed by {}, at seed {seed}\n{problem}\nreplay: {}",
                problem.rule(),
                replay(seed, order.driven())
            );
            problem.exit()
        }
        (Some(sabotage), None) if play_all(order) != ExitCode::SUCCESS => {
            println!("{sabotage} is noticed by complaints, in the situations above");
            ExitCode::FAILURE
        }
        (Some(sabotage), None) => {
            println!(
                "{sabotage} went unnoticed in {} seeds from {}",
                order.seeds, order.start
            );
            ExitCode::SUCCESS
        }
    }
}

/// Every situation, and what users would complain about.
fn play_all(order: &Order) -> ExitCode {
    println!("{:40}  {:6}  {}", "situation", "row", Figures::HEAD);
    let played = Mutex::new(vec![None; SITUATIONS.len()]);
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(situation) = SITUATIONS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut sum = Figures::default();
                    for offset in 0..order.seeds.min(if order.sabotage.is_some() { 1 } else { 10 }) {
                        sum.add(play(situation, order.start.wrapping_add(offset), order.sabotage));
                    }
                    if let Ok(mut played) = played.lock()
                        && let Some(place) = SITUATIONS.iter().position(|other| other.name == situation.name)
                    {
                        played[place] = Some(sum);
                    }
                }
            });
        }
    });
    let mut complaints = Vec::new();
    let played = played.into_inner().unwrap_or_default();
    for (situation, figures) in SITUATIONS.iter().zip(played) {
        let Some(figures) = figures else { continue };
        println!("{:40}  {:6}  {figures}", situation.name, situation.row);
        let found = figures.complaints(&situation.bounds);
        complaints.extend(
            found
                .into_iter()
                .map(|found| format!("{}: {found}", situation.name)),
        );
    }
    if complaints.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\ncomplaints:\n{}", complaints.join("\n"));
    ExitCode::FAILURE
}

fn work(order: &Order, shared: &Shared) {
    let mut tally = Tally::default();
    'batches: loop {
        let first = shared.next.fetch_add(BATCH, Ordering::Relaxed);
        let end = first.saturating_add(BATCH);
        for offset in first..end.min(order.seeds) {
            let seed = order.start.wrapping_add(offset);
            let problem = match catch_unwind(|| run(seed, order.driven())) {
                Ok(Ok(one)) => {
                    tally.add(&one);
                    continue;
                }
                Ok(Err(violation)) => Problem::Violation(violation),
                Err(_) => Problem::Panic,
            };
            if order.keep_going {
                println!("seed {seed}: {problem}");
            }
            fail(shared, seed, problem);
            if !order.keep_going {
                // Batches are handed out in order, so a lower one is under way already.
                shared.next.store(order.seeds, Ordering::Relaxed);
                break 'batches;
            }
        }
        if end >= order.seeds {
            break;
        }
    }
    if let Ok(mut sum) = shared.tally.lock() {
        sum.add(&tally);
    }
}

fn fail(shared: &Shared, seed: u64, problem: Problem) {
    if let Ok(mut failed) = shared.failed.lock()
        && failed.as_ref().is_none_or(|(lowest, _)| seed < *lowest)
    {
        *failed = Some((seed, problem));
    }
}

fn replay(seed: u64, driven: Driven) -> String {
    let how = match driven {
        Driven::ByHand(None) => String::new(),
        Driven::ByHand(Some(sabotage)) => format!(" --sabotage {sabotage}"),
        Driven::OnTasks => " --client async".to_owned(),
        Driven::OnThreads => " --client blocking".to_owned(),
    };
    format!("cargo xtask simulate --seeds 1 --start {seed}{how}")
}

fn report(order: &Order, tally: &Tally) {
    let hours = tally.virtual_time.as_secs() / 3_600;
    println!("seeds           {} from {}", order.seeds, order.start);
    println!(
        "calls           {}, of which {} succeeded",
        tally.calls, tally.succeeded
    );
    println!(
        "sends           {}, of which {} for tokens",
        tally.sends, tally.token_requests
    );
    println!(
        "most sends      attempts + {} in one call",
        tally.most_beyond_attempts
    );
    println!(
        "waits           {}, with {} polls, {} nudges and {} cancellations",
        tally.waits, tally.polls, tally.nudges, tally.cancellations
    );
    println!(
        "batches         {}, of {} results",
        tally.batches, tally.batch_items
    );
    println!("transitions     {}", tally.transitions);
    println!("faults          {}", tally.faults.total());
    for fault in Fault::ALL {
        println!("  {:<22}{}", fault.name(), tally.faults.of(*fault));
    }
    println!("virtual time    {hours} hours");
}
