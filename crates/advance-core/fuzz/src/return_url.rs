//! Any text as a return URL, and as what a browser came back with.

use advance_core::url::ReturnMismatch;
use advance_core::{ReturnUrl, ReturnedUrl, SignatureId};

use crate::envelope::showable;

const REFUSED: [&str; 6] = ["javascript", "data", "file", "about", "blob", "intent"];

pub fn return_url(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let id = SignatureId::new("ed8b21c0c87ad617").unwrap();
    match (ReturnUrl::new(text), ReturnUrl::with_plain_http(text)) {
        (Ok(strict), Ok(lenient)) => {
            assert_eq!(strict, lenient);
            sound(text, &strict, &id);
        }
        (Err(_), Ok(lenient)) => {
            assert!(text[..7].eq_ignore_ascii_case("http://"));
            sound(text, &lenient, &id);
        }
        (Ok(_), Err(_)) => panic!("the stricter rule took what the other refused"),
        (Err(error), Err(_)) => showable(&format!("{error} {error:?}")),
    }
    match ReturnedUrl::parse(text) {
        Ok(returned) => showable(&format!("{returned:?}")),
        Err(error) => showable(&format!("{error} {error:?}")),
    }
}

/// What every accepted URL keeps to.
fn sound(text: &str, url: &ReturnUrl, id: &SignatureId) {
    assert_eq!(url.as_str(), text);
    assert!(text.chars().count() <= 2_048);
    assert!(!text.contains(|c: char| c.is_control() || c.is_whitespace()));
    let (scheme, rest) = text.split_once("://").unwrap();
    assert!(!REFUSED.iter().any(|refused| scheme.eq_ignore_ascii_case(refused)));
    assert!(
        scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    );
    let host = rest.split(['/', '?', '#']).next().unwrap();
    assert!(!host.is_empty() && host.is_ascii() && !host.contains('@'));
    showable(&format!("{url:?}"));
    // It fits itself when it comes back, unless it names another verification of its own.
    let returned = ReturnedUrl::parse(text).unwrap();
    let known = [ReturnMismatch::SignatureId, ReturnMismatch::Ambiguous];
    assert!(
        returned
            .mismatches(url, id)
            .iter()
            .all(|mismatch| known.contains(mismatch))
    );
}
