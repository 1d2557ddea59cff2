//! What was read off the card (KTP, the Indonesian identity card).

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// One field as the vendor's OCR gave it: the text as printed on the card, or nothing.
///
/// Null, `"null"`, the empty string and an absent member all mean "not read"; which of them came is kept.
/// It is personal data: `Debug` shows its shape only, and it is wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Printed(Came);

#[derive(Clone, Default, PartialEq, Eq)]
enum Came {
    #[default]
    Absent,
    Null,
    Text(Zeroizing<String>),
}

impl Printed {
    /// The printed text, if the field was read. Stray commas and blanks are left as they came.
    pub fn text(&self) -> Option<&str> {
        self.raw().filter(|text| !text.is_empty() && *text != "null")
    }

    /// The string as it came, even if it is empty or says `null`.
    pub fn raw(&self) -> Option<&str> {
        match &self.0 {
            Came::Text(text) => Some(text),
            Came::Absent | Came::Null => None,
        }
    }

    /// Whether the reply had no such member, not even a null.
    #[cfg_attr(
        not(feature = "serialize"),
        expect(dead_code, reason = "only serialising tells it from null")
    )]
    fn is_absent(&self) -> bool {
        self.0 == Came::Absent
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: Option<String> = crate::wire::optional_text(deserializer)?;
        Ok(Self(
            text.map_or(Came::Null, |text| Came::Text(Zeroizing::new(text))),
        ))
    }
}

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text().is_some() { "read" } else { "not read" })
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for Printed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(serializer)
    }
}

macro_rules! fields {
    ($($(#[$meta:meta])* $field:ident = $name:literal,)+) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[cfg_attr(feature = "serialize", derive(serde::Serialize))]
        pub(super) struct Fields {
            $(
                #[serde(default, rename = $name, deserialize_with = "Printed::deserialize")]
                #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Printed::is_absent"))]
                $field: Printed,
            )+
        }

        impl Ktp {
            /// The eighteen documented fields: the name on the wire and what came.
            pub fn fields(&self) -> [(&'static str, &Printed); 18] {
                [$(($name, &self.0.$field)),+]
            }

            $(
                $(#[$meta])*
                #[doc = concat!("\n\n(`ocrResult.", $name, "`)")]
                pub const fn $field(&self) -> &Printed {
                    &self.0.$field
                }
            )+
        }
    };
}

/// The eighteen fields of `ocrResult`, each as printed on the card. Values may be masked (`R**A`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct Ktp(Fields);

impl From<Fields> for Ktp {
    fn from(fields: Fields) -> Self {
        Self(fields)
    }
}

fields! {
    /// NIK, the sixteen-digit number of the person. A string: it may be masked or misread.
    id_number = "idNumber",
    /// Name.
    name = "name",
    /// Blood type; `-` if the card has none.
    blood_type = "bloodType",
    /// Religion.
    religion = "religion",
    /// Sex: `LAKI-LAKI` (male) or `PEREMPUAN` (female).
    gender = "gender",
    /// Place and date of birth: `Place,, DD-MM-YYYY` by the table, with one comma in the sample.
    birth_place_birthday = "birthPlaceBirthday",
    /// Province of residence.
    province = "province",
    /// City or regency of residence.
    city = "city",
    /// District of residence.
    district = "district",
    /// Village of residence.
    village = "village",
    /// RT/RW, the neighbourhood's numbers, such as `011/002`.
    rtrw = "rtrw",
    /// Occupation.
    occupation = "occupation",
    /// Expiry date of the card, or `SEUMUR HIDUP` (for life).
    expiry_date = "expiryDate",
    /// Nationality: `WNI` for Indonesian.
    nationality = "nationality",
    /// Marital status.
    marital_status = "maritalStatus",
    /// Address of residence.
    address = "address",
    /// Place of birth.
    place_of_birth = "placeOfBirth",
    /// Birthday, `YYYY/MM/DD`.
    birthday = "birthday",
}
