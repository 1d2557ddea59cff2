//! What was read off the card (KTP, the Indonesian identity card).
//!
//! Every field is kept as printed, in [`Printed`]. What a few of them mean is read on demand, never stored, and
//! never guessed: [`Reading`] says whether a field was read, is masked, or does not have the documented form. Blanks, the
//! kind of a dash, case and full widths are print and are evened out first; a letter is never taken for a digit.

mod birth;
mod consistency;
mod expiry;
mod nik;
mod print;
mod printed;
mod reading;
mod rt_rw;
mod sex;

use serde::Deserialize;

pub use birth::Birth;
pub use consistency::{Check, CheckReason, Consistency, Finding};
pub use expiry::Expiry;
pub use nik::Nik;
pub use printed::Printed;
pub use reading::Reading;
pub use rt_rw::RtRw;
pub use sex::Sex;

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
            /// How many fields there are.
            pub const COUNT: usize = [$($name),+].len();

            /// The documented fields: the name on the wire and what came.
            pub const fn fields(&self) -> [(&'static str, &Printed); Self::COUNT] {
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

/// The fields of `ocrResult`, each as printed on the card. Values may be masked (`R**A`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct Ktp(
    /// Elsewhere in memory: a result passes through many hands.
    Box<Fields>,
);

impl From<Box<Fields>> for Ktp {
    fn from(fields: Box<Fields>) -> Self {
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
