//! How many instructions a run takes, counted by valgrind's callgrind: the same number each time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::case::{Case, Run};

/// The argument by which this program counts itself under valgrind.
pub const COUNTED: &str = "--counted";

/// How often a side runs while it is counted.
const TIMES: u32 = 20;

/// The one function whose costs are dumped each time that it returns.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_counted(run: &Run) {
    for _ in 0..TIMES {
        run();
    }
}

/// Under valgrind: every case, then its floor.
pub fn be_counted(cases: &[Case]) {
    for side in cases.iter().flat_map(|case| [&case.ours, &case.theirs]) {
        for _ in 0..3 {
            side();
        }
        bench_counted(side);
    }
}

/// Instructions of each case and of its floor; nothing on a machine without valgrind, or if it counted something else.
pub fn count(cases: usize) -> Option<Vec<(u64, u64)>> {
    let folder = std::env::temp_dir().join(format!("bench-callgrind-{}", std::process::id()));
    fs::create_dir_all(&folder).ok()?;
    let counted = run(&folder).and_then(|()| read(&folder, cases));
    let _left_behind = fs::remove_dir_all(&folder);
    counted
}

fn run(folder: &Path) -> Option<()> {
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .args(["--zero-before=bench_counted", "--dump-after=bench_counted"])
        .arg(format!("--callgrind-out-file={}/out", folder.display()))
        .arg(std::env::current_exe().ok()?)
        .arg(COUNTED)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.ok().filter(std::process::ExitStatus::success).map(drop)
}

fn read(folder: &Path, cases: usize) -> Option<Vec<(u64, u64)>> {
    let total = |number: usize| {
        let text = fs::read_to_string(folder.join(format!("out.{number}"))).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("totals: "))?;
        Some(line.trim().parse::<u64>().ok()? / u64::from(TIMES))
    };
    (0..cases)
        .map(|case| Some((total(2 * case + 1)?, total(2 * case + 2)?)))
        .collect()
}
