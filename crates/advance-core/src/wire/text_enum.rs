//! Enums whose values are words on the wire, open to words that are not listed.

use std::fmt;

/// A word that this version of the crate has no variant for.
///
/// It shows nothing of itself but in `Debug`, so that no program matches on it: the word may get a variant in the next
/// version, and such a match would silently stop matching. Compare the whole value instead, as in
/// `code == "NEW_CODE"`. Nor can anybody make one, so that no `Unknown` holds a word that has a variant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownWord(Box<str>);

impl UnknownWord {
    pub(crate) fn new(word: &str) -> Self {
        Self(word.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownWord {
    /// The word, escaped and cut so that it cannot forge a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&crate::escape::Shown::new(&self.0, 64), f)
    }
}

/// Declares an enum of words, each with an explanation, and an `Unknown` that keeps any other. `all` and `explanation`
/// say where the words and their explanations are from.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            all: $all:literal;
            explanation: $source:literal;
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal : $explanation:literal,)+
        }
    ) => {
        $(#[$meta])*
        ///
        #[doc = concat!(
            "To look for a word that may have no variant yet, compare the whole value: `value == \"NEW_WORD\"` goes ",
            "on to hold when the word gets one. The order is that of the words."
        )]
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("`", $text, "`: ", $explanation)]
                $variant,
            )+
            /// Any other word, kept as it came: [`as_str`](Self::as_str) has it.
            Unknown($crate::wire::UnknownWord),
        }

        impl $name {
            #[doc = $all]
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(word) => word.as_str(),
                }
            }

            /// What it means; nothing for [`Unknown`](Self::Unknown).
            ///
            #[doc = $source]
            pub const fn explanation(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($explanation),)+
                    Self::Unknown(_) => None,
                }
            }
        }

        impl From<&str> for $name {
            /// Letter by letter: `success` is not `SUCCESS`.
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Unknown($crate::wire::UnknownWord::new(other)),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            /// As `From<&str>` does.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, word: &str) -> bool {
                self.as_str() == word
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, word: &&str) -> bool {
                self.as_str() == *word
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl std::fmt::Display for $name {
            /// The word, escaped and cut so that it cannot forge a log line.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&crate::escape::Shown::new(self.as_str(), 64), f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($variant)),)+
                    Self::Unknown(word) => write!(f, "Unknown({word:?})"),
                }
            }
        }

        #[cfg(feature = "serialize")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    use crate::wire::{Code, PricingStrategy};

    #[test]
    fn a_word_with_a_variant_is_never_unknown() {
        for word in ["SUCCESS", "SERVICE_BUSY"] {
            let code: Code = word.parse().unwrap();
            assert!(!matches!(code, Code::Unknown(_)));
            assert_eq!(code, word);
            assert_eq!(code, *word);
        }
        let code = Code::from("NEW_CODE");
        assert!(matches!(code, Code::Unknown(_)));
        assert_eq!(code, "NEW_CODE");
        assert_ne!(code, "NEW");
        assert_ne!(code, *"new_code");
        assert_eq!(code, Code::from("NEW_CODE"));
        assert_ne!(code, Code::from("NEW_CODE2"));
    }

    #[test]
    fn words_are_ordered_as_words_whether_known_or_not() {
        let words = ["PAY", "FREE", "A", "Z", "GRATIS"];
        let mut sorted = words.map(PricingStrategy::from);
        sorted.sort();
        assert_eq!(
            sorted.map(|word| word.to_string()),
            ["A", "FREE", "GRATIS", "PAY", "Z"]
        );
    }

    #[test]
    fn an_unknown_word_is_shown_in_debug_and_safely() {
        let Code::Unknown(word) = Code::from("A\nB") else {
            panic!("it is not listed");
        };
        assert_eq!(format!("{word:?}"), "A\\nB");
    }
}
