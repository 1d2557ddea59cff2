//! When to send again: pure data, and one pure function.

use std::time::Duration;

/// How often and how long a call is tried.
///
/// ```
/// use std::time::Duration;
/// use advance_core::RetryPolicy;
///
/// const PATIENT: RetryPolicy = RetryPolicy::new().attempts(5).total(Duration::from_secs(120));
/// // After the first failure, 40 ms into the call, no Retry-After: between half and all of the first backoff.
/// let wait = PATIENT.delay(1, Duration::from_millis(40), None, 0).unwrap();
/// assert!(wait >= Duration::from_millis(125) && wait <= Duration::from_millis(250));
/// // The server's word counts, and a wait past the total time is not begun.
/// assert!(PATIENT.delay(1, Duration::ZERO, Some(Duration::from_secs(10)), 0).unwrap() >= Duration::from_secs(10));
/// assert_eq!(PATIENT.delay(1, Duration::ZERO, Some(Duration::from_secs(600)), 0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    total: Duration,
    maybe_charged: bool,
    budget: u32,
}

impl RetryPolicy {
    /// Three attempts; backoff from 250 ms doubling to 10 s; 45 s in all; nothing that may have been charged is sent
    /// twice; a budget of 20 retries.
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(10),
            total: Duration::from_secs(45),
            maybe_charged: false,
            budget: 20,
        }
    }

    /// One attempt. What does not count as one (see [`attempts`](Self::attempts)) is sent all the same: a call whose
    /// token was rejected goes out once more with another.
    pub const fn never() -> Self {
        Self::new().attempts(1)
    }

    /// How many attempts a call has, the first included; 0 counts as 1. Token requests that a call makes on its way
    /// draw on the same number when they fail. Not counted: resends after a refused token, the one after a clock
    /// repair, a token dead on arrival, and renewals while the old token lives.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The first backoff, and the longest. Each is a bound: what is waited is drawn from its upper half.
    #[must_use]
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// The longest a call may take in all: attempts, waits, and waiting for a token. It bounds the attempt in flight
    /// as well.
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// Whether a request that may have been charged is sent again when its reply was lost. It may then be charged
    /// twice. A reply that says `PAY` is never asked for again.
    #[must_use]
    pub const fn retry_maybe_charged(mut self, allowed: bool) -> Self {
        self.maybe_charged = allowed;
        self
    }

    /// How many retries a client has in stock for each endpoint. Each retry takes one and gives it back if it succeeds;
    /// ten other successful calls bring one back: when the vendor is down, a busy client stops adding to it.
    #[must_use]
    pub const fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    pub(super) const fn total_time(&self) -> Duration {
        self.total
    }

    pub(super) const fn allows_maybe_charged(&self) -> bool {
        self.maybe_charged
    }

    pub(super) const fn stock(&self) -> u32 {
        self.budget
    }

    /// How long to wait before the next attempt; `None` to give up.
    ///
    /// `tries` attempts failed so far, `spent` passed since the call began, the server asked for `retry_after` if it
    /// asked at all, and `entropy` is any number, for jitter. A wait that would outlast the total time is not begun.
    pub fn delay(
        &self,
        tries: u32,
        spent: Duration,
        retry_after: Option<Duration>,
        entropy: u64,
    ) -> Option<Duration> {
        if tries >= self.attempts {
            return None;
        }
        let doublings = tries.saturating_sub(1).min(31);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        let wait = match retry_after {
            // Not a moment before; a little after, so that not everybody comes back at once.
            Some(told) => told.saturating_add(part(self.base, entropy)),
            None => bound / 2 + part(bound / 2, entropy),
        };
        (spent.saturating_add(wait) < self.total).then_some(wait)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Between nothing and all of `whole`, as `entropy` falls.
pub(super) fn part(whole: Duration, entropy: u64) -> Duration {
    let nanos = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
    // The high half of the 128-bit product is uniform in 0..nanos.
    let share = (u128::from(nanos) * u128::from(entropy)) >> 64;
    Duration::from_nanos(u64::try_from(share).unwrap_or(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn table() {
        let policy = RetryPolicy::new()
            .attempts(4)
            .backoff(MS(100), MS(300))
            .total(MS(10_000));
        for (tries, spent, told, entropy, wait) in [
            (1, 0, None, 0, Some(50)),
            (1, 0, None, u64::MAX, Some(99)),
            (2, 0, None, 0, Some(100)),
            (3, 0, None, 0, Some(150)),
            (3, 0, None, u64::MAX, Some(299)),
            (4, 0, None, 0, None),
            (u32::MAX, 0, None, 0, None),
            (1, 9_949, None, 0, Some(50)),
            (1, 9_950, None, 0, None),
            (1, 0, Some(2_000), 0, Some(2_000)),
            (1, 0, Some(2_000), u64::MAX, Some(2_099)),
            (1, 8_000, Some(2_000), 0, None),
            (1, 0, Some(u64::MAX), u64::MAX, None),
            (1, 0, Some(0), 0, Some(0)),
        ] {
            let got = policy.delay(tries, MS(spent), told.map(MS), entropy);
            assert_eq!(
                got.map(|wait| u64::try_from(wait.as_millis()).unwrap()),
                wait,
                "{tries} {spent} {told:?}"
            );
        }
    }

    #[test]
    fn one_attempt_is_the_least() {
        assert_eq!(RetryPolicy::new().attempts(0), RetryPolicy::new().attempts(1));
        assert_eq!(RetryPolicy::never().delay(1, Duration::ZERO, None, 0), None);
    }

    #[test]
    fn extreme_durations_do_not_overflow() {
        let policy = RetryPolicy::new()
            .attempts(u32::MAX)
            .backoff(Duration::MAX, Duration::MAX)
            .total(Duration::MAX);
        assert_eq!(
            policy.delay(40, Duration::MAX, Some(Duration::MAX), u64::MAX),
            None
        );
        assert!(policy.delay(40, Duration::ZERO, None, u64::MAX).is_some());
    }
}
