//! Any text as a NIK.

use advance_core::{CalendarDate, Nik, Sex};

pub fn nik(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit());
    let nik = Nik::new(text);
    assert_eq!(nik.is_some(), digits);
    let Some(nik) = nik else { return };
    assert_eq!(nik.expose(), text);
    assert_eq!(nik.province(), &text[..2]);
    assert_eq!(nik.city(), &text[..4]);
    assert_eq!(nik.district(), &text[..6]);
    assert_eq!(nik.serial(), &text[12..]);
    let day: u8 = text[6..8].parse().unwrap();
    let sex = match day {
        1..=31 => Some(Sex::Male),
        41..=71 => Some(Sex::Female),
        _ => None,
    };
    assert_eq!(nik.sex(), sex);
    for (year, month) in [(1, 1), (1950, 6), (2000, 2), (2026, 11), (9_999, 12)] {
        let on = CalendarDate::new(year, month, 28).unwrap();
        if let Some(born) = nik.birth_date(on) {
            assert_eq!(born.day(), if day > 40 { day - 40 } else { day });
            assert_eq!(
                format!("{:02}{:02}", born.month(), born.year() % 100),
                &text[8..12]
            );
            assert!(born.year() < 2_000 || born.years_until(on) >= 17);
        }
    }
    assert!(!format!("{nik:?}").contains(&text[..4]));
}
