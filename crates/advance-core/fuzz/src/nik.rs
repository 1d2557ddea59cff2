//! Any text as a NIK.

use advance_core::domain::{CalendarDate, Nik, Sex};

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
        assert_eq!(nik.birth_date(on), born(text, on));
    }
    assert!(!format!("{nik:?}").contains(&text[..4]));
}

/// By the rule in the type's documentation: in this century if that makes the holder 17, else in the one before.
fn born(text: &str, on: CalendarDate) -> Option<CalendarDate> {
    let pair = |at: usize| text[at..at + 2].parse::<u16>().unwrap();
    let day = match pair(6) {
        day @ 1..=31 => day,
        day @ 41..=71 => day - 40,
        _ => return None,
    };
    let in_century = |first| {
        let (month, day) = (u8::try_from(pair(8)).unwrap(), u8::try_from(day).unwrap());
        CalendarDate::new(first + pair(10), month, day)
    };
    // Dates as numbers of eight digits: who is 17 is seventeen of the largest units away.
    let digits = |date: CalendarDate| {
        i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
    };
    in_century(2_000)
        .filter(|birth| digits(on) - digits(*birth) >= 170_000)
        .or_else(|| in_century(1_900))
}
