//! `ocrResult`: as an honest card prints it, with one field that does not go with the others, or anything.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::scalars::calendar_date;
use super::text::{any_text, maybe};
use super::words::sex;
use crate::domain::{CalendarDate, Sex};

/// What a card says of one birth, in four fields and the place.
#[derive(Clone, Debug)]
struct Person {
    born: CalendarDate,
    sex: Sex,
    district: String,
    serial: String,
    commas: &'static str,
}

const FIELDS: [&str; 4] = ["idNumber", "gender", "birthPlaceBirthday", "birthday"];

impl Person {
    fn prints(&self, field: &str) -> Value {
        let (day, month, year) = (self.born.day(), self.born.month(), self.born.year());
        let text = match field {
            "gender" => self.sex.as_printed().to_owned(),
            "birthPlaceBirthday" => format!("SEMARANG{} {day:02}-{month:02}-{year:04}", self.commas),
            "birthday" => format!("{year:04}/{month:02}/{day:02}"),
            _ => {
                // A woman's day of birth is 40 more.
                let day = day + if self.sex == Sex::Female { 40 } else { 0 };
                format!(
                    "{}{day:02}{month:02}{:02}{}",
                    self.district,
                    year % 100,
                    self.serial
                )
            }
        };
        text.into()
    }
}

fn person() -> impl Strategy<Value = Person> {
    // A NIK has no century, and was given to no person born before 1900.
    let born = (1_900..2_100_u16, 1..=12_u8, 1..=31_u8)
        .prop_filter_map("a day that exists", |(year, month, day)| {
            CalendarDate::new(year, month, day)
        });
    let commas = prop::sample::select(vec![",", ",,"]);
    (born, sex(), "[1-9][0-9]{5}", "[0-9]{4}", commas).prop_map(|(born, sex, district, serial, commas)| {
        Person {
            born,
            sex,
            district,
            serial,
            commas,
        }
    })
}

/// A card whose fields agree, or all of them but one.
pub(super) fn card() -> impl Strategy<Value = Value> {
    let expiry = prop_oneof![
        4 => Just(Value::from("SEUMUR HIDUP")),
        1 => calendar_date().prop_map(|day| format!("{:02}-{:02}-{:04}", day.day(), day.month(), day.year()).into()),
    ];
    let broken = prop_oneof![
        2 => person().prop_map(Broken::ByAnother),
        // Sixteen digits at random are hardly ever a birth, and the 99th is no birthday.
        2 => "[0-9]{6}([0-9]{2}|99)[0-9]{8}".prop_map(|digits| Broken::By(digits.into())),
        2 => printed().prop_map(Broken::By),
        1 => prop::sample::select(vec![Value::Null, "null".into(), "".into()]).prop_map(Broken::By),
        1 => prop::sample::select(vec!["0001/01/01", "1900/01/01", "1970/01/01"])
            .prop_map(|unknown| Broken::By(unknown.into())),
    ];
    let broken = prop::option::weighted(0.4, (prop::sample::select(&FIELDS[..]), broken));
    (any_card(), person(), expiry, broken)
        .prop_map(|(mut card, person, expiry, broken)| {
            for name in FIELDS {
                card[name] = person.prints(name);
            }
            card["placeOfBirth"] = "SEMARANG".into();
            card["expiryDate"] = expiry;
            if let Some((name, broken)) = broken {
                card[name] = match broken {
                    Broken::ByAnother(other) => other.prints(name),
                    Broken::By(value) => value,
                };
            }
            card
        })
        .boxed()
}

#[derive(Clone, Debug)]
enum Broken {
    ByAnother(Person),
    By(Value),
}

/// A card of any fields, none of which has to do with another.
pub(super) fn any_card() -> impl Strategy<Value = Value> {
    let names = crate::domain::Ktp::default().fields().map(|(name, _)| name);
    prop::collection::vec(maybe(printed()), names.len())
        .prop_map(move |fields| {
            let fields = names.into_iter().zip(fields);
            let card: Map<String, Value> = fields
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect();
            Value::Object(card)
        })
        .boxed()
}

fn printed() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[A-Z]{1,12}( [A-Z]{1,12}){0,2},?",
        2 => "[A-Z]\\*\\*[A-Z]",
        1 => "[0-9]{2}-[0-9]{2}-[0-9]{4}",
        1 => "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
        1 => "[0-9]{3}/[0-9]{3}",
        1 => "[0-9]{16}",
        1 => any_text(),
    ]
    .prop_map(Value::from)
    .boxed()
}
