//! A wrong clock on this machine, measured by the server's `Date` and corrected for.

use crate::time::UnixMillis;

/// The vendor takes timestamps up to 300 s off. Below this much the clock is not what is wrong.
const TOLERATED: u64 = 120_000;
/// A `Date` further away than a day is not believed.
const BELIEVED: u64 = 24 * 60 * 60 * 1_000;

/// By how much this machine's clock is corrected when it signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Skew {
    offset: i64,
}

impl Skew {
    /// The time to sign with.
    pub(super) const fn corrected(self, wall: UnixMillis) -> UnixMillis {
        wall.offset_by(self.offset)
    }

    /// Whether the time that was signed is too far from the server's for the clock to be innocent.
    pub(super) const fn is_suspect(signed: UnixMillis, date: UnixMillis) -> bool {
        date.distance_from(signed).unsigned_abs() > TOLERATED
    }

    /// Takes the server's word for the time: an offset within a day, none if the clock is about right. Says whether
    /// the `Date` could be believed.
    pub(super) const fn measure(&mut self, wall: UnixMillis, date: UnixMillis) -> bool {
        let offset = date.distance_from(wall);
        if offset.unsigned_abs() > BELIEVED {
            return false;
        }
        self.offset = if offset.unsigned_abs() > TOLERATED {
            offset
        } else {
            0
        };
        true
    }

    /// The correction in milliseconds, if one is in force.
    pub(super) const fn offset(self) -> Option<i64> {
        if self.is_set() { Some(self.offset) } else { None }
    }

    /// Whether a correction is in force.
    pub(super) const fn is_set(self) -> bool {
        self.offset != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: UnixMillis = UnixMillis::new(1_700_000_000_000);

    #[test]
    fn a_clock_is_suspect_past_two_minutes_either_way() {
        for (distance, suspect) in [
            (0, false),
            (120_000, false),
            (-120_000, false),
            (120_001, true),
            (-120_001, true),
        ] {
            assert_eq!(
                Skew::is_suspect(WALL, WALL.offset_by(distance)),
                suspect,
                "{distance}"
            );
        }
    }

    #[test]
    fn what_is_measured_is_corrected_and_can_be_taken_back() {
        let mut skew = Skew::default();
        assert!(skew.measure(WALL, WALL.offset_by(600_000)));
        assert_eq!(skew.corrected(WALL), WALL.offset_by(600_000));
        assert!(skew.is_set() && !Skew::is_suspect(skew.corrected(WALL), WALL.offset_by(600_000)));
        // Somebody set the clock right: with the old correction it is wrong now.
        let right = WALL.offset_by(600_000);
        assert!(Skew::is_suspect(skew.corrected(right), right));
        assert!(skew.measure(right, right));
        assert!(!skew.is_set());
        assert!(skew.measure(right, right.offset_by(120_000)));
        assert!(!skew.is_set(), "within what is tolerated");
    }

    #[test]
    fn a_date_years_off_is_not_believed() {
        let mut skew = Skew::default();
        assert!(!skew.measure(WALL, UnixMillis::new(0)));
        assert!(!skew.measure(WALL, UnixMillis::new(u64::MAX)));
        assert_eq!(skew, Skew::default());
        assert!(skew.measure(WALL, WALL.offset_by(86_400_000)));
        assert!(!skew.measure(WALL, WALL.offset_by(86_400_001)));
    }
}
