//! Whether the fields of one card agree with one another.

use std::fmt;

use super::{Ktp, Nik, Reading};
use crate::domain::CalendarDate;

/// Which fields of a card agree and which contradict one another.
///
/// **It proves consistency, not authenticity.** A forger who knows how a NIK is built prints one that agrees with the
/// birthday; an honest card that was misread contradicts itself. It holds names of fields and reasons, no values.
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
    /// They cannot both be right.
    Contradict,
    /// At least one of them says nothing that could be compared.
    NotComparable,
}

/// Why two fields agree, contradict or cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum CheckReason {
    /// Both name the same day. A NIK has no century, so of it only day, month and two digits of the year count, and
    /// any year from 1900 to 2099 will do: nobody who was given one is older.
    SameDate,
    /// They name different days.
    DifferentDate,
    /// The NIK's date is no day of any calendar, while the other field names one.
    NikHasNoRealDate,
    /// Both tell the same sex.
    SameSex,
    /// They tell different sexes.
    DifferentSex,
    /// The NIK's day of birth is out of both ranges, so it tells no sex, while the other field does.
    NikTellsNoSex,
    /// A field was not read off the card.
    NotRead,
    /// A field is masked.
    Masked,
    /// A field does not have the documented form.
    Unreadable,
}

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

    /// The comparisons that contradict.
    pub fn contradictions(&self) -> impl Iterator<Item = &Check> {
        self.found(Finding::Contradict)
    }

    /// Whether any comparison contradicts.
    pub fn is_contradictory(&self) -> bool {
        self.contradictions().next().is_some()
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
            Self::NikHasNoRealDate => "the NIK holds a date that does not exist",
            Self::SameSex => "both tell the same sex",
            Self::DifferentSex => "they tell different sexes",
            Self::NikTellsNoSex => "the NIK holds a day of birth that tells no sex",
            Self::NotRead => "at least one of them was not read",
            Self::Masked => "at least one of them is masked",
            Self::Unreadable => "at least one of them does not have the documented form",
        }
    }

    const fn finding(self) -> Finding {
        match self {
            Self::SameDate | Self::SameSex => Finding::Agree,
            Self::DifferentDate | Self::NikHasNoRealDate | Self::DifferentSex | Self::NikTellsNoSex => {
                Finding::Contradict
            }
            Self::NotRead | Self::Masked | Self::Unreadable => Finding::NotComparable,
        }
    }
}

impl fmt::Display for Check {
    /// One line: `idNumber contradicts birthday: they name different days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, right] = self.fields;
        let verb = match self.finding {
            Finding::Agree => "agrees with",
            Finding::Contradict => "contradicts",
            Finding::NotComparable => "cannot be compared with",
        };
        write!(f, "{left} {verb} {right}: {}", self.reason.explanation())
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
    match nik.day_month_year().filter(|_| nik.has_real_date()) {
        None => CheckReason::NikHasNoRealDate,
        Some((day, month, year)) => {
            let same_year = (1_900..=2_099).contains(&date.year()) && u16::from(year) == date.year() % 100;
            same_date(day == date.day() && month == date.month() && same_year)
        }
    }
}

impl Ktp {
    /// The number of the person: sixteen digits.
    pub fn nik(&self) -> Reading<Nik> {
        Reading::of(self.id_number().trimmed(), Nik::new)
    }

    /// Holds the fields that tell the same thing against each other. It proves consistency, not authenticity.
    pub fn consistency(&self) -> Consistency {
        const NIK: &str = "idNumber";
        const BIRTHDAY: &str = "birthday";
        const BIRTH: &str = "birthPlaceBirthday";
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
            check(
                [NIK, "gender"],
                compare(nik.as_ref(), self.sex(), |nik, printed| match nik.sex() {
                    None => CheckReason::NikTellsNoSex,
                    Some(sex) if sex == printed => CheckReason::SameSex,
                    Some(_) => CheckReason::DifferentSex,
                }),
            ),
            check(
                [BIRTHDAY, BIRTH],
                compare(birthday, birth, |left, right| same_date(left == right)),
            ),
        ])
    }
}
