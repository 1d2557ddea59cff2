//! Every member of the documented format: what a damaged body must not be quoted for.

use super::{Endpoint, GenerateToken, GenerateUrl, GetResult, envelope};

/// Names of members. An endpoint that is added has a line here.
fn documented() -> impl Iterator<Item = &'static str> {
    [
        envelope::members(),
        GenerateToken::members(),
        GenerateUrl::members(),
        GetResult::members(),
    ]
    .into_iter()
    .flatten()
}

/// A quote, as JSON has it, and as a page or a log has it that repeats JSON.
const QUOTES: [&str; 11] = [
    "\"", "'", "&quot;", "&#34;", "&#x22;", "&#39;", "&apos;", "%22", "%27", "\\u0022", "\\u0027",
];

/// Whether a text has the name of a member in it, documented or of the endpoint that was asked: in quotes, or one that is
/// no word of any language.
pub(crate) fn names_a_member(text: &str, of_the_endpoint: &[&'static str]) -> bool {
    documented().chain(of_the_endpoint.iter().copied()).any(|name| {
        let unmistakable = name.bytes().any(|b| b.is_ascii_uppercase());
        text.match_indices(name)
            .any(|(start, name)| unmistakable || is_quoted(&text[..start], &text[start + name.len()..]))
    })
}

fn is_quoted(before: &str, after: &str) -> bool {
    // What is escaped has backslashes in front of its quote.
    let escaped = after.trim_start_matches('\\');
    let begins = |quote: &&str| after.starts_with(*quote) || escaped.starts_with(*quote);
    QUOTES.iter().any(|quote| before.ends_with(quote)) && QUOTES.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_in_quotes_or_by_a_word_of_no_language() {
        for text in [
            r#"{"message":1"#,
            r#"x "name" y"#,
            "idNumber",
            "pricingStrategy=PAY",
            r#"was: \"name\": \"SITI\""#,
            "<pre>&quot;name&quot;: &quot;SITI&quot;",
            "&#34;religion&#34;",
            "{'name': 'SITI'}",
            "%22name%22%3A%22SITI%22",
            r"\u0022name\u0022",
        ] {
            assert!(names_a_member(text, &[]), "{text}");
        }
        for text in [
            "",
            "a message",
            r#"the "message of"#,
            r#"of a name""#,
            "it's the names' order",
            "IDNUMBER",
            "\"\"",
            "ofNobody=JAKARTA",
        ] {
            assert!(!names_a_member(text, &[]), "{text}");
        }
        assert!(names_a_member("ofNobody=JAKARTA", &["ofNobody"]));
    }

    #[test]
    fn every_member_of_the_format_is_known_at_every_level() {
        for (name, _) in crate::domain::Ktp::default().fields() {
            assert!(documented().any(|documented| documented == name), "{name}");
        }
        for name in [
            "code",
            "transactionId",
            "token",
            "expiredTime",
            "signatureId",
            "url",
            "croppedImage",
            "idvResult",
            "qualityLabels",
        ] {
            assert!(documented().any(|documented| documented == name), "{name}");
        }
        for name in ["", "Code", "ofNobody"] {
            assert!(!documented().any(|documented| documented == name), "{name}");
        }
    }
}
