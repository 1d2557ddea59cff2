//! The fuzz targets, by cargo-fuzz (`cargo install cargo-fuzz`) and a nightly toolchain.

use crate::command::{cargo_of, output, passes, root};

/// How long a target runs unless told.
pub(crate) const SECONDS: u32 = 300;

/// Runs each target named, or all, for so many seconds.
pub(crate) fn run(seconds: u32, wanted: &[String]) -> bool {
    let folder = root().join("crates/advance-core");
    let mut list = cargo_of("nightly", &["fuzz", "list"]);
    list.current_dir(&folder);
    let Some(listed) = output(list).filter(|listed| !listed.trim().is_empty()) else {
        eprintln!("cargo fuzz list failed: cargo install cargo-fuzz, and a nightly toolchain?");
        return false;
    };
    let known: Vec<String> = listed.lines().map(str::to_owned).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        eprintln!(
            "there is no fuzz target {unknown}; there are {}",
            known.join(", ")
        );
        return false;
    }
    let chosen = if wanted.is_empty() { &known } else { wanted };
    chosen.iter().all(|target| {
        println!("-- {target} for {seconds} s");
        // What a run finds on its way stays out of the committed corpus.
        let scratch = root().join("target/fuzz-corpus").join(target);
        if let Err(error) = std::fs::create_dir_all(&scratch) {
            eprintln!("{}: {error}", scratch.display());
            return false;
        }
        // There is no unsafe code for a sanitizer to watch, and without one there are many more executions.
        let mut run = cargo_of("nightly", &["fuzz", "run", "--sanitizer", "none", target]);
        run.arg(scratch)
            .arg(format!("fuzz/corpus/{target}"))
            .args(["--", "-dict=fuzz/replies.dict", "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"))
            .current_dir(&folder);
        passes(run)
    })
}
