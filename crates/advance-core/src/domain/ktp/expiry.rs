//! How long a card is good.

use std::fmt;

use super::print::{evened, without_dashes};
use super::{Ktp, Reading};
use crate::domain::CalendarDate;

/// How long a card is good. With feature `serialize` it is `"for_life"` or `{"on": "2017-06-01"}`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Expiry {
    /// `SEUMUR HIDUP`: for life, as Indonesian citizens' cards have been by Law 24/2013, article 64(7).
    ForLife,
    /// Until this day: on a citizen's card from before that law, and on a foreigner's, whose card ends with the permit
    /// to stay.
    On(CalendarDate),
}

impl Expiry {
    fn read(text: &str) -> Option<Self> {
        if *without_dashes(text) == "SEUMURHIDUP" {
            return Some(Self::ForLife);
        }
        let text = evened(text);
        CalendarDate::from_day_month_year(&text)
            .or_else(|| CalendarDate::from_year_month_day(&text))
            .map(Self::On)
    }

    /// Whether the card's own date has passed on this day: a fact on the print, not a judgement of the card.
    ///
    /// A foreigner's card whose date has passed has expired. A citizen's from before the cards for life may be
    /// accepted all the same; that is for you and Indonesian law to say. [`Ktp::nationality`] tells them apart, `WNI`
    /// is a citizen. Where it was not read or says anything else, do not take the card for a citizen's.
    pub fn is_past(self, on: CalendarDate) -> bool {
        matches!(self, Self::On(last) if last < on)
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForLife => "ForLife",
            Self::On(_) => "On(redacted)",
        })
    }
}

impl Ktp {
    /// What `expiryDate` says: the words `SEUMUR HIDUP`, or a day in either notation of the document.
    pub fn expiry(&self) -> Reading<Expiry> {
        Reading::of(self.expiry_date().trimmed(), Expiry::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_life_or_a_day() {
        let day = CalendarDate::new(2017, 6, 1).unwrap();
        for (text, expiry) in [
            ("SEUMUR HIDUP", Some(Expiry::ForLife)),
            ("Seumur Hidup", Some(Expiry::ForLife)),
            ("01-06-2017", Some(Expiry::On(day))),
            ("2017/06/01", Some(Expiry::On(day))),
            ("SEUMURHIDUP", Some(Expiry::ForLife)),
            ("SEUMUR-HIDUP", Some(Expiry::ForLife)),
            ("ＳＥＵＭＵＲ\u{3000}ＨＩＤＵＰ", Some(Expiry::ForLife)),
            ("01 - 06 - 2017", Some(Expiry::On(day))),
            ("2017 / 06 / 01", Some(Expiry::On(day))),
            ("SEUMUR HIDUP.", None),
            ("SEUMUR HlDUP", None),
            ("SEUMUR HIDUP 01-06-2017", None),
            ("31-06-2017", None),
        ] {
            assert_eq!(Expiry::read(text), expiry, "{text}");
        }
    }

    #[test]
    fn a_card_is_good_on_its_last_day() {
        let last = CalendarDate::new(2017, 6, 1).unwrap();
        let next = CalendarDate::new(2017, 6, 2).unwrap();
        assert!(!Expiry::On(last).is_past(last) && Expiry::On(last).is_past(next));
        assert!(!Expiry::ForLife.is_past(next));
    }
}
