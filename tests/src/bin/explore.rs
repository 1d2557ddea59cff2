//! Lives every life in a stated scope: `cargo run --profile checked -p advance-tests --bin explore -- [--run NAME]`.
//!
//! It exits with 1 if a life violates a rule, whichever machine it ran against: with `--sabotage NAME` (and feature
//! `sabotage`) that is one with a rule broken. `--deep` goes as deep as a release wants, `--departures N` so deep, `--complete` to the end,
//! `--estimate N` only says how many lives there are, by N at random, and
//! `--life 0.3.1` replays one life of a run and tells it. 2 is for what is no command.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use advance_tests::exploration::{Depth, Failure, Played, SCOPES, Scope, estimate, play, replay, scope};
use advance_tests::simulation::Sabotage;

const USAGE: &str = "usage: explore [--run NAME] [--deep | --departures N | --complete] [--estimate N] [--life DIGITS] [--sabotage NAME|list] [--list]";

#[derive(Default)]
struct Order {
    run: Option<&'static Scope>,
    deep: bool,
    complete: bool,
    departures: Option<usize>,
    estimate: Option<u32>,
    life: Option<Vec<usize>>,
    sabotage: Option<Sabotage>,
}

fn main() -> ExitCode {
    match order(std::env::args().skip(1)) {
        Ok(Some(order)) => execute(&order),
        Ok(None) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// What is wanted; nothing if it was only to name something.
fn order(mut arguments: impl Iterator<Item = String>) -> Result<Option<Order>, String> {
    let mut order = Order::default();
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--deep" => order.deep = true,
            "--complete" => order.complete = true,
            "--list" => {
                for scope in SCOPES {
                    println!("{:16} {}", scope.name, scope.covers);
                }
                return Ok(None);
            }
            _ => {
                let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
                if name == "--sabotage" && value == "list" {
                    for sabotage in Sabotage::ALL {
                        println!("{sabotage}");
                    }
                    return Ok(None);
                }
                order.set(&name, &value)?;
            }
        }
    }
    if order.sabotage.is_some() && !Sabotage::is_possible() {
        return Err("the machine was compiled without breakable rules; add --features sabotage".to_owned());
    }
    if order.life.is_some() && order.run.is_none() {
        return Err("--life needs the --run that it belongs to".to_owned());
    }
    Ok(Some(order))
}

impl Order {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = |text: &str| {
            text.parse::<usize>()
                .map_err(|_| format!("{name} needs numbers, not {text:?}"))
        };
        match name {
            "--run" => self.run = Some(scope(value)?),
            "--departures" => self.departures = Some(number(value)?),
            "--estimate" => self.estimate = Some(u32::try_from(number(value)?).unwrap_or(u32::MAX)),
            "--life" if value == "plain" => self.life = Some(Vec::new()),
            "--life" => self.life = Some(value.split('.').map(number).collect::<Result<_, _>>()?),
            "--sabotage" => self.sabotage = Some(value.parse()?),
            other => return Err(format!("there is no option {other}")),
        }
        Ok(())
    }

    fn depth(&self, scope: &Scope) -> Depth {
        match self.departures {
            Some(most) => Depth::Departures(most),
            None if self.complete => Depth::Complete,
            None if self.deep => scope.depth.1,
            None => scope.depth.0,
        }
    }
}

fn execute(order: &Order) -> ExitCode {
    if let (Some(scope), Some(digits)) = (order.run, &order.life) {
        let (trail, result) = replay(scope, digits, order.sabotage);
        println!("{}", trail.join("\n"));
        return match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(violation) => {
                println!("{violation}");
                ExitCode::FAILURE
            }
        };
    }
    let chosen: Vec<&Scope> = match order.run {
        Some(scope) => vec![scope],
        None => SCOPES.iter().collect(),
    };
    if let Some(probes) = order.estimate {
        for scope in chosen {
            let depth = order.depth(scope);
            let lives = estimate(scope, depth, probes);
            println!(
                "{:16} about {lives:.1e} lives  {:13}",
                scope.name,
                depth.to_string()
            );
        }
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    let played = all(&chosen, order);
    let failed = chosen
        .iter()
        .zip(&played)
        .find_map(|(scope, played)| Some((*scope, played.as_ref()?.failure.as_ref()?)));
    if let Some((scope, failure)) = failed {
        report(scope, failure, order.sabotage);
        return ExitCode::FAILURE;
    }
    let (mut lives, mut transitions, mut time) = (0, 0, Duration::ZERO);
    for (scope, played) in chosen.iter().zip(played.iter().flatten()) {
        println!(
            "{:16} {:>11} lives  {:>12} transitions  {:>7.1} s  {:13}  {}",
            scope.name,
            played.lives,
            played.transitions,
            played.took.as_secs_f64(),
            order.depth(scope).to_string(),
            scope.covers
        );
        lives += played.lives;
        transitions += played.transitions;
        time += played.took;
    }
    println!(
        "together         {lives:>11} lives  {transitions:>12} transitions  {:>7.1} s of work, {:.1} s by the clock",
        time.as_secs_f64(),
        began.elapsed().as_secs_f64()
    );
    println!("covered: every order of what may happen, by the words of each run; of each order one timing.");
    println!(
        "not covered: more calls at once than a run names, replies beyond its alphabet, and what departs more often \
         than its depth from the plain course (each request answered in turn by the first of its alphabet)."
    );
    if let Some(sabotage) = order.sabotage {
        println!("{sabotage} went unnoticed");
    }
    ExitCode::SUCCESS
}

/// Each run on a thread of its own, as many at a time as there are cores. None begins after one has failed.
fn all(chosen: &[&Scope], order: &Order) -> Vec<Option<Played>> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(chosen.len());
    let mut played: Vec<(usize, Played)> = thread::scope(|threads_of| {
        let work = || {
            let mut mine = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(scope) = chosen.get(number) else { break };
                let one = play(scope, order.depth(scope), order.sabotage);
                if one.failure.is_some() {
                    next.store(chosen.len(), Ordering::Relaxed);
                }
                mine.push((number, one));
            }
            mine
        };
        let workers: Vec<_> = (0..threads).map(|_| threads_of.spawn(work)).collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
            .collect()
    });
    played.sort_by_key(|(number, _)| *number);
    let mut played = played.into_iter().peekable();
    (0..chosen.len())
        .map(|number| played.next_if(|(at, _)| *at == number).map(|(_, one)| one))
        .collect()
}

fn report(scope: &Scope, failure: &Failure, sabotage: Option<Sabotage>) {
    let digits: Vec<String> = failure.digits.iter().map(ToString::to_string).collect();
    let life = if digits.is_empty() {
        "plain".to_owned()
    } else {
        digits.join(".")
    };
    let broken = sabotage.map_or_else(String::new, |sabotage| format!(" --sabotage {sabotage}"));
    if let Some(sabotage) = sabotage {
        let rule = failure.violation.invariant.name();
        println!("{sabotage} is noticed by {rule}, in {}", scope.name);
    }
    println!(
        "{}\nshortest life: {} departures from the plain course\nreplay: cargo xtask explore --run {} --life {life}{broken}",
        failure.violation,
        failure.digits.iter().filter(|digit| **digit > 0).count(),
        scope.name
    );
}
