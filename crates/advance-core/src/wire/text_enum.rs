//! Enums whose values are words on the wire, open to words that nobody documented.

/// Declares an enum of documented words, each with its documented explanation, and an `Unknown` that keeps any other.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal : $explanation:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("`", $text, "`: ", $explanation)]
                $variant,
            )+
            /// Any other word, kept as it came.
            Unknown(Box<str>),
        }

        impl $name {
            /// Every documented value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// What the vendor's documents say it means; nothing for a word they do not have.
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
                    other => Self::Unknown(other.into()),
                }
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
                    Self::Unknown(_) => write!(f, "Unknown({self})"),
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
