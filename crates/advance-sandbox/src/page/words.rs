//! Every word of the page, in both languages: one row a text.

use super::language::Language;
use crate::model::Outcome;

/// The text of `key`; empty if there is none, which a test of all templates keeps from happening.
pub(super) fn word(key: &str, language: Language) -> &'static str {
    let row = WORDS.iter().find(|(name, ..)| *name == key);
    row.map_or("", |(_, english, indonesian)| match language {
        Language::English => english,
        Language::Indonesian => indonesian,
    })
}

/// What an outcome is called.
pub(super) fn outcome(outcome: Outcome, language: Language) -> &'static str {
    let row = OUTCOMES.iter().find(|(name, _)| *name == outcome.name());
    match (language, row) {
        (Language::Indonesian, Some((_, indonesian))) => indonesian,
        _ => outcome.label(),
    }
}

/// Outcomes in Indonesian; the table of outcomes has them in English.
const OUTCOMES: &[(&str, &str)] = &[
    ("ok", "Foto yang baik"),
    ("manual", "Foto yang baik, tidak dipindai tetapi diambil manual"),
    ("forged", "Kartu palsu"),
    ("retake", "Foto dari layar"),
    ("color-photocopied", "Fotokopi berwarna"),
    ("bw-photocopied", "Fotokopi hitam-putih"),
    ("cutoff-corner", "Kartu dengan sudut terpotong"),
    ("pasted-photo", "Foto lain ditempel pada kartu"),
    ("modified-nik", "NIK diubah"),
    ("old-ktp", "KTP model lama"),
    ("low-quality", "Foto buram dan gelap"),
    ("blur", "Foto buram"),
    ("dim", "Foto gelap"),
    ("no-card", "Tanpa kartu"),
    ("too-many-cards", "Dua kartu"),
    ("no-supported-card", "Kartu jenis lain"),
    ("incomplete-card", "Kartu terpotong"),
    ("too-small-card", "Kartu terlalu jauh"),
    ("idv-error", "Pemeriksaan gagal"),
    ("ocr-empty", "Tidak ada yang terbaca"),
    ("ocr-error", "Pembacaan gagal"),
    ("sample", "Contoh dari dokumentasi"),
    ("masked", "Nilai disamarkan"),
    ("null-strings", "Teks \"null\" untuk yang tidak terbaca"),
    ("absent-fields", "Kolom yang tidak ada"),
    ("null-data", "Tanpa data sama sekali"),
    ("unknown-code", "Kode dari masa depan"),
    ("unknown-label", "Label dari masa depan"),
];

#[rustfmt::skip]
const WORDS: &[(&str, &str, &str)] = &[
    ("band", "Sandbox", "Sandbox"),
    ("band.text", "This is not ADVANCE.AI. Nothing is really checked, and no photo leaves your browser.",
        "Ini bukan ADVANCE.AI. Tidak ada yang benar-benar diperiksa, dan foto tidak keluar dari peramban Anda."),
    ("skip", "Skip to the content", "Langsung ke isi"),
    ("language", "Language", "Bahasa"),
    ("steps", "Progress", "Kemajuan"),
    ("step.start", "Start", "Mulai"),
    ("step.permission", "Camera", "Kamera"),
    ("step.frame", "Photo", "Foto"),
    ("step.captured", "Review", "Tinjau"),
    ("step.checking", "Check", "Periksa"),
    ("step.done", "Done", "Selesai"),

    ("start.title", "Photograph your KTP", "Foto KTP Anda"),
    ("start.asks", "asks to see your identity card. It takes about a minute.", "meminta foto KTP Anda. Hanya perlu sekitar satu menit."),
    ("start.card", "Your own e-KTP, the original", "e-KTP asli milik Anda sendiri"),
    ("start.light", "Good light, without glare", "Cahaya cukup, tanpa pantulan"),
    ("start.corners", "All four corners in the frame", "Keempat sudut kartu masuk bingkai"),
    ("start.button", "Start", "Mulai"),

    ("permission.title", "How will you take the photo?", "Bagaimana Anda akan mengambil foto?"),
    ("permission.text", "With the camera, your browser asks for permission first. You can also do without.",
        "Jika memakai kamera, peramban akan meminta izin lebih dulu. Tanpa kamera juga bisa."),
    ("permission.camera", "Use the camera", "Gunakan kamera"),
    ("permission.card", "Use the sandbox’s card", "Gunakan kartu dari sandbox"),
    ("permission.upload", "Upload a photo", "Unggah foto"),
    ("permission.unavailable", "This browser offers no camera here. Browsers allow one on HTTPS and on localhost only, and with scripts switched on.",
        "Peramban ini tidak menyediakan kamera di sini. Kamera hanya diizinkan pada HTTPS atau localhost, dan jika skrip diaktifkan."),

    ("frame.title", "Fit the card into the frame", "Tempatkan kartu di dalam bingkai"),
    ("frame.text", "Hold still until all four corners are visible.", "Tahan sebentar sampai keempat sudut terlihat."),
    ("frame.button", "Take the photo", "Ambil foto"),
    ("frame.wait", "Waiting for the camera…", "Menunggu kamera…"),
    ("frame.denied", "The camera was not allowed or is in use. Use the sandbox’s card or upload a photo instead.",
        "Kamera tidak diizinkan atau sedang dipakai. Gunakan kartu dari sandbox atau unggah foto."),
    ("frame.video", "Picture of your camera", "Gambar dari kamera Anda"),
    ("upload.title", "Choose a photo of the card", "Pilih foto kartu"),
    ("upload.text", "The photo is shown to you only. It stays in this browser; the sandbox’s card goes on in its place.",
        "Foto hanya ditampilkan kepada Anda dan tetap di peramban ini; kartu dari sandbox dipakai sebagai gantinya."),
    ("upload.file", "Photo", "Foto"),
    ("upload.button", "Continue with this photo", "Lanjutkan dengan foto ini"),
    ("back", "Choose another way", "Pilih cara lain"),

    ("captured.title", "Is everything readable?", "Apakah semuanya terbaca?"),
    ("captured.text", "The whole card must be sharp, bright and in the picture.", "Seluruh kartu harus tajam, terang, dan masuk gambar."),
    ("captured.own", "Your photo stays in this browser. get-result delivers the sandbox’s card instead.",
        "Foto Anda tetap di peramban ini. get-result memberikan kartu dari sandbox sebagai gantinya."),
    ("captured.use", "Use this photo", "Gunakan foto ini"),
    ("captured.again", "Take it again", "Ambil ulang"),

    ("checking.title", "Checking your card", "Memeriksa kartu Anda"),
    ("checking.text", "Please keep this page open. It goes on by itself.", "Biarkan halaman ini terbuka. Halaman akan berlanjut sendiri."),
    ("checking.look", "Look whether it is done", "Lihat apakah sudah selesai"),
    ("checking.never", "Checking was chosen to take for ever. It ends when somebody ends it on the dashboard.",
        "Pemeriksaan dipilih agar tidak pernah selesai. Pemeriksaan berakhir jika diakhiri lewat dasbor."),

    ("done.title", "Thank you", "Terima kasih"),
    ("done.text", "Your card was received. You can go back now.", "Kartu Anda telah diterima. Anda dapat kembali sekarang."),
    ("done.soon", "You are taken back in a few seconds.", "Anda akan dibawa kembali dalam beberapa detik."),
    ("failed.title", "That did not work", "Belum berhasil"),
    ("return", "Back to", "Kembali ke"),

    ("idv.SUCCESS", "The card was accepted, but its text could not be read.", "Kartu diterima, tetapi teksnya tidak dapat dibaca."),
    ("idv.FORGERY_DETECTED", "The card could not be accepted.", "Kartu tidak dapat diterima."),
    ("idv.LOW_QUALITY_IMAGE", "The photo is not clear enough. Everything on the card has to be readable.",
        "Foto kurang jelas. Semua yang tertulis di kartu harus terbaca."),
    ("idv.CARD_NOT_FOUND", "There was no card in the photo.", "Tidak ada kartu di dalam foto."),
    ("idv.TOO_MANY_CARDS", "There was more than one card in the photo.", "Ada lebih dari satu kartu di dalam foto."),
    ("idv.NO_SUPPORTED_CARD", "This is another kind of card. Please use your KTP.", "Ini kartu jenis lain. Silakan gunakan KTP Anda."),
    ("idv.INCOMPLETED_CARD", "Part of the card was outside the photo.", "Sebagian kartu berada di luar foto."),
    ("idv.TOO_SMALL_CARD", "The card was too far away.", "Kartu terlalu jauh."),
    ("idv.other", "The photo could not be checked.", "Foto tidak dapat diperiksa."),

    ("used.title", "This verification is finished", "Verifikasi ini sudah selesai"),
    ("used.text", "How it ended is settled and cannot be changed here.", "Hasilnya sudah ditetapkan dan tidak dapat diubah di sini."),
    ("otherwise.title", "It was decided otherwise before", "Sebelumnya sudah diputuskan lain"),
    ("otherwise.text", "This verification has a result already. Going back and choosing another one changes nothing: the first choice stays.",
        "Verifikasi ini sudah memiliki hasil. Kembali dan memilih yang lain tidak mengubah apa pun: pilihan pertama tetap berlaku."),
    ("expired.title", "This link has expired", "Tautan ini sudah kedaluwarsa"),
    ("expired.text", "It was good for an hour. Go back and ask for a new one.", "Tautan berlaku satu jam. Kembalilah dan minta tautan baru."),
    ("expired.guess", "For the tester: the button leads to failReturnUrl with errorCode=LINK_EXPIRED. Both are a guess; the vendor does not document where an expired link leads.",
        "Untuk penguji: tombol ini menuju failReturnUrl dengan errorCode=LINK_EXPIRED. Keduanya tebakan; vendor tidak mendokumentasikan tujuan tautan yang kedaluwarsa."),
    ("unknown.title", "This link does not work", "Tautan ini tidak berfungsi"),
    ("unknown.text", "Go back to where you got it and ask for a new one.", "Kembalilah ke tempat Anda mendapatkannya dan minta tautan baru."),
    ("unknown.tester", "For the tester: its token and its signatureId do not belong to a verification that this sandbox knows. A sandbox that was started again or reset has forgotten its links.",
        "Untuk penguji: token dan signatureId tidak cocok dengan verifikasi yang dikenal sandbox ini. Sandbox yang dimulai ulang atau direset melupakan tautannya."),
    ("choice.title", "There is no such choice", "Pilihan itu tidak ada"),
    ("choice.text", "Go back and choose how the photo turns out.", "Kembalilah dan pilih bagaimana hasil fotonya."),
    ("missing.title", "There is no such page", "Halaman itu tidak ada"),
    ("missing.text", "The sandbox has one page, and its address ends in /h5-idv/.", "Sandbox hanya punya satu halaman, dan alamatnya berakhiran /h5-idv/."),
    ("method.title", "Not like this", "Bukan begitu caranya"),
    ("method.text", "This page is opened with GET and sent with POST.", "Halaman ini dibuka dengan GET dan dikirim dengan POST."),
    ("dashboard", "Open the sandbox’s dashboard", "Buka dasbor sandbox"),

    ("alt.card", "A drawing of an identity card, marked SPECIMEN", "Gambar kartu identitas bertanda SPECIMEN"),
    ("alt.own", "Your photo", "Foto Anda"),

    ("drawer.title", "Tester: how it ends", "Penguji: bagaimana berakhirnya"),
    ("drawer.text", "The vendor’s page has no such panel. What you choose here is what get-result says.",
        "Halaman vendor tidak memiliki panel ini. Pilihan di sini menentukan jawaban get-result."),
    ("drawer.outcome", "Outcome", "Hasil"),
    ("drawer.checking", "Checking takes", "Pemeriksaan berlangsung"),
    ("drawer.0", "no time", "seketika"),
    ("drawer.2", "2 seconds", "2 detik"),
    ("drawer.10", "10 seconds", "10 detik"),
    ("drawer.60", "a minute", "satu menit"),
    ("drawer.never", "for ever", "selamanya"),
    ("drawer.person", "Person on the card", "Orang pada kartu"),
    ("drawer.more", "Details of the answer", "Rincian jawaban"),
    ("drawer.as", "as the outcome says", "sesuai hasil"),
    ("drawer.taken", "as the photo was taken", "sesuai cara foto diambil"),
    ("drawer.labels", "None ticked: as the outcome says.", "Tidak ada yang dicentang: sesuai hasil."),
    ("drawer.fields", "Fields of ocrResult", "Isi ocrResult"),
    ("drawer.fieldsText", "Empty: as on the card. The word null: not read.", "Kosong: sesuai kartu. Kata null: tidak terbaca."),
    ("drawer.apply", "Show on the card", "Tampilkan pada kartu"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_is_there_once_in_both_languages() {
        let mut keys = BTreeSet::new();
        for (key, english, indonesian) in WORDS {
            assert!(keys.insert(key), "{key} twice");
            assert!(!english.is_empty() && !indonesian.is_empty(), "{key}");
        }
        assert_eq!(word("return", Language::Indonesian), "Kembali ke");
        for outcome in Outcome::ALL {
            assert!(
                OUTCOMES.iter().any(|(name, _)| *name == outcome.name()),
                "{outcome:?}"
            );
        }
        assert_eq!(OUTCOMES.len(), Outcome::ALL.len());
        assert_eq!(word("none", Language::English), "");
    }
}
