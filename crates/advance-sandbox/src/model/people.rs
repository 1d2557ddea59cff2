//! People who do not exist, as many as there are numbers.

use serde_json::{Value, json};

use super::person;

/// Where somebody lives and was first registered: the codes of province, city and district (Kemendagri's), and what a
/// card prints for them.
struct Home {
    codes: &'static str,
    province: &'static str,
    city: &'static str,
    district: &'static str,
    village: &'static str,
    born: &'static str,
}

const HOMES: [Home; 6] = [
    Home {
        codes: "327302",
        province: "JAWA BARAT",
        city: "KOTA BANDUNG",
        district: "COBLONG",
        village: "DAGO",
        born: "BANDUNG",
    },
    Home {
        codes: "357803",
        province: "JAWA TIMUR",
        city: "KOTA SURABAYA",
        district: "RUNGKUT",
        village: "KALIRUNGKUT",
        born: "SURABAYA",
    },
    Home {
        codes: "337401",
        province: "JAWA TENGAH",
        city: "KOTA SEMARANG",
        district: "SEMARANG TENGAH",
        village: "SEKAYU",
        born: "SEMARANG",
    },
    Home {
        codes: "517101",
        province: "BALI",
        city: "KOTA DENPASAR",
        district: "DENPASAR SELATAN",
        village: "SANUR",
        born: "DENPASAR",
    },
    Home {
        codes: "127101",
        province: "SUMATERA UTARA",
        city: "KOTA MEDAN",
        district: "MEDAN KOTA",
        village: "TELADAN BARAT",
        born: "MEDAN",
    },
    Home {
        codes: "317406",
        province: "DKI JAKARTA",
        city: "JAKARTA SELATAN",
        district: "CILANDAK",
        village: "CILANDAK BARAT",
        born: "JAKARTA",
    },
];
/// Each of them says "example", "trial" or "specimen" somewhere.
const WOMEN: [&str; 4] = [
    "SITI CONTOH",
    "DEWI PERCOBAAN",
    "NI LUH SPESIMEN",
    "MARIA MAGDALENA CONTOH SIMANJUNTAK",
];
const MEN: [&str; 4] = [
    "BUDI CONTOH",
    "AGUS PERCOBAAN",
    "I MADE SPESIMEN",
    "MUHAMMAD RIZKY PRATAMA CONTOH HADIKUSUMO",
];
const OCCUPATIONS: [&str; 5] = [
    "KARYAWAN SWASTA",
    "WIRASWASTA",
    "PELAJAR/MAHASISWA",
    "MENGURUS RUMAH TANGGA",
    "PEGAWAI NEGERI SIPIL",
];
const RELIGIONS: [&str; 5] = ["ISLAM", "KRISTEN", "KATHOLIK", "HINDU", "BUDDHA"];
const BLOOD: [&str; 5] = ["A", "B", "AB", "O", "-"];
const MARITAL: [&str; 4] = ["BELUM KAWIN", "KAWIN", "CERAI HIDUP", "CERAI MATI"];

/// The fields of person `number`. Number 0 is the sandbox's usual person, and every other one is as that one where nothing
/// else is said; of these too the NIK agrees with the home, the birthday and the sex, and ends in the serial 0000, which is
/// given to no one.
pub(crate) fn made_up(number: u64) -> Value {
    let mut card = json!(person::SYNTHETIC);
    if number == 0 {
        return card;
    }
    let mut dice = Dice(number);
    let woman = dice.below(2) == 0;
    let name = dice.one_of(if woman { &WOMEN } else { &MEN });
    let home = &HOMES[dice.below(HOMES.len())];
    let (year, month, day) = (1960 + dice.below(45), 1 + dice.below(12), 1 + dice.below(28));
    let nik_day = day + if woman { 40 } else { 0 };
    let own = [
        (
            "idNumber",
            format!("{}{nik_day:02}{month:02}{:02}0000", home.codes, year % 100),
        ),
        ("name", name.to_owned()),
        ("bloodType", dice.one_of(&BLOOD).to_owned()),
        ("religion", dice.one_of(&RELIGIONS).to_owned()),
        ("gender", if woman { "PEREMPUAN" } else { "LAKI-LAKI" }.to_owned()),
        (
            "birthPlaceBirthday",
            format!("{}, {day:02}-{month:02}-{year}", home.born),
        ),
        ("province", home.province.to_owned()),
        ("city", home.city.to_owned()),
        ("district", home.district.to_owned()),
        ("village", home.village.to_owned()),
        (
            "rtrw",
            format!("{:03}/{:03}", 1 + dice.below(15), 1 + dice.below(12)),
        ),
        ("occupation", dice.one_of(&OCCUPATIONS).to_owned()),
        ("maritalStatus", dice.one_of(&MARITAL).to_owned()),
        ("address", format!("JL. CONTOH NO. {}", 1 + dice.below(99))),
        ("placeOfBirth", home.born.to_owned()),
        ("birthday", format!("{year}/{month:02}/{day:02}")),
    ];
    for (name, text) in own {
        card[name] = json!(text);
    }
    card
}

/// The same numbers for the same seed: splitmix64.
struct Dice(u64);

impl Dice {
    /// One of the numbers below `limit`, which is small.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper half of the bits fits any usize that this runs on.
        usize::try_from(mixed >> 33).unwrap_or_default() % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_agrees_with_their_nik() {
        for number in (0..500).chain([u64::MAX]) {
            let person = made_up(number);
            let field = |name: &str| person[name].as_str().unwrap();
            let nik = field("idNumber");
            assert!(
                nik.len() == 16 && nik.bytes().all(|digit| digit.is_ascii_digit()),
                "{nik}"
            );
            assert!(nik.ends_with("0000"), "{nik}");
            let [year, month, day] = field("birthday").split('/').collect::<Vec<_>>()[..] else {
                panic!("{person}");
            };
            let printed: u32 = day.parse().unwrap();
            let expected = printed + if field("gender") == "PEREMPUAN" { 40 } else { 0 };
            assert_eq!(
                nik[6..12],
                format!("{expected:02}{month}{}", &year[2..]),
                "{person}"
            );
            assert_eq!(
                field("birthPlaceBirthday"),
                format!("{}, {day}-{month}-{year}", field("placeOfBirth"))
            );
            assert_eq!(person.as_object().unwrap().len(), person::FIELDS.len());
        }
    }

    #[test]
    fn numbers_choose_people() {
        assert_eq!(made_up(7), made_up(7));
        let names: std::collections::BTreeSet<String> = (0..40)
            .map(|number| made_up(number)["name"].to_string())
            .collect();
        assert!(names.len() >= 8, "{names:?}");
    }
}
