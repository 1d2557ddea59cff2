//! Two people: one of our own making, and the one of the documented example.

use serde::Serialize;

/// `ocrResult`, in the order of the document. Null where nothing could be read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OcrResult {
    id_number: Option<&'static str>,
    name: Option<&'static str>,
    blood_type: Option<&'static str>,
    religion: Option<&'static str>,
    gender: Option<&'static str>,
    birth_place_birthday: Option<&'static str>,
    province: Option<&'static str>,
    city: Option<&'static str>,
    district: Option<&'static str>,
    village: Option<&'static str>,
    rtrw: Option<&'static str>,
    occupation: Option<&'static str>,
    expiry_date: Option<&'static str>,
    nationality: Option<&'static str>,
    marital_status: Option<&'static str>,
    address: Option<&'static str>,
    place_of_birth: Option<&'static str>,
    birthday: Option<&'static str>,
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

/// A person who does not exist, but without a contradiction. The NIK is made of the codes of DKI Jakarta (31), Jakarta
/// Selatan (74) and Cilandak (06), of the birthday with 40 added to its day as for every woman, and of the serial number
/// 0000, which is given to no one: serials begin with 0001. The name says "example, sandbox".
pub(super) const SYNTHETIC: OcrResult = OcrResult {
    id_number: Some("3174065708900000"),
    name: Some("CONTOH SANDBOX"),
    blood_type: Some("O"),
    religion: Some("ISLAM"),
    gender: Some("PEREMPUAN"),
    birth_place_birthday: Some("JAKARTA, 17-08-1990"),
    province: Some("DKI JAKARTA"),
    city: Some("JAKARTA SELATAN"),
    district: Some("CILANDAK"),
    village: Some("CILANDAK BARAT"),
    rtrw: Some("001/002"),
    occupation: Some("KARYAWAN SWASTA"),
    expiry_date: Some("SEUMUR HIDUP"),
    nationality: Some("WNI"),
    marital_status: Some("BELUM KAWIN"),
    address: Some("JL. CONTOH NO. 1"),
    place_of_birth: Some("JAKARTA"),
    birthday: Some("1990/08/17"),
};

/// The masked person of the documented example, comma and all.
pub(super) const DOCUMENTED: OcrResult = OcrResult {
    id_number: Some("33******02"),
    name: Some("R**A M**H A**H,"),
    blood_type: Some("O"),
    religion: Some("ISLAM"),
    gender: Some("PEREMPUAN"),
    birth_place_birthday: Some("SE M**N, 01-06-1989"),
    province: Some("J**A T**H"),
    city: Some("K**A S**G"),
    district: Some("N**N"),
    village: Some("W**I"),
    rtrw: Some("011/002"),
    occupation: Some("M**S R**H T**A"),
    expiry_date: Some("S**R H**P"),
    nationality: Some("WNI"),
    marital_status: Some("K**N"),
    address: Some("JL. G**G J**I T**R R**A"),
    place_of_birth: Some("SE M**N"),
    birthday: Some("1989/06/01"),
};

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
    fn there_are_eighteen_fields_and_all_are_read() {
        let value = serde_json::to_value(SYNTHETIC).unwrap();
        let fields = value.as_object().unwrap();
        assert_eq!(fields.len(), 18);
        assert!(
            fields
                .values()
                .all(|field| field.as_str().is_some_and(|text| !text.contains('*')))
        );
        let unread = serde_json::to_value(OcrResult::default()).unwrap();
        assert_eq!(unread.as_object().unwrap().len(), 18);
        assert!(
            unread
                .as_object()
                .unwrap()
                .values()
                .all(serde_json::Value::is_null)
        );
    }
}
