//! What the document does not allow and a lenient vendor may let pass.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::endpoint::Endpoint;
use super::params::Params;
use super::refusal::{self, Refusal};

/// Refuses what is not in the document, and says why.
pub(super) fn check(
    endpoint: Endpoint,
    headers: &HeaderMap,
    query: Option<&str>,
    params: &Params,
) -> Result<(), Refusal> {
    let refuse = |why: String| Err(refusal::strict(&why));
    let known = endpoint.members();
    if let Some(other) = params.names().find(|name| !known.contains(name)) {
        let other: String = other
            .chars()
            .filter(|letter| !letter.is_control())
            .take(48)
            .collect();
        return refuse(format!(
            "the document has no member {other}; it has {}",
            known.join(", ")
        ));
    }
    if query.is_some_and(|query| !query.is_empty()) {
        return refuse("the document has no query".to_owned());
    }
    if headers
        .get(CONTENT_TYPE)
        .is_none_or(|value| value != "application/json")
    {
        return refuse("the document says Content-Type: application/json, without a parameter".to_owned());
    }
    if endpoint == Endpoint::GenerateToken && headers.contains_key("x-access-token") {
        return refuse("generate-token is asked without X-ACCESS-TOKEN".to_owned());
    }
    for name in ["returnUrl", "failReturnUrl"] {
        let url = params.optional_text(name).unwrap_or_default().unwrap_or_default();
        if url.starts_with("http://") {
            return refuse(format!("{name} is plain http; the document's examples are https"));
        }
    }
    Ok(())
}
