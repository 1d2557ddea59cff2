//! How what came looks to a person.

pub(crate) mod card;
pub(crate) mod charges;
pub(crate) mod receipt;
pub(crate) mod verification;

use advance_core::TransactionId;

/// In the place of what was not told.
pub(crate) const NOT_TOLD: &str = "(none)";

/// The vendor's handle for a request. An empty one is of no use to anybody.
pub(crate) fn handle(id: Option<&TransactionId>) -> String {
    id.filter(|id| !id.as_str().is_empty())
        .map_or_else(|| NOT_TOLD.to_owned(), ToString::to_string)
}
