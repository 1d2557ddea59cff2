//! Which country's documents are verified.

use std::fmt;

use crate::error::Error;

/// An ISO 3166-1 alpha-3 country code. Indonesia is the one the document lists; the server judges any other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 3]);

impl Region {
    /// Indonesia.
    pub const IDN: Self = Self(*b"IDN");

    /// Takes any three ASCII capitals.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for anything else, such as `ID` or `idn`.
    pub fn new(text: &str) -> Result<Self, Error> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(Error::invalid(
                "region",
                "must be three capital letters (ISO 3166-1 alpha-3), such as IDN",
            )),
        }
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        // Three ASCII capitals by construction; the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("IDN")
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ascii_capitals_and_nothing_else() {
        assert_eq!(Region::new("IDN").unwrap(), Region::IDN);
        assert_eq!(Region::new("ZZZ").unwrap().as_str(), "ZZZ");
        for bad in ["", "ID", "idn", "IDN\0", "IDNX", "ID1", "ÄÖ"] {
            assert!(Region::new(bad).is_err(), "{bad}");
        }
    }
}
