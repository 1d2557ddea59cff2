//! The fuzz targets, by cargo-fuzz (`cargo install cargo-fuzz`) and a nightly toolchain.

use crate::command::{cargo_of, output, passes, root};

/// How long a target runs unless told.
pub(crate) const SECONDS: u32 = 300;

/// Where there are fuzz targets: in `fuzz/` of these folders.
const ROOMS: &[Room] = &[
    Room {
        folder: "crates/advance-core",
        arguments: &["-dict=fuzz/replies.dict"],
    },
    // A life is long. It is the bytes of its first decisions that matter.
    Room {
        folder: "tests",
        arguments: &["-max_len=1024", "-timeout=60"],
    },
];

struct Room {
    folder: &'static str,
    arguments: &'static [&'static str],
}

/// Runs each target named, or all, for so many seconds.
pub(crate) fn run(seconds: u32, wanted: &[String]) -> bool {
    let mut known = Vec::new();
    for room in ROOMS {
        let Some(listed) = room.list() else {
            eprintln!("cargo fuzz list failed: cargo install cargo-fuzz, and a nightly toolchain?");
            return false;
        };
        known.extend(listed.into_iter().map(|target| (room, target)));
    }
    let is_known = |name: &&String| known.iter().any(|(_, target)| target == *name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        let names: Vec<_> = known.iter().map(|(_, target)| target.as_str()).collect();
        eprintln!(
            "there is no fuzz target {unknown}; there are {}",
            names.join(", ")
        );
        return false;
    }
    known
        .iter()
        .filter(|(_, target)| wanted.is_empty() || wanted.contains(target))
        .all(|(room, target)| room.run(target, seconds))
}

impl Room {
    fn list(&self) -> Option<Vec<String>> {
        let mut list = cargo_of("nightly", &["fuzz", "list"]);
        list.current_dir(root().join(self.folder));
        let listed = output(list).filter(|listed| !listed.trim().is_empty())?;
        Some(listed.lines().map(str::to_owned).collect())
    }

    fn run(&self, target: &str, seconds: u32) -> bool {
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
            .args(["--", "-print_final_stats=1"])
            .args(self.arguments)
            .arg(format!("-max_total_time={seconds}"))
            .current_dir(root().join(self.folder));
        passes(run)
    }
}
