//! Ids that cannot be swapped for one another. One documented sample has the same text for two of them (Q12).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::escape::Shown;

/// Why an id that a caller hands in cannot be sent.
fn flaw(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("must not be empty");
    }
    // The vendor documents 64 for its own transactionId and nothing for these; samples have 16 and 32.
    if text.len() > 256 {
        return Some("must have at most 256 bytes");
    }
    text.chars()
        .any(char::is_control)
        .then_some("must not contain control characters")
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// It is wiped when dropped: it may name a person, or be whatever a browser or a server sent in its place.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Zeroizing<Box<str>>);

        impl $name {
            /// The id as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        #[cfg(feature = "serialize")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl fmt::Display for $name {
            /// Escaped and cut at 64 characters, so that it cannot forge a log line.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Shown::new(&self.0, 64), f)
            }
        }
    };
    ($(#[$meta:meta])* $name:ident checked as $field:literal) => {
        id!($(#[$meta])* $name);

        impl $name {
            /// Takes an id of 1 to 256 bytes without control characters; anything else in it is sent as it is.
            ///
            /// # Errors
            /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the rule.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = Zeroizing::new(text.into());
                match flaw(&text) {
                    Some(rule) => Err(Error::invalid($field, rule)),
                    // A copy, because shrinking the text in place may leave one behind.
                    None => Ok(Self(Zeroizing::new(text.as_str().into()))),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }
    };
}

id!(
    /// Names one verification: from generate-url, for get-result. How long it lives is not documented (Q30).
    SignatureId checked as "signatureId"
);
id!(
    /// The caller's own name for the person who is verified (`userId`).
    UserId checked as "userId"
);
id!(
    /// The vendor's handle for one request; their support asks for it. At most 64 characters by the document; a
    /// longer one is kept whole.
    TransactionId
);

macro_rules! shown_in_debug {
    ($($name:ident)+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        })+
    };
}

shown_in_debug!(SignatureId TransactionId);

impl fmt::Debug for UserId {
    /// Nothing: callers name people by mail addresses and worse.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(redacted)")
    }
}

impl From<&str> for TransactionId {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

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
