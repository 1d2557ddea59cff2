//! The vendor's message, which may repeat what was sent.

/// The message with what looks like an address, a link, an assignment or a long number taken out.
///
/// A live call knows what it sent and takes out exactly that; a saved reply does not say what was asked.
pub(super) fn shown(message: &str, reveal: bool) -> String {
    if reveal {
        return message.to_owned();
    }
    let words = message.split_inclusive(char::is_whitespace);
    words
        .map(|word| {
            let bare = word.trim_end();
            if is_telling(bare) {
                format!("[redacted]{}", &word[bare.len()..])
            } else {
                word.to_owned()
            }
        })
        .collect()
}

fn is_telling(word: &str) -> bool {
    let digits = word.chars().filter(|letter| letter.is_numeric()).count();
    word.contains(['@', '=']) || word.contains("://") || digits >= 6
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_may_have_been_sent_needs_reveal() {
        for (message, expected) in [
            ("illegal userId siti@mail.example", "illegal userId [redacted]"),
            (
                "bad returnUrl https://shop.example/done?session=S3SS10N !",
                "bad returnUrl [redacted] !",
            ),
            (
                "idNumber 3174096106890002\tis wrong",
                "idNumber [redacted]\tis wrong",
            ),
            ("session=S3SS10N", "[redacted]"),
        ] {
            assert_eq!(shown(message, false), expected);
            assert_eq!(shown(message, true), message);
        }
    }

    #[test]
    fn the_documented_messages_stay_whole() {
        for message in [
            "HTTP 404 - Not Found",
            "Parameter should not be empty",
            "Timestamp error",
            "OK",
            "",
        ] {
            assert_eq!(shown(message, false), message);
        }
    }
}
