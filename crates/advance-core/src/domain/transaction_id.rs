//! The vendor's handle for a request.

use std::fmt;

use super::id::id;
use crate::wipe::Wiped;

id!(
    /// The vendor's handle for one request; their support asks for it. At most 64 characters by the document; a
    /// longer one is kept whole.
    TransactionId
);

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}

impl From<&str> for TransactionId {
    fn from(text: &str) -> Self {
        Self(Wiped::new(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_hostile_transaction_id_is_kept_whole_and_shown_safely() {
        let text = format!("\r\n\u{1b}[2J{}", "9".repeat(100));
        let id = TransactionId::from(text.as_str());
        assert_eq!(id.as_str(), text);
        let shown = format!("{id} {id:?}");
        assert!(
            !shown.contains(['\r', '\n', '\u{1b}']) && shown.contains('…'),
            "{shown}"
        );
    }
}
