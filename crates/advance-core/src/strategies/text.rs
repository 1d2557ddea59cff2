//! Text, from the ordinary to the spiteful.

use proptest::prelude::*;
use serde_json::Value;

/// Any text: printable, with control characters, or [`odd`](odd_text).
pub fn any_text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        4 => "[A-Z_]{1,24}",
        4 => "[ -~]{0,40}",
        2 => "\\PC{0,40}",
        2 => any::<String>(),
        2 => odd_text(),
    ]
    .boxed()
}

/// Text that has broken a parser, a log or a terminal somewhere.
pub fn odd_text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "null",
            "true",
            "0",
            "-1",
            "{}",
            "[]",
            "\0",
            "\r\nX-Injected: 1",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{feff}",
            "\u{2028}",
            "\u{ffff}",
            "\u{10ffff}",
            "\"",
            "\\",
            "\\u0000",
            "\\ud800",
            "', expected ",
            "duplicate field `code`",
            " at line 1 column 1",
            "SUCCESS",
            "success",
            "SUCCESS\0",
            "FREE",
            "*",
            "R**A",
            "<script>",
            "../../etc/passwd",
            "%00",
            "é",
            "e\u{301}",
            "🙂",
        ])
        .prop_map(str::to_owned),
        ("\\PC", 60..3_000_usize).prop_map(|(unit, times)| unit.repeat(times)),
    ]
    .boxed()
}

/// Absent, null, or a value.
pub(super) fn maybe(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Value::Null)),
        4 => value.prop_map(Some),
    ]
    .boxed()
}
