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

/// Whether a text has the name of a member in it, documented or of the endpoint that was asked: in quotes, or one that is
/// no word of any language.
pub(crate) fn names_a_member(text: &str, of_the_endpoint: &[&'static str]) -> bool {
    documented().chain(of_the_endpoint.iter().copied()).any(|name| {
        let unmistakable = name.bytes().any(|b| b.is_ascii_uppercase());
        text.match_indices(name).any(|(start, name)| {
            let quoted = text[..start].ends_with('"') && text[start + name.len()..].starts_with('"');
            unmistakable || quoted
        })
    })
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
        ] {
            assert!(names_a_member(text, &[]), "{text}");
        }
        for text in [
            "",
            "a message",
            r#"the "message of"#,
            r#"of a name""#,
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
