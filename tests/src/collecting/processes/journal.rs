//! What the vendor's door sees: when each request came, and when the vendor said that it is busy.

use std::time::{Duration, Instant};

/// A request that comes so much later than its turn is still a turn's: what a busy machine, a silent line to the database and
/// a line to the vendor take together.
const LATE: Duration = Duration::from_secs(1);

/// How long it takes until each worker has heard that the vendor is busy.
const HEARD: Duration = Duration::from_secs(1);

/// When requests came.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    arrivals: Vec<Instant>,
    busy: Option<Busy>,
}

/// The vendor is busy once.
#[derive(Clone, Copy, Debug)]
struct Busy {
    /// The request of this number is refused.
    request: usize,
    /// How long the vendor asks to be left alone.
    pause: Duration,
    since: Option<Instant>,
}

impl Journal {
    /// The vendor refuses the request of this number as busy, and asks to be left alone for so long.
    pub(super) const fn is_to_be_busy(&mut self, request: usize, pause: Duration) {
        self.busy = Some(Busy {
            request,
            pause,
            since: None,
        });
    }

    /// A request has come: for how long the vendor asks to be left alone, if it refuses it.
    pub(super) fn note(&mut self, now: Instant) -> Option<Duration> {
        self.arrivals.push(now);
        let count = self.arrivals.len();
        let busy = self.busy.as_mut().filter(|busy| busy.request == count)?;
        busy.since = Some(now);
        Some(busy.pause)
    }

    /// Whether the vendor has been busy, and no longer is.
    pub(super) fn was_busy(&self, now: Instant) -> bool {
        self.busy
            .and_then(|busy| Some(busy.since? + busy.pause))
            .is_some_and(|over| now > over)
    }

    /// How many requests came while the vendor was to be left alone, and all had heard of it.
    pub(super) fn ignored(&self) -> u64 {
        let Some((since, pause)) = self.busy.and_then(|busy| Some((busy.since?, busy.pause))) else {
            return 0;
        };
        let alone = since + HEARD..since + pause;
        self.arrivals
            .iter()
            .filter(|&arrival| alone.contains(arrival))
            .count() as u64
    }

    /// How many requests came above a rate of one in each interval, in some window of whatever length. A worker that was stopped
    /// may have had `in_hand` requests that were about to go out.
    pub(super) fn above(&self, interval: Duration, in_hand: u32) -> u64 {
        let tolerance = LATE + interval * in_hand;
        // The bucket of the generic cell rate algorithm: it is above its brim if and only if some window holds too many.
        let mut next: Option<Instant> = None;
        let mut above = 0;
        for arrival in &self.arrivals {
            let due = next.map_or(*arrival, |next| next.max(*arrival));
            above += u64::from(due > *arrival + tolerance);
            next = Some(due + interval);
        }
        above
    }

    /// How many requests came.
    pub(super) fn count(&self) -> usize {
        self.arrivals.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Duration = Duration::from_millis(100);

    fn journal(arrivals: impl Iterator<Item = u32>) -> Journal {
        let begun = Instant::now();
        let mut journal = Journal::default();
        journal.is_to_be_busy(3, TENTH * 50);
        for tenths in arrivals {
            journal.note(begun + TENTH * tenths);
        }
        journal
    }

    #[test]
    fn a_rate_that_is_kept_is_never_above_itself_and_one_and_a_half_times_of_it_is() {
        assert_eq!(journal(0..1_000).above(TENTH, 4), 0);
        // One in ten is late by less than a second.
        let late = (0..1_000_u32).map(|number| if number % 10 == 0 { number + 9 } else { number });
        let mut late: Vec<_> = late.collect();
        late.sort_unstable();
        assert_eq!(journal(late.into_iter()).above(TENTH, 4), 0);
        assert!(journal((0..1_000).map(|number| number * 2 / 3)).above(TENTH, 4) > 0);
        // A burst of two seconds' share within one moment, in the middle of a rest.
        assert!(journal([0; 20].into_iter().chain([500; 20])).above(TENTH, 4) > 0);
    }

    #[test]
    fn requests_while_the_vendor_is_to_be_left_alone_are_counted() {
        // It is busy from 20 to 70, and all have heard at 30.
        let journal = journal([0, 10, 20, 25, 40, 69, 70].into_iter());
        assert_eq!(journal.ignored(), 2);
        assert_eq!(journal.count(), 7);
        assert!(journal.was_busy(Instant::now() + TENTH * 100));
    }
}
