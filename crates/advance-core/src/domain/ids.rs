//! Ids that cannot be swapped for one another. One documented sample has the same text for two of them ([Q12]).
//!
//! [Q12]: crate::quirks

use std::fmt;

use super::id::id;
use crate::error::Error;
use crate::scan;
use crate::wipe::Wiped;

/// Why an id that a caller hands in cannot be sent.
fn flaw(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("must not be empty");
    }
    // The vendor documents 64 for its own transactionId and nothing for these; samples have 16 and 32.
    if text.len() > 256 {
        return Some("must have at most 256 bytes");
    }
    // What is not visible ASCII throughout is rare.
    let visible = scan::all(text.as_bytes(), |b| b.is_ascii_graphic());
    (!visible && text.chars().any(char::is_control)).then_some("must not contain control characters")
}

macro_rules! checked_id {
    ($(#[$meta:meta])* $name:ident as $field:literal) => {
        id!($(#[$meta])* $name);

        impl $name {
            /// Takes an id of 1 to 256 bytes without control characters; anything else in it is sent as it is.
            ///
            /// # Errors
            /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the rule.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                // A copy is kept, because shrinking the text in place may leave one behind.
                Self::copied(&Wiped::new(text.into()))
            }

            /// The same of a text that is somebody else's to wipe.
            pub(crate) fn copied(text: &str) -> Result<Self, Error> {
                match flaw(text) {
                    Some(rule) => Err(Error::invalid($field, rule)),
                    None => Ok(Self(Wiped::new(text.into()))),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::copied(text)
            }
        }
    };
}

checked_id!(
    /// Names one verification: from generate-url, for get-result. How long it lives is not documented ([Q30]).
    ///
    /// [Q30]: crate::quirks
    SignatureId as "signatureId"
);
checked_id!(
    /// The caller's own name for the person who is verified (`userId`).
    UserId as "userId"
);
impl fmt::Debug for SignatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignatureId({self})")
    }
}

impl fmt::Debug for UserId {
    /// Nothing: callers name people by mail addresses and worse.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use super::*;

    #[test]
    fn ids_of_callers_are_checked() {
        let long = "x".repeat(1 << 20);
        for bad in ["", "a\nb", "\0", &long] {
            assert!(SignatureId::new(bad).is_err() && UserId::new(bad).is_err());
        }
        assert_eq!(
            UserId::new("ü \"quoted\" \\").unwrap().as_str(),
            "ü \"quoted\" \\"
        );
    }

    #[test]
    fn debug_names_no_person() {
        let id = UserId::new("siti@mail.example").unwrap();
        assert_eq!(format!("{id:?}"), "UserId(redacted)");
    }

    #[test]
    fn ids_are_ordered_and_hashed_as_their_texts() {
        let [a, b] = ["a", "b"].map(|text| SignatureId::new(text).unwrap());
        assert_eq!(a.cmp(&b), Ordering::Less);
        assert_eq!(b.partial_cmp(&a), Some(Ordering::Greater));
        let hash = |id: &SignatureId| {
            let mut hasher = DefaultHasher::new();
            id.hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash(&a), hash(&a.clone()));
        assert_ne!(hash(&a), hash(&b));
    }
}
