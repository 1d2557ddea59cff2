//! Where and when somebody was born, from the two fields that tell.

use super::print::{evened, is_blank, is_comma};
use super::{Ktp, Printed, Reading};
use crate::domain::CalendarDate;

/// What `birthPlaceBirthday` says. Either part may be masked or unreadable for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct Birth<'a> {
    /// The place, without the commas behind it.
    pub place: Reading<&'a str>,
    /// The day.
    pub date: Reading<CalendarDate>,
}

impl<'a> Birth<'a> {
    /// Reads `Place, DD-MM-YYYY` or `Place,, DD-MM-YYYY`: the document's table has two commas, its sample one. The
    /// last comma parts place and day, so a place may hold commas. Without a comma neither can be told.
    fn read(printed: &'a Printed) -> Self {
        let Some(text) = printed.trimmed() else {
            return Self {
                place: Reading::NotRead,
                date: Reading::NotRead,
            };
        };
        let Some((place, date)) = text.rsplit_once(is_comma) else {
            return Self {
                place: Reading::of(Some(text), |_| None),
                date: Reading::of(Some(text), |_| None),
            };
        };
        let place =
            Some(place.trim_matches(|c| is_blank(c) || is_comma(c))).filter(|place| !place.is_empty());
        Self {
            place: Reading::of(place, Some),
            date: Reading::of(Some(date.trim_matches(is_blank)), |date| {
                CalendarDate::from_day_month_year(&evened(date))
            }),
        }
    }
}

impl Ktp {
    /// The day that `birthday` says, as `YYYY/MM/DD`; a real day of the calendar or nothing.
    pub fn date_of_birth(&self) -> Reading<CalendarDate> {
        Reading::of(self.birthday().trimmed(), |date| {
            CalendarDate::from_year_month_day(&evened(date))
        })
    }

    /// Place and day that `birthPlaceBirthday` says.
    pub fn birth(&self) -> Birth<'_> {
        Birth::read(self.birth_place_birthday())
    }
}

#[cfg(test)]
mod tests {
    use super::Reading::{Masked, NotRead, Read, Unreadable};
    use super::*;

    #[test]
    fn both_documented_forms_and_nothing_else() {
        let day = Read(CalendarDate::new(1989, 6, 1).unwrap());
        for (text, place, date) in [
            ("SEMARANG,, 01-06-1989", Read("SEMARANG"), day),
            ("SEMARANG, 01-06-1989", Read("SEMARANG"), day),
            ("SEMARANG,01-06-1989", Read("SEMARANG"), day),
            ("SEMARANG,, 01-06-1989,", Read("SEMARANG"), day),
            ("SEMARANG, 01 – 06 – 1989", Read("SEMARANG"), day),
            ("SEMARANG，０１－０６－１９８９", Read("SEMARANG"), day),
            ("SEMARANG, 01 06 1989", Read("SEMARANG"), Unreadable),
            ("SEMARANG, 01 JUNI 1989", Read("SEMARANG"), Unreadable),
            ("SEMARANG, \u{3000}null", Read("SEMARANG"), NotRead),
            ("A, B, C,, 01-06-1989", Read("A, B, C"), day),
            ("SE M**N, 01-06-1989", Masked, day),
            ("SEMARANG, **-06-1989", Read("SEMARANG"), Masked),
            ("S**G, 0*-06-1989", Masked, Masked),
            ("S**G 01-06-1989", Masked, Masked),
            ("LAKI-LAKI", Unreadable, Unreadable),
            ("SEMARANG 01-06-1989", Unreadable, Unreadable),
            ("SEMARANG, 31-06-1989", Read("SEMARANG"), Unreadable),
            ("SEMARANG, 1989/06/01", Read("SEMARANG"), Unreadable),
            (", 01-06-1989", Unreadable, Unreadable),
            ("SEMARANG,,", Unreadable, Unreadable),
            (",,,", Unreadable, Unreadable),
            ("null", NotRead, NotRead),
            ("null ", NotRead, NotRead),
            ("null,, null", NotRead, NotRead),
            ("null, 01-06-1989", NotRead, day),
            ("SEMARANG, null", Read("SEMARANG"), NotRead),
            ("null, A, 01-06-1989", Read("null, A"), day),
            ("", NotRead, NotRead),
        ] {
            let printed = Printed::from(text);
            let birth = Birth::read(&printed);
            assert_eq!((birth.place, birth.date), (place, date), "{text}");
        }
    }
}
