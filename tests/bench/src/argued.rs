//! Targets that turned out to be wrong, and why: figures, not wishes. A row that misses its target and has no line here is a gap
//! to close.

/// Why the target of this row is wrong.
pub fn why(case: &str) -> Option<&'static str> {
    let (_, why) = ARGUED.iter().find(|(begins, _)| case.starts_with(begins))?;
    Some(why)
}

/// What a row's name begins with, and the argument.
const ARGUED: &[(&str, &str)] = &[
    (
        "parse generate-url",
        "its floor reads another reply, of 479 bytes; this one has 642. By the byte it is 1.09 in instructions (10,148 of them, \
         2,100 for the checks of the link, which the floor has not), so 1.2 asked for less than reading the text at the floor's \
         own pace.",
    ),
    (
        "parse generate-token",
        "of its 7,090 instructions `serde_json` takes 4,200 to read the text, as the floor's does, and 630 are the two checks \
         that the token can be sent in a header, which the floor would make at every request. 0.85 leaves 1,100 for all the \
         rest: memory, wiping and the types.",
    ),
];
