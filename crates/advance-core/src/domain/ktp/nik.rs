//! The number of a person.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::Sex;
use crate::domain::CalendarDate;
use crate::error::Error;
use crate::wipe::Wiped;

const DIGITS: usize = 16;
/// What is added to the day of birth of a woman.
const WOMAN: u8 = 40;
/// The age from which an Indonesian has a KTP; a person who marries earlier gets one earlier.
const AGE: u16 = 17;

/// A NIK (Nomor Induk Kependudukan): province, city and district where it was first issued (two digits each), the
/// date of birth as DDMMYY with 40 added to the day for women, and a serial number of four digits.
///
/// A NIK is for life. It stays when a date of birth or a sex is corrected later (PP 40/2019), and when its owner moves. A
/// person whose date of birth was not known when it was given has a number whose day is 00, or none of the calendar.
///
/// These are public facts on the number, not the vendor's words. That a number has this form proves nothing: it has
/// no check digit. It is personal data: `Debug` shows nothing of it and it is wiped when dropped.
///
/// ```
/// use advance_core::domain::{CalendarDate, Nik, Sex};
///
/// // Made up: Semarang, a woman born on 1 June 1989.
/// let nik = Nik::new("3374014106890002").unwrap();
/// assert_eq!((nik.province(), nik.city(), nik.district()), ("33", "3374", "337401"));
/// assert_eq!(nik.sex(), Some(Sex::Female));
/// let today = CalendarDate::new(2026, 11, 22).unwrap();
/// assert_eq!(nik.birth_date(today), CalendarDate::new(1989, 6, 1));
/// assert_eq!(nik.serial(), "0002");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Nik(Wiped<String>);

impl Nik {
    /// Takes sixteen ASCII digits and nothing else.
    pub fn new(text: &str) -> Option<Self> {
        let plain = text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| Self(Wiped::new(text.to_owned())))
    }

    /// All sixteen digits.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The province's code: the first two digits.
    pub fn province(&self) -> &str {
        self.digits(0, 2)
    }

    /// The code of the city or regency, its province included: the first four digits.
    pub fn city(&self) -> &str {
        self.digits(0, 4)
    }

    /// The code of the district, province and city included: the first six digits.
    pub fn district(&self) -> &str {
        self.digits(0, 6)
    }

    /// The number within one district and day of birth: the last four digits.
    pub fn serial(&self) -> &str {
        self.digits(12, 16)
    }

    /// The sex that the day of birth tells, if it is a day: 1 to 31 for men, 41 to 71 for women.
    pub fn sex(&self) -> Option<Sex> {
        match self.pair(6) {
            1..=31 => Some(Sex::Male),
            41..=71 => Some(Sex::Female),
            _ => None,
        }
    }

    /// The date of birth, if it is a real day of the calendar.
    ///
    /// The number has two digits of the year. Cards are given from the age of 17, so this is the year 20YY if that
    /// makes the holder 17 or older on the day `on`, else 19YY. Who is compared with a printed birthday needs no
    /// such choice: see [`Ktp::consistency`](super::Ktp::consistency).
    pub fn birth_date(&self, on: CalendarDate) -> Option<CalendarDate> {
        let year = u16::from(self.pair(10));
        let in_year = |year| CalendarDate::new(year, self.pair(8), self.day_of_birth()?);
        in_year(2_000 + year)
            .filter(|birth| birth.years_until(on) >= AGE)
            .or_else(|| in_year(1_900 + year))
    }

    /// Day of the month, month and the last two digits of the year, if there is such a day in any century; the day is
    /// that of the calendar. People whose date of birth was not known have numbers without one.
    pub(super) fn real_date(&self) -> Option<(u8, u8, u8)> {
        let (day, month, year) = (self.day_of_birth()?, self.pair(8), self.pair(10));
        [1_900, 2_000]
            .iter()
            .any(|century| CalendarDate::new(century + u16::from(year), month, day).is_some())
            .then_some((day, month, year))
    }

    fn day_of_birth(&self) -> Option<u8> {
        let day = self.pair(6);
        match self.sex()? {
            Sex::Male => Some(day),
            Sex::Female => day.checked_sub(WOMAN),
        }
    }

    fn digits(&self, from: usize, to: usize) -> &str {
        // Sixteen ASCII digits by construction, so every range within them is there.
        self.0.get(from..to).unwrap_or_default()
    }

    fn pair(&self, at: usize) -> u8 {
        // Two ASCII digits by construction.
        self.digits(at, at + 2).parse().unwrap_or_default()
    }
}

impl FromStr for Nik {
    type Err = Error;

    /// As [`new`](Self::new) does; the error does not repeat the text.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text).ok_or_else(|| Error::invalid("NIK", "must be sixteen digits"))
    }
}

impl Hash for Nik {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for Nik {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nik(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn day(text: &str) -> Option<CalendarDate> {
        CalendarDate::from_day_month_year(text)
    }

    #[test]
    fn sixteen_ascii_digits_and_nothing_else() {
        for bad in [
            "",
            "337401410689000",
            "33740141068900021",
            "33******02",
            "337401410689000O",
            "3374014106890 02",
            " 3374014106890002",
            "３374014106890002",
            "+374014106890002",
        ] {
            assert_eq!(Nik::new(bad), None, "{bad}");
            let error = bad.parse::<Nik>().unwrap_err().to_string();
            assert!(
                error.contains("sixteen digits") && !error.contains("337"),
                "{error}"
            );
        }
        let nik = "3374014106890002".parse().unwrap();
        assert_eq!(Some(&nik), Nik::new("3374014106890002").as_ref());
    }

    #[test]
    fn equal_numbers_have_equal_hashes_and_others_have_not() {
        let [nik, other] = ["3374014106890002", "3374014106890003"].map(|text| Nik::new(text).unwrap());
        let hash = |nik: &Nik| {
            let mut hasher = DefaultHasher::new();
            nik.hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash(&nik), hash(&nik.clone()));
        assert_ne!(hash(&nik), hash(&other));
    }

    #[test]
    fn sex_and_day_are_told_together() {
        let today = day("22-11-2026").unwrap();
        for (digits, sex, birth) in [
            ("01", Some(Sex::Male), day("01-06-1989")),
            ("30", Some(Sex::Male), day("30-06-1989")),
            ("31", Some(Sex::Male), None),
            ("41", Some(Sex::Female), day("01-06-1989")),
            ("70", Some(Sex::Female), day("30-06-1989")),
            ("71", Some(Sex::Female), None),
            ("00", None, None),
            ("32", None, None),
            ("40", None, None),
            ("72", None, None),
            ("99", None, None),
        ] {
            let nik = Nik::new(&format!("337401{digits}06890002")).unwrap();
            assert_eq!(nik.sex(), sex, "{digits}");
            assert_eq!(nik.birth_date(today), birth, "{digits}");
            assert_eq!(nik.real_date().is_some(), birth.is_some(), "{digits}");
        }
    }

    #[test]
    fn the_century_is_the_latest_that_leaves_the_holder_grown_up() {
        let nik = |date: &str| Nik::new(&format!("337401{date}0002")).unwrap();
        let today = day("22-11-2026").unwrap();
        for (digits, birth) in [
            ("221109", "22-11-2009"),
            ("231109", "23-11-1909"),
            ("010100", "01-01-2000"),
            ("311299", "31-12-1999"),
            ("010127", "01-01-1927"),
            // 1900 had no such day, and who was born on it in 2000 is grown up.
            ("290200", "29-02-2000"),
        ] {
            assert_eq!(nik(digits).birth_date(today), day(birth), "{digits}");
        }
        // In 2010 no person born in 2000 has a card, and 1900 had no 29 February.
        assert_eq!(nik("290200").birth_date(day("01-01-2010").unwrap()), None);
        assert_eq!(nik("290200").real_date(), Some((29, 2, 0)));
        assert_eq!(nik("290201").real_date(), None);
    }

    #[test]
    fn debug_shows_no_digit() {
        let nik = Nik::new("3374014106890002").unwrap();
        assert!(!format!("{nik:?} {nik:#?}").contains(|c: char| c.is_ascii_digit()));
    }
}
