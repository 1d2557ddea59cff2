//! Whether the fields of one card agree with one another.

use std::fmt;

use super::print::without_dashes;
use super::{Ktp, Nik, Reading, Sex};
use crate::domain::CalendarDate;

/// Which fields of a card agree and which differ from one another.
///
/// **It proves consistency, not authenticity.** A forger who knows how a NIK is built prints one that agrees with the
/// birthday. An honest card can differ from itself: it was misread, or a court or the registry corrected a date of birth
/// or a sex later, and the NIK stays as it was first given (PP 40/2019). So a difference is a case for a person, and no
/// proof of a forgery. It holds names of fields and reasons, no values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(transparent))]
pub struct Consistency([Check; 4]);

/// Two fields held against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Check {
    /// The two fields, by their names on the wire.
    pub fields: [&'static str; 2],
    /// What came of it.
    pub finding: Finding,
    /// Why.
    pub reason: CheckReason,
}

/// What came of holding two fields against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Finding {
    /// They say the same.
    Agree,
    /// They differ. The card was misread, or a field was corrected later, or the card is forged; the fields alone cannot
    /// tell which.
    Differ,
    /// At least one of them says nothing that could be compared.
    NotComparable,
}

/// Why two fields agree, differ or cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum CheckReason {
    /// Both name the same day. A NIK has no century, so of it only day, month and two digits of the year count, and
    /// any year from 1900 to 2099 will do: no holder of one is older.
    SameDate,
    /// They name different days.
    DifferentDate,
    /// The NIK's date is no day of any calendar: its day is 00 or 40, or it is a 31 February. People whose date of birth
    /// was not known have such numbers. Where it tells a sex all the same, that one may agree; it is no ground to differ.
    NikHasNoRealDate,
    /// One of them names a day on which no holder of a card was born: before 1900, after 2099, or 1 January 1900. So does
    /// 1 January 1970, where the other field says another day. Registries and programs write such days for "not known".
    UnbelievableDate,
    /// Both tell the same sex.
    SameSex,
    /// They tell different sexes.
    DifferentSex,
    /// The NIK's day of birth is out of both ranges, so it tells no sex. People whose date of birth was not known have such
    /// numbers.
    NikTellsNoSex,
    /// A field was not read off the card.
    NotRead,
    /// A field is masked.
    Masked,
    /// A field does not have the documented form.
    Unreadable,
}

const NIK: &str = "idNumber";
const BIRTHDAY: &str = "birthday";
const BIRTH: &str = "birthPlaceBirthday";

/// Why the fields of an honest card may differ, and the dishonest reason.
const CAUSES: &str = "; misread, corrected later, or forged";
const CAUSES_WITH_NIK: &str = "; misread, corrected later (the NIK stays), or forged";

impl Consistency {
    /// Every comparison: idNumber with birthday, with birthPlaceBirthday and with gender, and birthday with
    /// birthPlaceBirthday.
    pub const fn checks(&self) -> &[Check] {
        &self.0
    }

    /// The comparisons that agree.
    pub fn agreements(&self) -> impl Iterator<Item = &Check> {
        self.found(Finding::Agree)
    }

    /// The comparisons that differ.
    pub fn differences(&self) -> impl Iterator<Item = &Check> {
        self.found(Finding::Differ)
    }

    /// Whether any two fields differ.
    pub fn differs(&self) -> bool {
        self.differences().next().is_some()
    }

    fn found(&self, finding: Finding) -> impl Iterator<Item = &Check> {
        self.0.iter().filter(move |check| check.finding == finding)
    }
}

impl CheckReason {
    /// The reason in words for a person.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::SameDate => "both name the same day",
            Self::DifferentDate => "they name different days",
            Self::NikHasNoRealDate => {
                "the NIK holds no day of the calendar, as of people whose date of birth was not known"
            }
            Self::UnbelievableDate => "one of them names a day that stands for \"not known\"",
            Self::SameSex => "both tell the same sex",
            Self::DifferentSex => "they tell different sexes",
            Self::NikTellsNoSex => {
                "the NIK's day of birth tells no sex, as of people whose date of birth was not known"
            }
            Self::NotRead => "at least one of them was not read",
            Self::Masked => "at least one of them is masked",
            Self::Unreadable => "at least one of them does not have the documented form",
        }
    }

    const fn finding(self) -> Finding {
        match self {
            Self::SameDate | Self::SameSex => Finding::Agree,
            Self::DifferentDate | Self::DifferentSex => Finding::Differ,
            Self::NikHasNoRealDate
            | Self::UnbelievableDate
            | Self::NikTellsNoSex
            | Self::NotRead
            | Self::Masked
            | Self::Unreadable => Finding::NotComparable,
        }
    }
}

impl fmt::Display for Check {
    /// One line, which for a difference ends with its three lawful reasons:
    /// `idNumber differs from birthday: they name different days; misread, corrected later (the NIK stays), or forged`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, right] = self.fields;
        let verb = match self.finding {
            Finding::Agree => "agrees with",
            Finding::Differ => "differs from",
            Finding::NotComparable => "cannot be compared with",
        };
        write!(f, "{left} {verb} {right}: {}", self.reason.explanation())?;
        match self.finding {
            Finding::Differ if self.fields.contains(&NIK) => f.write_str(CAUSES_WITH_NIK),
            Finding::Differ => f.write_str(CAUSES),
            Finding::Agree | Finding::NotComparable => Ok(()),
        }
    }
}

/// Compares two readings, or says why that cannot be done.
fn compare<A, B>(
    left: Reading<A>,
    right: Reading<B>,
    judge: impl FnOnce(A, B) -> CheckReason,
) -> CheckReason {
    match (left, right) {
        (Reading::Read(left), Reading::Read(right)) => judge(left, right),
        (Reading::NotRead, _) | (_, Reading::NotRead) => CheckReason::NotRead,
        (Reading::Masked, _) | (_, Reading::Masked) => CheckReason::Masked,
        _ => CheckReason::Unreadable,
    }
}

fn same_date(same: bool) -> CheckReason {
    if same {
        CheckReason::SameDate
    } else {
        CheckReason::DifferentDate
    }
}

fn nik_and_date(nik: &Nik, date: CalendarDate) -> CheckReason {
    match nik.real_date() {
        None => CheckReason::NikHasNoRealDate,
        Some(_) if !is_believable(date) => CheckReason::UnbelievableDate,
        Some(born) => {
            let digits = u8::try_from(date.year() % 100);
            let same = digits.is_ok_and(|year| born == (date.day(), date.month(), year));
            unless_unknown(same, [date])
        }
    }
}

fn nik_and_sex(nik: &Nik, printed: Sex) -> CheckReason {
    match nik.sex() {
        None => CheckReason::NikTellsNoSex,
        Some(sex) if sex == printed => CheckReason::SameSex,
        // The same digits tell both: where they are no date, they are no evidence against the printed word.
        Some(_) if nik.real_date().is_none() => CheckReason::NikHasNoRealDate,
        Some(_) => CheckReason::DifferentSex,
    }
}

fn two_dates(left: CalendarDate, right: CalendarDate) -> CheckReason {
    if is_believable(left) && is_believable(right) {
        unless_unknown(left == right, [left, right])
    } else {
        CheckReason::UnbelievableDate
    }
}

/// Whether somebody who has a NIK may have been born on this day.
fn is_believable(date: CalendarDate) -> bool {
    let first_of_1900 = (date.year(), date.month(), date.day()) == (1_900, 1, 1);
    (1_900..=2_099).contains(&date.year()) && !first_of_1900
}

/// The first day of 1970 is zero in many a program. People were born on it too, so it counts where both say it.
fn unless_unknown<const N: usize>(same: bool, dates: [CalendarDate; N]) -> CheckReason {
    let is_zero = |date: &CalendarDate| (date.year(), date.month(), date.day()) == (1_970, 1, 1);
    if !same && dates.iter().any(is_zero) {
        CheckReason::UnbelievableDate
    } else {
        same_date(same)
    }
}

impl Ktp {
    /// The number of the person: sixteen digits, however they are spaced.
    pub fn nik(&self) -> Reading<Nik> {
        Reading::of(self.id_number().trimmed(), |text| Nik::new(&without_dashes(text)))
    }

    /// Holds the fields that tell the same thing against each other. It proves consistency, not authenticity.
    pub fn consistency(&self) -> Consistency {
        let nik = self.nik();
        let birthday = self.date_of_birth();
        let birth = self.birth().date;
        let check = |fields, reason: CheckReason| Check {
            fields,
            finding: reason.finding(),
            reason,
        };
        Consistency([
            check([NIK, BIRTHDAY], compare(nik.as_ref(), birthday, nik_and_date)),
            check([NIK, BIRTH], compare(nik.as_ref(), birth, nik_and_date)),
            check([NIK, "gender"], compare(nik.as_ref(), self.sex(), nik_and_sex)),
            check([BIRTHDAY, BIRTH], compare(birthday, birth, two_dates)),
        ])
    }
}
