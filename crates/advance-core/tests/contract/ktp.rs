//! What the fields of a card say, alone and held against each other.

use advance_core::{CalendarDate, CheckReason, Expiry, Finding, Ktp, Nik, Reading, RtRw, Sex};
use serde_json::{Value, json};

use crate::support::{Call, verification};

/// A card with these fields and no others.
fn card(fields: Value) -> Ktp {
    let result = verification(Call::GetResult.with("/data/ocrResult", fields));
    result.ocr_result().unwrap().clone()
}

/// A made-up card whose fields agree: a woman born in Semarang on 1 June 1989.
fn sound() -> Value {
    json!({
        "idNumber": "3374014106890002",
        "gender": "PEREMPUAN",
        "birthPlaceBirthday": "SEMARANG, 01-06-1989",
        "placeOfBirth": "SEMARANG",
        "birthday": "1989/06/01",
        "rtrw": "011/002",
        "expiryDate": "SEUMUR HIDUP",
    })
}

fn with(name: &str, value: impl Into<Value>) -> Ktp {
    let mut fields = sound();
    fields[name] = value.into();
    card(fields)
}

fn june_first() -> CalendarDate {
    CalendarDate::new(1989, 6, 1).unwrap()
}

#[test]
fn a_sound_card_is_read_and_agrees_in_all_four_ways() {
    let card = card(sound());
    assert_eq!(card.nik().value().unwrap().district(), "337401");
    assert_eq!(card.sex(), Reading::Read(Sex::Female));
    assert_eq!(card.date_of_birth(), Reading::Read(june_first()));
    assert_eq!(card.birth().place, Reading::Read("SEMARANG"));
    assert_eq!(card.birth().date, Reading::Read(june_first()));
    assert_eq!(card.neighbourhood(), Reading::Read(RtRw { rt: 11, rw: 2 }));
    assert_eq!(card.expiry(), Reading::Read(Expiry::ForLife));
    let consistency = card.consistency();
    assert_eq!(consistency.agreements().count(), 4);
    assert!(!consistency.is_contradictory());
}

#[test]
fn a_number_is_taken_apart() {
    let nik = Nik::new("3374014106890002").unwrap();
    assert_eq!(nik.expose(), "3374014106890002");
    assert_eq!(
        (nik.province(), nik.city(), nik.district(), nik.serial()),
        ("33", "3374", "337401", "0002")
    );
}

#[test]
fn debug_says_that_something_was_read_and_not_what() {
    let card = card(sound());
    for (shown, expected) in [
        (format!("{:?}", card.nik()), "read"),
        (format!("{:?}", card.nik().value().unwrap()), "Nik(redacted)"),
        (format!("{:?}", card.sex().value().unwrap()), "Sex(redacted)"),
        (
            format!("{:?}", card.neighbourhood().value().unwrap()),
            "RtRw(redacted)",
        ),
        (format!("{:?}", card.expiry().value().unwrap()), "ForLife"),
        (format!("{:?}", Expiry::On(june_first())), "On(redacted)"),
    ] {
        assert_eq!(shown, expected);
    }
    let shown = format!("{:?}", with("idNumber", "33************02"));
    assert!(shown.contains("masked") && shown.contains("read"), "{shown}");
}

#[test]
fn the_documented_card_is_mostly_masked_and_contradicts_nothing() {
    let result = verification(Call::GetResult.success());
    let card = result.ocr_result().unwrap();
    assert_eq!(card.nik(), Reading::Masked);
    assert_eq!(card.expiry(), Reading::Masked);
    assert_eq!(card.birth().place, Reading::Masked);
    assert_eq!(card.birth().date, Reading::Read(june_first()));
    assert_eq!(card.date_of_birth(), Reading::Read(june_first()));
    assert_eq!(card.sex(), Reading::Read(Sex::Female));
    assert_eq!(card.neighbourhood(), Reading::Read(RtRw { rt: 11, rw: 2 }));
    let masked = card
        .fields()
        .iter()
        .filter(|(_, field)| field.is_masked())
        .count();
    assert_eq!(masked, 12);
    let reasons: Vec<_> = card
        .consistency()
        .checks()
        .iter()
        .map(|check| check.reason)
        .collect();
    assert_eq!(
        reasons,
        [
            CheckReason::Masked,
            CheckReason::Masked,
            CheckReason::Masked,
            CheckReason::SameDate
        ]
    );
}

/// The pairs of fields that contradict each other, and why.
fn contradictions(card: &Ktp) -> Vec<([&'static str; 2], CheckReason)> {
    let consistency = card.consistency();
    consistency
        .contradictions()
        .map(|check| (check.fields, check.reason))
        .collect()
}

#[test]
fn a_contradiction_names_both_fields_and_the_reason() {
    const NIK: &str = "idNumber";
    let dates = |reason| vec![([NIK, "birthday"], reason), ([NIK, "birthPlaceBirthday"], reason)];
    for digits in ["3374014206890002", "3374014107890002", "3374014106880002"] {
        let card = with("idNumber", digits);
        assert_eq!(
            contradictions(&card),
            dates(CheckReason::DifferentDate),
            "{digits}"
        );
        assert!(card.consistency().is_contradictory());
    }
    // 31 June: the sex can still be told.
    assert_eq!(
        contradictions(&with("idNumber", "3374017106890002")),
        dates(CheckReason::NikHasNoRealDate)
    );
    let mut neither = dates(CheckReason::NikHasNoRealDate);
    neither.push(([NIK, "gender"], CheckReason::NikTellsNoSex));
    assert_eq!(contradictions(&with("idNumber", "3374019906890002")), neither);
    // The same day for a man.
    assert_eq!(
        contradictions(&with("idNumber", "3374010106890002")),
        [([NIK, "gender"], CheckReason::DifferentSex)]
    );
    assert_eq!(
        contradictions(&with("gender", "LAKI-LAKI")),
        [([NIK, "gender"], CheckReason::DifferentSex)]
    );
    assert_eq!(
        contradictions(&with("birthday", "1989/06/02")),
        [
            ([NIK, "birthday"], CheckReason::DifferentDate),
            (["birthday", "birthPlaceBirthday"], CheckReason::DifferentDate)
        ]
    );
}

#[test]
fn a_nik_has_no_century_and_nobody_who_has_one_was_born_before_1900() {
    const NIK: &str = "idNumber";
    let between = (["birthday", "birthPlaceBirthday"], CheckReason::DifferentDate);
    let with_nik = ([NIK, "birthday"], CheckReason::DifferentDate);
    for (birthday, contradicted) in [
        ("1989/06/01", &[][..]),
        ("2089/06/01", &[between]),
        ("1889/06/01", &[with_nik, between]),
        ("2189/06/01", &[with_nik, between]),
        ("0089/06/01", &[with_nik, between]),
    ] {
        assert_eq!(
            contradictions(&with("birthday", birthday)),
            contradicted,
            "{birthday}"
        );
    }
}

#[test]
fn what_says_nothing_contradicts_nothing() {
    for (value, reason) in [
        (Value::Null, CheckReason::NotRead),
        (json!("null"), CheckReason::NotRead),
        (json!("33******02"), CheckReason::Masked),
        (json!("1989-O6-01"), CheckReason::Unreadable),
    ] {
        for (name, touched) in [
            ("idNumber", &[0, 1, 2][..]),
            ("birthday", &[0, 3]),
            ("birthPlaceBirthday", &[1, 3]),
            ("gender", &[2]),
        ] {
            let consistency = with(name, value.clone()).consistency();
            for (index, check) in consistency.checks().iter().enumerate() {
                if touched.contains(&index) {
                    assert_eq!((check.finding, check.reason), (Finding::NotComparable, reason));
                } else {
                    assert_eq!(check.finding, Finding::Agree, "{name} {check}");
                }
            }
        }
    }
}

#[test]
fn fault_55_only_real_days_in_the_documented_form_are_birthdays() {
    for (text, reading) in [
        ("1989/06/01", Reading::Read(june_first())),
        ("1989/6/1", Reading::Read(june_first())),
        ("1989/06/01,", Reading::Read(june_first())),
        ("0000/00/00", Reading::Unreadable),
        ("1989/02/30", Reading::Unreadable),
        ("19**/0*/01", Reading::Masked),
        ("١٩٨٩/٠٦/٠١", Reading::Unreadable),
        ("null", Reading::NotRead),
        ("null ", Reading::NotRead),
        ("null,", Reading::NotRead),
        ("", Reading::NotRead),
    ] {
        let card = with("birthday", text);
        assert_eq!(card.date_of_birth(), reading, "{text}");
        assert_eq!(card.birthday().raw(), Some(text));
    }
}

#[test]
fn nothing_is_guessed_from_what_ocr_mistook() {
    for (name, text) in [
        ("idNumber", "337401410689OO02"),
        ("idNumber", "3374 0141 0689 0002"),
        ("gender", "PEREMPUAM"),
        ("gender", "L"),
        ("rtrw", "O11/002"),
        ("expiryDate", "SEUMUR HlDUP"),
    ] {
        let card = with(name, text);
        let word = match name {
            "idNumber" => card.nik().as_str(),
            "gender" => card.sex().as_str(),
            "rtrw" => card.neighbourhood().as_str(),
            _ => card.expiry().as_str(),
        };
        assert_eq!(word, "unreadable", "{text}");
    }
}

#[test]
fn nothing_of_a_card_shows_in_debug() {
    let card = card(sound());
    let shown = format!(
        "{card:?} {card:#?} {:?} {:?} {:?} {:?} {:?} {:?} {:#?}",
        card.nik(),
        card.nik().value(),
        card.sex().value(),
        card.birth(),
        card.date_of_birth().value(),
        card.expiry(),
        card.consistency(),
    );
    for hidden in ["3374", "PEREMPUAN", "Female", "SEMARANG", "1989", "011", "0002"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
}

#[test]
fn a_check_reads_as_one_line() {
    let card = with("birthday", "1989/06/02");
    let lines: Vec<_> = card
        .consistency()
        .checks()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "idNumber contradicts birthday: they name different days",
            "idNumber agrees with birthPlaceBirthday: both name the same day",
            "idNumber agrees with gender: both tell the same sex",
            "birthday contradicts birthPlaceBirthday: they name different days",
        ]
    );
}

#[cfg(feature = "serialize")]
#[test]
fn consistency_serialises_without_values() {
    let consistency = with("birthday", "1989/06/02").consistency();
    let json = serde_json::to_value(&consistency).unwrap();
    assert_eq!(
        json[0],
        json!({
            "fields": ["idNumber", "birthday"], "finding": "contradict", "reason": "different_date",
        })
    );
    assert_eq!(json.as_array().unwrap().len(), 4);
    assert!(!json.to_string().contains("1989"));
}

#[test]
fn a_reading_of_one_thing_is_a_reading_of_what_is_made_of_it() {
    let day = Reading::Read(CalendarDate::new(1989, 6, 1).unwrap());
    assert_eq!(day.map(CalendarDate::year), Reading::Read(1989));
    for nothing in [Reading::NotRead, Reading::Masked, Reading::Unreadable] {
        assert_eq!(nothing.map(CalendarDate::year).as_str(), nothing.as_str());
    }
}

#[cfg(feature = "serialize")]
#[test]
fn what_is_read_off_a_card_serialises() {
    let read = |fields: Value| {
        let card = card(fields);
        json!([
            card.nik(),
            card.sex(),
            card.expiry(),
            card.neighbourhood(),
            card.birth()
        ])
    };
    assert_eq!(
        read(json!({
            "idNumber": "3374014106890002", "gender": "PEREMPUAN", "expiryDate": "SEUMUR HIDUP",
            "rtrw": "011/002", "birthPlaceBirthday": "SEMARANG,, 01-06-1989",
        })),
        json!([
            { "reading": "read", "value": "3374014106890002" },
            { "reading": "read", "value": "female" },
            { "reading": "read", "value": "for_life" },
            { "reading": "read", "value": { "rt": 11, "rw": 2 } },
            {
                "place": { "reading": "read", "value": "SEMARANG" },
                "date": { "reading": "read", "value": "1989-06-01" },
            },
        ])
    );
    assert_eq!(
        read(json!({ "idNumber": "33******02", "gender": "?", "expiryDate": "01-06-2017" })),
        json!([
            { "reading": "masked" },
            { "reading": "unreadable" },
            { "reading": "read", "value": { "on": "2017-06-01" } },
            { "reading": "not_read" },
            { "place": { "reading": "not_read" }, "date": { "reading": "not_read" } },
        ])
    );
}
