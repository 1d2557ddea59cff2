//! How long a token lives, by the clock that cannot jump.

use std::time::Duration;

use super::retry::part;
use crate::time::{Lifetime, UnixMillis};

/// How early a token is renewed at the most.
const WINDOW: Duration = Duration::from_secs(60);

/// What is left of a token at the moment it was asked for; `None` if it is dead by the server's own clock.
///
/// `date` is the server's time if its reply told it, `wall` this machine's, corrected. With `date`, `expired_time`
/// is judged by it. Without, it is judged by `wall` if that makes sense, and otherwise what was asked is believed.
pub(super) fn life(
    asked: Duration,
    expired_time: UnixMillis,
    date: Option<UnixMillis>,
    wall: UnixMillis,
) -> Option<Duration> {
    let told = match date {
        Some(date) => Some(expired_time.saturating_since(date)),
        None => Some(expired_time.saturating_since(wall)).filter(|left| !left.is_zero()),
    };
    let life = told.map_or(asked, |told| told.min(asked));
    (!life.is_zero()).then_some(life)
}

/// When a token is due for renewal: within the last tenth of its life, a minute at the most, spread by `entropy`
/// over the first half of that so that a fleet does not renew at once.
pub(super) fn renewal_due(life: &Lifetime, entropy: u64) -> Duration {
    let window = (life.length() / 10).min(WINDOW);
    life.end()
        .saturating_sub(window)
        .saturating_add(part(window / 2, entropy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn the_smaller_of_asked_and_told() {
        let at = |seconds: u64| UnixMillis::new(seconds * 1_000);
        for (expired, date, wall, life_secs) in [
            (5_000, Some(1_000), 1_000, Some(3_600)), // told 4,000, asked 3,600
            (2_000, Some(1_000), 9_999, Some(1_000)), // told by Date, and not by the wall clock
            (1_000, Some(1_000), 0, None),            // dead by the server's own clock
            (999, Some(1_000), 0, None),
            (2_000, None, 1_000, Some(1_000)), // no Date: the wall clock
            (2_000, None, 3_000, Some(3_600)), // no Date, and the wall clock makes no sense of it
            (0, None, 1_000, Some(3_600)),     // seconds instead of milliseconds, or nothing at all
        ] {
            let got = life(S(3_600), at(expired), date.map(at), at(wall));
            assert_eq!(got, life_secs.map(S), "{expired} {date:?} {wall}");
        }
        assert_eq!(life(S(60), UnixMillis::new(u64::MAX), None, at(0)), Some(S(60)));
    }

    #[test]
    fn renewal_falls_in_the_first_half_of_the_window() {
        for (length, window) in [(3_600, 60_000), (600, 60_000), (60, 6_000), (1, 100)] {
            let life = Lifetime::new(S(100), S(length));
            for entropy in [0, u64::MAX / 3, u64::MAX] {
                let due = renewal_due(&life, entropy);
                let early = life.end().saturating_sub(Duration::from_millis(window));
                let late = life.end().saturating_sub(Duration::from_millis(window / 2));
                assert!((early..=late).contains(&due), "{length} {entropy} {due:?}");
            }
        }
    }
}
