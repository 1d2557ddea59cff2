//! Times, in every notation a number has.

use super::runner::{fault, for_each_ask};
use super::{Ask, Data, Parser};
use crate::strategies::hostile;

/// `expiredTime` is taken exactly, or it is refused: never rounded into another time, never wrapped. A whole number
/// that is not negative is taken in each notation that JSON has for it (`1642580192430.0`, `0.1e1`, `1E+2`), up to the
/// largest that [`UnixMillis`](crate::UnixMillis) holds, 2^64 - 1. Zero with a sign may be either.
///
/// # Panics
/// If the property does not hold.
pub fn numbers_are_exact_or_refused(parser: &impl Parser) {
    for_each_ask(
        parser,
        "numbers are exact or refused",
        |_| hostile::extreme_number(),
        |ask, number| {
            let data = match ask {
                Ask::GenerateToken => format!(r#"{{"token":"t","expiredTime":{number}}}"#),
                Ask::GenerateUrl => {
                    format!(r#"{{"signatureId":"s","url":"https://h.example","expiredTime":{number}}}"#)
                }
                Ask::GetResult => return Ok(()),
            };
            let body = format!(r#"{{"code":"SUCCESS","data":{data}}}"#);
            let parsed = parser.parse(ask, body.as_bytes());
            let read = parsed.data.as_ref().and_then(Data::ends);
            if read.is_some_and(|read| Some(read) != exactly(number)) {
                return Err(fault("took it for another number", &body, &parsed));
            }
            let signed = number.starts_with('-');
            if read.is_none() && !signed && exactly(number).is_some() {
                return Err(fault("refused a whole number in range", &body, &parsed));
            }
            Ok(())
        },
    );
}

/// The number as a whole number, if it is one: digits moved by hand, so that nothing is rounded.
fn exactly(number: &str) -> Option<u64> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (number, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let point = exponent - i64::try_from(fraction.len()).ok()?;
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let zeros = point + i64::try_from(digits.len() - significant.len()).ok()?;
    if sign < 0 || !(0..=20).contains(&zeros) {
        return None;
    }
    format!("{significant}{}", "0".repeat(usize::try_from(zeros).ok()?))
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::exactly;

    #[test]
    fn digits_are_moved_and_not_rounded() {
        for (number, whole) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("1.5", None),
            ("1.5e1", Some(15)),
            ("1E+2", Some(100)),
            ("10e-1", Some(1)),
            ("1e-2", None),
            ("-1", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("1e19", Some(10_000_000_000_000_000_000)),
            ("1e20", None),
            ("1e999999", None),
            ("1642580192430.0000000000000000001", None),
        ] {
            assert_eq!(exactly(number), whole, "{number}");
        }
    }
}
