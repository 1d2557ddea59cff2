//! Nesting past any limit.

use super::Parser;
use super::runner::{fault, for_each_ask};
use crate::strategies::hostile;

/// Nesting a hundred to a hundred thousand levels deep, in any place, is refused or (in a member nobody reads)
/// ignored; it does not overflow the stack. Run it on a small one to be sure.
///
/// # Panics
/// If the property does not hold.
pub fn nesting_is_refused_or_ignored(parser: &impl Parser) {
    for_each_ask(
        parser,
        "nesting is refused or ignored",
        hostile::nested,
        |ask, body| {
            let parsed = parser.parse(ask, &body);
            // A body that does not close what it opens is no reply, whatever member it is in.
            if parsed.is_reply && left_open(&body) > 50 {
                return Err(fault(
                    "took what never ends",
                    &body[..body.len().min(500)],
                    &parsed,
                ));
            }
            Ok(())
        },
    );
}

/// How many more brackets open than close, outside of strings.
fn left_open(body: &[u8]) -> isize {
    let (mut open, mut quoted, mut escaped) = (0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => open += 1,
            b']' | b'}' if !quoted => open -= 1,
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::left_open;

    #[test]
    fn brackets_in_strings_are_text() {
        assert_eq!(left_open(br#"{"{{{\"[[\\":[1,2]}"#), 0);
        assert_eq!(left_open(br#"{"a":[[{"#), 4);
    }
}
