//! Two people: one of our own making, and the one of the documented example.

use serde::Serialize;

/// From one row a field: its name in Rust and on the wire, and what the cards of both people have there.
macro_rules! fields {
    ($($field:ident = $name:literal: $synthetic:literal, $documented:literal;)+) => {
        /// The documented fields of `ocrResult`, in the document's order.
        pub(crate) const FIELDS: [&str; [$($name),+].len()] = [$($name),+];

        /// `ocrResult`, in the order of the document. Null where nothing could be read.
        #[derive(Clone, Copy, Debug, Default, Serialize)]
        pub(crate) struct OcrResult {
            $(
                #[serde(rename = $name)]
                $field: Option<&'static str>,
            )+
        }

        /// A person who does not exist, but without a contradiction. The NIK is made of the codes of DKI Jakarta (31),
        /// Jakarta Selatan (74) and Cilandak (06), of the birthday with 40 added to its day as for every woman, and of
        /// the serial number 0000, which is given to no one: serials begin with 0001. The name says "example, sandbox".
        pub(super) const SYNTHETIC: OcrResult = OcrResult {
            $($field: Some($synthetic),)+
        };

        /// The masked person of the documented example, comma and all.
        pub(super) const DOCUMENTED: OcrResult = OcrResult {
            $($field: Some($documented),)+
        };
    };
}

fields! {
    id_number = "idNumber": "3174065708900000", "33******02";
    name = "name": "CONTOH SANDBOX", "R**A M**H A**H,";
    blood_type = "bloodType": "O", "O";
    religion = "religion": "ISLAM", "ISLAM";
    gender = "gender": "PEREMPUAN", "PEREMPUAN";
    birth_place_birthday = "birthPlaceBirthday": "JAKARTA, 17-08-1990", "SE M**N, 01-06-1989";
    province = "province": "DKI JAKARTA", "J**A T**H";
    city = "city": "JAKARTA SELATAN", "K**A S**G";
    district = "district": "CILANDAK", "N**N";
    village = "village": "CILANDAK BARAT", "W**I";
    rtrw = "rtrw": "001/002", "011/002";
    occupation = "occupation": "KARYAWAN SWASTA", "M**S R**H T**A";
    expiry_date = "expiryDate": "SEUMUR HIDUP", "S**R H**P";
    nationality = "nationality": "WNI", "WNI";
    marital_status = "maritalStatus": "BELUM KAWIN", "K**N";
    address = "address": "JL. CONTOH NO. 1", "JL. G**G J**I T**R R**A";
    place_of_birth = "placeOfBirth": "JAKARTA", "SE M**N";
    birthday = "birthday": "1990/08/17", "1989/06/01";
}

impl OcrResult {
    /// The text `null` where the vendor's own OCR page has it.
    pub(super) fn with_null_strings(self) -> Self {
        let null = Some("null");
        Self {
            blood_type: null,
            place_of_birth: null,
            birthday: null,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_consistent() {
        let nik = SYNTHETIC.id_number.unwrap();
        assert_eq!(nik.len(), 16);
        assert!(nik.bytes().all(|digit| digit.is_ascii_digit()));
        let birthday: Vec<&str> = SYNTHETIC.birthday.unwrap().split('/').collect();
        let [year, month, day] = birthday[..] else {
            panic!("{birthday:?}")
        };
        assert_eq!(SYNTHETIC.gender, Some("PEREMPUAN"));
        assert_eq!(
            nik[6..8].parse::<u32>().unwrap(),
            day.parse::<u32>().unwrap() + 40
        );
        assert_eq!(&nik[8..10], month);
        assert_eq!(&nik[10..12], &year[2..]);
        let place = SYNTHETIC.place_of_birth.unwrap();
        assert_eq!(
            SYNTHETIC.birth_place_birthday.unwrap(),
            format!("{place}, {day}-{month}-{year}")
        );
    }

    #[test]
    fn every_field_is_read_or_null() {
        let value = serde_json::to_value(SYNTHETIC).unwrap();
        let fields = value.as_object().unwrap();
        assert_eq!(fields.len(), FIELDS.len());
        assert!(
            fields
                .values()
                .all(|field| field.as_str().is_some_and(|text| !text.contains('*')))
        );
        let unread = serde_json::to_value(OcrResult::default()).unwrap();
        assert_eq!(unread.as_object().unwrap().len(), FIELDS.len());
        assert!(
            unread
                .as_object()
                .unwrap()
                .values()
                .all(serde_json::Value::is_null)
        );
    }
}
