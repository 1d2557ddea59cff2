//! What the fields of a card say, alone and held against each other.

use advance_core::Ktp;
use advance_core::domain::{CalendarDate, CheckReason, Expiry, Finding, Nik, Reading, RtRw, Sex};
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
    assert!(!consistency.differs());
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
fn the_documented_card_is_mostly_masked_and_differs_in_nothing() {
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

/// The pairs of fields that differ, and why.
fn differences(card: &Ktp) -> Vec<([&'static str; 2], CheckReason)> {
    let consistency = card.consistency();
    consistency
        .differences()
        .map(|check| (check.fields, check.reason))
        .collect()
}

#[test]
fn a_difference_names_both_fields_and_the_reason() {
    const NIK: &str = "idNumber";
    let dates = |reason| vec![([NIK, "birthday"], reason), ([NIK, "birthPlaceBirthday"], reason)];
    for digits in ["3374014206890002", "3374014107890002", "3374014106880002"] {
        let card = with("idNumber", digits);
        assert_eq!(differences(&card), dates(CheckReason::DifferentDate), "{digits}");
        assert!(card.consistency().differs());
    }
    // The same day for a man.
    assert_eq!(
        differences(&with("idNumber", "3374010106890002")),
        [([NIK, "gender"], CheckReason::DifferentSex)]
    );
    assert_eq!(
        differences(&with("gender", "LAKI-LAKI")),
        [([NIK, "gender"], CheckReason::DifferentSex)]
    );
    assert_eq!(
        differences(&with("birthday", "1989/06/02")),
        [
            ([NIK, "birthday"], CheckReason::DifferentDate),
            (["birthday", "birthPlaceBirthday"], CheckReason::DifferentDate)
        ]
    );
}

/// Why each of the four comparisons came out as it did.
fn reasons(card: &Ktp) -> [CheckReason; 4] {
    let consistency = card.consistency();
    let reasons: Vec<_> = consistency.checks().iter().map(|check| check.reason).collect();
    reasons.try_into().unwrap()
}

#[test]
fn a_nik_of_an_unknown_birth_differs_from_nothing() {
    use CheckReason::{NikHasNoRealDate as NoDate, NikTellsNoSex, SameDate, SameSex};
    for (digits, sex) in [
        ("000689", NikTellsNoSex),
        ("400689", NikTellsNoSex),
        ("000000", NikTellsNoSex),
        ("990689", NikTellsNoSex),
        // 31 February and 31 June of a woman, and of a man on a woman's card: the digits are no date.
        ("710289", SameSex),
        ("710689", SameSex),
        ("310289", NoDate),
        ("010089", NoDate),
    ] {
        let card = with("idNumber", format!("337401{digits}0002"));
        assert_eq!(reasons(&card), [NoDate, NoDate, sex, SameDate], "{digits}");
        assert!(!card.consistency().differs(), "{digits}");
        assert_eq!(card.consistency().checks()[0].finding, Finding::NotComparable);
    }
}

#[test]
fn a_birthday_that_cannot_be_believed_differs_from_nothing() {
    use CheckReason::{SameDate, SameSex, UnbelievableDate as Unbelievable};
    for birthday in [
        "0001/01/01",
        "1753/01/01",
        "1889/06/01",
        "1899/12/31",
        "1900/01/01",
        "1970/01/01",
        "2100/06/01",
        "2189/06/01",
        "9999/12/31",
    ] {
        let card = with("birthday", birthday);
        assert_eq!(
            reasons(&card),
            [Unbelievable, SameDate, SameSex, Unbelievable],
            "{birthday}"
        );
        // What it says is told all the same.
        assert!(matches!(card.date_of_birth(), Reading::Read(_)), "{birthday}");
    }
    // Its sibling in the field beside it.
    for birth in ["SEMARANG, 01-01-1900", "SEMARANG, 01-01-1970"] {
        let card = with("birthPlaceBirthday", birth);
        assert_eq!(
            reasons(&card),
            [SameDate, Unbelievable, SameSex, Unbelievable],
            "{birth}"
        );
    }
    // A NIK has no century: that it was given to somebody born in 2000 makes no birthday of a placeholder.
    let mut fields = sound();
    fields["idNumber"] = "3374014101000002".into();
    fields["birthday"] = "1900/01/01".into();
    assert_eq!(reasons(&card(fields))[0], Unbelievable);
}

#[test]
fn people_were_born_on_the_first_day_of_1970_too() {
    let mut fields = sound();
    fields["idNumber"] = "3374014101700002".into();
    fields["birthday"] = "1970/01/01".into();
    fields["birthPlaceBirthday"] = "SEMARANG, 01-01-1970".into();
    assert_eq!(card(fields).consistency().agreements().count(), 4);
    let mut next_day = sound();
    next_day["idNumber"] = "3374014101700002".into();
    next_day["birthday"] = "1970/01/02".into();
    assert_eq!(reasons(&card(next_day))[0], CheckReason::DifferentDate);
}

#[test]
fn a_nik_has_no_century() {
    let between = (["birthday", "birthPlaceBirthday"], CheckReason::DifferentDate);
    for (birthday, differing) in [("1989/06/01", &[][..]), ("2089/06/01", &[between])] {
        assert_eq!(differences(&with("birthday", birthday)), differing, "{birthday}");
    }
}

#[test]
fn what_is_print_makes_no_difference() {
    for (name, text) in [
        ("idNumber", "3374 0141 0689 0002"),
        ("idNumber", "３３７４０１４１０６８９０００２"),
        ("idNumber", "3374-0141-0689-0002"),
        ("gender", "Perempuan"),
        ("gender", "PEREMPUAN\u{a0}"),
        ("birthday", "1989 / 06 / 01"),
        ("birthday", "１９８９／０６／０１"),
        ("birthPlaceBirthday", "SEMARANG, 01 – 06 – 1989"),
    ] {
        let card = with(name, text);
        assert_eq!(card.consistency().agreements().count(), 4, "{text}");
        let kept = card.fields().into_iter().find(|(field, _)| *field == name);
        assert_eq!(kept.unwrap().1.raw(), Some(text), "what came is kept");
    }
    for text in ["007 / 008", "RT 007 RW 008"] {
        let card = with("rtrw", text);
        assert_eq!(
            card.neighbourhood(),
            Reading::Read(RtRw { rt: 7, rw: 8 }),
            "{text}"
        );
    }
    for text in ["SEUMURHIDUP", "Seumur Hidup"] {
        let card = with("expiryDate", text);
        assert_eq!(card.expiry(), Reading::Read(Expiry::ForLife), "{text}");
    }
    assert_eq!(with("idNumber", "33＊＊＊＊＊＊02").nik(), Reading::Masked);
}

#[test]
fn what_says_nothing_differs_from_nothing() {
    for (value, reason) in [
        (Value::Null, CheckReason::NotRead),
        (json!("null"), CheckReason::NotRead),
        (json!("33******02"), CheckReason::Masked),
        (json!("1989-O6-01"), CheckReason::Unreadable),
        (json!("21 JUNI 1989"), CheckReason::Unreadable),
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
        ("idNumber", "31740961O6B90OO2"),
        ("idNumber", "33740141068900021"),
        ("idNumber", "317409XXXXXX0002"),
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
            "idNumber differs from birthday: they name different days; misread, corrected later (the NIK stays), or forged",
            "idNumber agrees with birthPlaceBirthday: both name the same day",
            "idNumber agrees with gender: both tell the same sex",
            "birthday differs from birthPlaceBirthday: they name different days; misread, corrected later, or forged",
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
            "fields": ["idNumber", "birthday"], "finding": "differ", "reason": "different_date",
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
