//! Stores and the collector, struck and killed: `cargo run --release -p advance-tests --bin stores -- TASK`.
//!
//! It exits with 1 if an invariant does not hold, and names it. With `--sabotage NAME` (and feature `sabotage`) a protection
//! is taken away, so it has to fail.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use advance_tests::collecting::processes::{
    Chaos, Fleet, FleetWorker, PACE, chaos, fleet, fleet_scenes, fleet_speed, has_postgres, power, speed,
    worker,
};
use advance_tests::collecting::{Charging, Sabotage, Thousand, explore, run, thousand};

const USAGE: &str = "\
usage: stores simulate [--seeds N] [--start S] [--sabotage NAME]
       stores explore [--twice] [--sabotage NAME]
       stores chaos [--ids N] [--kills N] [--stops N] [--per-poll] [--sleep] [--sabotage NAME]
       stores power [--ids N] [--sabotage NAME]
       stores speed [--rows N]
       stores postgres
       stores fleet [--ids N] [--workers N] [--kills N] [--crashes N] [--stops N] [--rate N] [--per-poll] [--sabotage NAME]
       stores fleet-scenes [--sabotage NAME]
       stores fleet-model [--workers N] [--ids N] [--added N] [--rate N] [--seed S] [--sabotage NAME]
       stores fleet-speed [--rows N] [--workers N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match task(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn task(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let after = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name);
        place.and_then(|place| arguments.get(place + 1))
    };
    let number = |name: &str, default: u64| -> Result<u64, Box<dyn Error>> {
        Ok(after(name)
            .map(|text| text.parse())
            .transpose()?
            .unwrap_or(default))
    };
    let small =
        |name: &str, default| -> Result<u32, Box<dyn Error>> { Ok(number(name, default)?.try_into()?) };
    let name = after("--sabotage").map(String::as_str);
    let sabotage = name.filter(|name| *name != PACE).map(sabotage).transpose()?;
    match arguments.first().map(String::as_str) {
        Some("simulate") => simulate(number("--seeds", 10_000)?, number("--start", fresh())?, sabotage),
        Some("explore") => {
            let lives = explore(given("--twice"), sabotage).map_err(|violation| violation.to_string())?;
            println!("explored {lives} lives");
            Ok(())
        }
        Some("chaos") => {
            let wild = Chaos {
                ids: number("--ids", 10_000)?,
                kills: small("--kills", 100)?,
                stops: small("--stops", 1)?,
                charging: if given("--per-poll") {
                    Charging::PerPoll
                } else {
                    Charging::PerResult
                },
                sleeps: given("--sleep"),
            };
            chaos(wild, name)
        }
        Some("power") => power(number("--ids", 200)?, name),
        Some("speed") => speed(number("--rows", 10_000)?),
        Some("postgres") if has_postgres() => Ok(()),
        Some("postgres") => Err("there is no Postgres on this machine".into()),
        Some("fleet") => {
            let wild = Fleet {
                ids: number("--ids", 10_000)?,
                workers: small("--workers", 8)?,
                kills: small("--kills", 100)?,
                crashes: small("--crashes", 5)?,
                stops: small("--stops", 3)?,
                rate: small("--rate", 100)?.try_into()?,
                charging: if given("--per-poll") {
                    Charging::PerPoll
                } else {
                    Charging::PerResult
                },
            };
            fleet(wild, name)
        }
        Some("fleet-model") => {
            let scope = Thousand {
                workers: usize::try_from(number("--workers", 1_000)?)?,
                verifications: usize::try_from(number("--ids", 100_000)?)?,
                added: small("--added", 150)?.try_into()?,
                rate: small("--rate", 1_000)?.try_into()?,
                crash_every: Duration::from_secs(2),
                crashes_of_all: 3,
                seed: number("--seed", fresh())?,
            };
            let findings = thousand(scope, name != Some(PACE), sabotage);
            println!(
                "{scope:?}\n{}",
                findings.map_err(|violation| violation.to_string())?
            );
            Ok(())
        }
        Some("fleet-speed") => fleet_speed(number("--rows", 10_000)?, small("--workers", 8)?),
        Some("fleet-scenes") => fleet_scenes(sabotage),
        Some("fleet-worker") => fleet_worker(arguments),
        Some("worker") => match arguments {
            [_, store, base, rest @ ..] => {
                let broken = rest.first().map(|name| self::sabotage(name)).transpose()?;
                worker(Path::new(store), base, broken)
            }
            _ => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    }
}

fn fleet_worker(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [_, url, told, base, rate, rest @ ..] = arguments else {
        return Err(USAGE.into());
    };
    let broken = rest.first().map(String::as_str);
    let worker = FleetWorker {
        url: url.clone(),
        told: told.into(),
        base: base.clone(),
        rate: rate.parse()?,
        sabotage: broken.filter(|name| *name != PACE).map(sabotage).transpose()?,
        shares_pace: broken != Some(PACE),
    };
    worker.run()
}

fn simulate(seeds: u64, start: u64, sabotage: Option<Sabotage>) -> Result<(), Box<dyn Error>> {
    let (mut answers, mut strikes, mut pay, mut counted, mut unknown, mut unsure) = (0, 0, 0, 0, 0, 0);
    for seed in (0..seeds).map(|offset| start.wrapping_add(offset)) {
        let tally = run(seed, sabotage).map_err(|violation| format!("seed {seed}: {violation}"))?;
        answers += tally.answers;
        strikes += tally.strikes;
        pay += tally.pay;
        counted += tally.counted;
        unknown += tally.unknown;
        unsure += tally.unsure;
    }
    println!(
        "{seeds} lives: {strikes} strikes, {answers} answers, {pay} charged, {counted} counted, {unknown} of unknown cost, {unsure} ended as unsure"
    );
    Ok(())
}

fn fresh() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) << 20
}

#[cfg(feature = "sabotage")]
fn sabotage(name: &str) -> Result<Sabotage, Box<dyn Error>> {
    let known = Sabotage::ALL.into_iter().find(|sabotage| sabotage.name() == name);
    known.ok_or_else(|| {
        let names = Sabotage::ALL.map(Sabotage::name).join(", ");
        format!("there is no sabotage called {name}; there are {names}").into()
    })
}

#[cfg(not(feature = "sabotage"))]
fn sabotage(_: &str) -> Result<Sabotage, Box<dyn Error>> {
    Err("built without feature sabotage".into())
}
