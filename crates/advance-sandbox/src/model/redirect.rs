//! Where the page may send a person afterwards.
//!
//! The rules are those of the vendor's sibling products. What is appended is documented nowhere (a guess, after a
//! sibling that appends `errorCode`).

use super::form;

const LONGEST: usize = 2048;
/// The first six are refused by sibling products; the others run or show something as well, and are a guess.
const REFUSED: [&str; 9] = [
    "javascript",
    "data",
    "file",
    "about",
    "blob",
    "intent",
    "vbscript",
    "view-source",
    "filesystem",
];

/// Whether `url` is `scheme://host…` of a scheme that is not refused, without control characters and at most 2,048
/// characters long.
pub(super) fn allowed(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|other| other.is_ascii_alphanumeric() || "+-.".contains(other))
        && !REFUSED.iter().any(|refused| scheme.eq_ignore_ascii_case(refused))
        && rest.starts_with(|first: char| !"/?#".contains(first) && !first.is_whitespace())
        && !url.chars().any(char::is_control)
        && url.chars().count() <= LONGEST
}

/// `url` with the parameters appended to its query, fit for a `Location` header.
pub(super) fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let (address, fragment) = url.split_once('#').map_or((url, None), |(a, f)| (a, Some(f)));
    let mut out = address.to_owned();
    for (name, value) in parameters {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&form::encode(value));
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    form::printable(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_and_apps_pass() {
        for url in [
            "https://www.example.com",
            "http://localhost:3000/done?x=1#top",
            "HTTPS://EXAMPLE.COM/",
            "myapp://done",
            "com.example.app+x-1://h",
            "https://[::1]/",
        ] {
            assert!(allowed(url), "{url}");
        }
    }

    #[test]
    fn the_rest_is_refused() {
        for url in [
            "www.example.com",
            "/fail",
            "https:/example.com",
            "https://",
            "https:///path",
            "https://?x",
            "://host",
            "1a://host",
            "ht tp://host",
            "javascript://host/%0aalert(1)",
            "JavaScript://x",
            "data://x",
            "file://x",
            "about://x",
            "blob://x",
            "intent://x",
            "vbscript://x",
            "View-Source://x",
            "filesystem://x",
            "javascript:alert(1)//https://x",
            "https://a\r\nb",
            "https://a\0",
            "https://a\u{85}",
        ] {
            assert!(!allowed(url), "{url:?}");
        }
    }

    #[test]
    fn at_most_2048_characters() {
        let longest = format!("https://x/{}", "\u{e9}".repeat(2038));
        assert!(allowed(&longest));
        assert!(!allowed(&format!("{longest}a")));
    }

    #[test]
    fn parameters_go_before_the_fragment() {
        let parameters = [("signatureId", "a&b"), ("errorCode", "X")];
        for (url, expected) in [
            ("https://x", "https://x?signatureId=a%26b&errorCode=X"),
            (
                "https://x/?q=1#f?",
                "https://x/?q=1&signatureId=a%26b&errorCode=X#f?",
            ),
            ("app://done#f", "app://done?signatureId=a%26b&errorCode=X#f"),
        ] {
            assert_eq!(with_parameters(url, &parameters), expected);
        }
    }
}
