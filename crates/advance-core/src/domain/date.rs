//! A day of the calendar, as cards print it.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::time::UnixMillis;

/// A day that exists in the Gregorian calendar, years 1 to 9999.
///
/// Here it is a birthday or an expiry date, so `Debug` does not show it. `Display` writes `YYYY-MM-DD`, which
/// `FromStr` reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate {
    // The order of the members is the order of days.
    year: u16,
    month: u8,
    day: u8,
}

impl CalendarDate {
    /// This day, if there is such a day.
    ///
    /// ```
    /// use advance_core::domain::CalendarDate;
    ///
    /// assert!(CalendarDate::new(2024, 2, 29).is_some());
    /// assert!(CalendarDate::new(1900, 2, 29).is_none());
    /// ```
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year >= 1 && year <= 9_999 && day >= 1 && day <= days_of(year, month) {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The day it is at this time in western Indonesia (UTC+7), the time most of its people live by.
    pub fn in_jakarta(time: UnixMillis) -> Self {
        let days = time.get().saturating_add(7 * 3_600_000) / 86_400_000;
        civil(days)
    }

    /// Whole years from this day to `later`, the age of somebody born on it; zero if `later` is not later.
    pub const fn years_until(self, later: Self) -> u16 {
        let years = later.year.saturating_sub(self.year);
        let birthday_to_come =
            later.month < self.month || (later.month == self.month && later.day < self.day);
        if birthday_to_come {
            years.saturating_sub(1)
        } else {
            years
        }
    }

    /// Whole days since 1970-01-01, if it is not before that (Howard Hinnant's `days_from_civil`).
    pub(super) fn unix_days(self) -> Option<u64> {
        let (month, day) = (u64::from(self.month), u64::from(self.day));
        // A year that begins in March ends with the day that is not always there.
        let year = u64::from(self.year) - u64::from(month <= 2);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        (year * 365 + year / 4 - year / 100 + year / 400 + of_year).checked_sub(719_468)
    }

    /// Reads `DD-MM-YYYY`, as birthPlaceBirthday and older expiry dates have it.
    pub(super) fn from_day_month_year(text: &str) -> Option<Self> {
        let [day, month, year] = parts(text, '-')?;
        Self::new(number(year, 4..=4)?, narrow(month)?, narrow(day)?)
    }

    /// Reads `YYYY/MM/DD`, as birthday has it. A month or day may have one digit.
    pub(super) fn from_year_month_day(text: &str) -> Option<Self> {
        let [year, month, day] = parts(text, '/')?;
        Self::new(number(year, 4..=4)?, narrow(month)?, narrow(day)?)
    }
}

const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days since 1970-01-01 as a date (Howard Hinnant's `civil_from_days`), the last day of 9999 at most.
fn civil(days: u64) -> CalendarDate {
    const LAST: CalendarDate = CalendarDate {
        year: 9_999,
        month: 12,
        day: 31,
    };
    let shifted = days.min(2_932_896) + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let narrowed = (u16::try_from(year), u8::try_from(month), u8::try_from(day));
    match narrowed {
        (Ok(year), Ok(month), Ok(day)) => CalendarDate { year, month, day },
        _ => LAST,
    }
}

fn parts(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

/// A number of so many ASCII digits.
pub(super) fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn narrow(text: &str) -> Option<u8> {
    number(text, 1..=2).and_then(|number| u8::try_from(number).ok())
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for CalendarDate {
    type Err = Error;

    /// Reads `YYYY-MM-DD`, as `Display` writes it and no other way.
    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let [year, month, day] = parts(text, '-')?;
            let narrow = |text| narrow(text).filter(|_| text.len() == 2);
            Self::new(number(year, 4..=4)?, narrow(month)?, narrow(day)?)
        };
        read().ok_or_else(|| Error::invalid("date", "must be a day that exists, as YYYY-MM-DD"))
    }
}

impl fmt::Debug for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarDate(redacted)")
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for CalendarDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> CalendarDate {
        CalendarDate::new(year, month, day).unwrap()
    }

    #[test]
    fn only_days_that_exist() {
        for (year, month, day, exists) in [
            (1989, 6, 1, true),
            (1989, 6, 30, true),
            (1989, 6, 31, false),
            (1989, 2, 29, false),
            (2000, 2, 29, true),
            (1900, 2, 29, false),
            (2024, 12, 31, true),
            (2024, 12, 32, false),
            (2024, 13, 1, false),
            (2024, 0, 1, false),
            (2024, 1, 0, false),
            (0, 1, 1, false),
            (10_000, 1, 1, false),
        ] {
            assert_eq!(
                CalendarDate::new(year, month, day).is_some(),
                exists,
                "{year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut expected = date(1970, 1, 1);
        for days in 0..146_097_u64 {
            let today = CalendarDate::in_jakarta(UnixMillis::new(days * 86_400_000));
            assert_eq!(today, expected);
            assert_eq!(expected.unix_days(), Some(days));
            expected = CalendarDate::new(today.year, today.month, today.day + 1)
                .or_else(|| CalendarDate::new(today.year, today.month + 1, 1))
                .or_else(|| CalendarDate::new(today.year + 1, 1, 1))
                .unwrap();
        }
    }

    #[test]
    fn days_are_counted_from_1970_on_and_to_the_end() {
        for (day, days) in [
            (date(1, 1, 1), None),
            (date(1969, 12, 31), None),
            (date(1970, 1, 1), Some(0)),
            (date(9_999, 12, 31), Some(2_932_896)),
        ] {
            assert_eq!(day.unix_days(), days, "{day}");
        }
    }

    #[test]
    fn midnight_is_jakartas_and_time_ends_with_9999() {
        let five_pm_utc = UnixMillis::new(17 * 3_600_000);
        assert_eq!(CalendarDate::in_jakarta(five_pm_utc), date(1970, 1, 2));
        let just_before = UnixMillis::new(17 * 3_600_000 - 1);
        assert_eq!(CalendarDate::in_jakarta(just_before), date(1970, 1, 1));
        let last = UnixMillis::new(253_402_300_799_999 - 7 * 3_600_000);
        assert_eq!(CalendarDate::in_jakarta(last), date(9_999, 12, 31));
        assert_eq!(
            CalendarDate::in_jakarta(UnixMillis::new(u64::MAX)),
            date(9_999, 12, 31)
        );
    }

    #[test]
    fn debug_shows_no_date() {
        assert_eq!(format!("{:?}", date(1989, 6, 1)), "CalendarDate(redacted)");
    }

    #[test]
    fn an_age_turns_on_the_birthday() {
        let born = date(2006, 11, 22);
        for (later, age) in [
            (date(2023, 11, 21), 16),
            (date(2023, 11, 22), 17),
            (date(2023, 12, 1), 17),
            (date(2023, 1, 30), 16),
            (date(2006, 11, 22), 0),
            (date(1999, 1, 1), 0),
        ] {
            assert_eq!(born.years_until(later), age, "{later}");
        }
    }

    #[test]
    fn the_documented_notations_and_no_others() {
        let june = Some(date(1989, 6, 1));
        for (text, read) in [
            ("1989/06/01", june),
            ("1989/6/1", june),
            ("0000/00/00", None),
            ("1989/02/30", None),
            ("1989-06-01", None),
            ("89/06/01", None),
            ("1989/06/01/", None),
            ("1989/+6/01", None),
            ("1989/06/ 1", None),
            ("1989/006/01", None),
            ("١٩٨٩/٠٦/٠١", None),
            ("19**/0*/01", None),
            ("", None),
        ] {
            assert_eq!(CalendarDate::from_year_month_day(text), read, "{text}");
        }
        assert_eq!(CalendarDate::from_day_month_year("01-06-1989"), june);
        assert_eq!(CalendarDate::from_day_month_year("1-6-1989"), june);
        for text in ["1989-06-01", "01/06/1989", "31-06-1989", "01-06-89", "01-06"] {
            assert_eq!(CalendarDate::from_day_month_year(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_read_as_it_is_written_and_no_other_way() {
        for day in [date(1989, 6, 1), date(1, 1, 1), date(9_999, 12, 31)] {
            assert_eq!(day.to_string().parse(), Ok(day));
        }
        for bad in [
            "",
            "1989-06-31",
            "1989-6-01",
            "1989-06-1",
            "1989/06/01",
            "01-06-1989",
            "1989-06-01 ",
            "1989-06-01-",
            "+989-06-01",
        ] {
            let error = bad.parse::<CalendarDate>().unwrap_err().to_string();
            assert!(error.contains("YYYY-MM-DD"), "{bad}: {error}");
            assert!(!error.contains("1989"), "{error}");
        }
    }

    #[test]
    fn debug_shows_nothing_and_display_shows_the_day() {
        let day = date(1989, 6, 1);
        assert!(!format!("{day:?}").contains("1989"));
        assert_eq!(day.to_string(), "1989-06-01");
    }
}
