//! The types of other crates in a listing.

use std::collections::{BTreeMap, BTreeSet};

/// Each path into another crate, with one item that names it.
pub(super) fn types<'a>(package: &str, items: &'a [String]) -> BTreeMap<String, &'a str> {
    let own = package.replace('-', "_");
    let known = [own.as_str(), "std", "core", "alloc"];
    let mut found = BTreeMap::new();
    for item in items {
        for path in paths(item) {
            let krate = path.split("::").next().unwrap_or_default();
            let is_crate = krate.starts_with(|letter: char| letter.is_ascii_lowercase());
            if is_crate && !known.contains(&krate) {
                found.entry(path).or_insert(item.as_str());
            }
        }
    }
    found
}

/// The paths of an item as it is listed: `a::b::C<d::E>` has `a::b::C` and `d::E`.
fn paths(item: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
    let words = item.split(|letter| !is_part(letter));
    let paths = words.filter(|word| word.contains("::") && !word.starts_with("::"));
    // A name before its type: `response: http::Response`.
    paths.map(|path| path.trim_end_matches(':').to_owned()).collect()
}

/// Whether a list as `["http::*", "rusqlite::Connection"]` has the path.
pub(super) fn is_allowed(path: &str, allowed: &BTreeSet<&str>) -> bool {
    allowed.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_others_are_found_wherever_they_stand() {
        let items = [
            "pub fn my_crate::Sent::reply(&self) -> core::option::Option<&http::response::Response<alloc::vec::Vec<u8>>>",
            "impl core::convert::From<other::Error> for my_crate::Error",
            "pub my_crate::Sent::url: http::uri::Uri",
        ]
        .map(str::to_owned);
        let found = types("my-crate", &items);
        let paths: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            ["http::response::Response", "http::uri::Uri", "other::Error"]
        );
    }

    #[test]
    fn a_pattern_allows_what_is_below_it_and_a_path_itself() {
        let allowed = ["http::*", "rusqlite::Connection"].into();
        assert!(is_allowed("http::uri::Uri", &allowed));
        assert!(is_allowed("rusqlite::Connection", &allowed));
        assert!(!is_allowed("rusqlite::Connection2", &allowed));
        assert!(!is_allowed("https::Uri", &allowed));
    }
}
