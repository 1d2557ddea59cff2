//! What this process holds: threads, sockets, memory. Read from `/proc`, so on Linux only; elsewhere all is zero.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

/// What an allocator may keep of what was given back.
const KEPT_BYTES: u64 = 48 << 20;
/// Pools and helpers give up what is idle within this time.
const SETTLES: Duration = Duration::from_secs(12);

#[derive(Clone, Copy)]
pub(crate) struct Left {
    threads: usize,
    sockets: usize,
    bytes: u64,
}

impl Left {
    pub(crate) fn now() -> Self {
        let entries = |path| fs::read_dir(path).into_iter().flatten().flatten();
        let sockets = entries("/proc/self/fd")
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kilobytes: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB"))
            .and_then(|number| number.parse().ok())
            .unwrap_or_default();
        Self {
            threads: entries("/proc/self/task").count(),
            sockets,
            bytes: kilobytes << 10,
        }
    }

    /// The same once it is no more than it was before, or after a while.
    pub(crate) fn settled(before: Self) -> Self {
        let until = Instant::now() + SETTLES;
        loop {
            let now = Self::now();
            if now.is_no_more_than(before) || Instant::now() >= until {
                return now;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) const fn is_no_more_than(self, before: Self) -> bool {
        self.threads <= before.threads
            && self.sockets <= before.sockets
            && self.bytes <= before.bytes + KEPT_BYTES
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.bytes >> 20;
        write!(
            f,
            "{} threads, {} sockets, {mebibytes} MiB",
            self.threads, self.sockets
        )
    }
}
