//! The face of the card, 856 × 540, as wide as a KTP is in tenths of a millimetre.

use serde_json::Value;

use super::look::Look;
use super::portrait;
use super::svg::{Text, group};

#[cfg(any(test, feature = "drawing"))]
pub(super) const SIZE: (u32, u32) = (856, 540);
const INK: &str = "#1a1f2b";
const SPECIMEN: &str = "<text x=\"428\" y=\"330\" font-size=\"132\" font-weight=\"700\" letter-spacing=\"10\" text-anchor=\"middle\" \
     fill=\"#c2123a\" fill-opacity=\".3\" transform=\"rotate(-22 428 290)\">SPECIMEN</text>";

/// What the face and the scene refer to.
pub(super) const DEFINITIONS: &str = include_str!("definitions.svg");

/// The printed rows: label, field, and how far it is indented.
const ROWS: [(&str, &str, u32); 12] = [
    ("Nama", "name", 0),
    ("Tempat/Tgl Lahir", "birthPlaceBirthday", 0),
    ("Jenis Kelamin", "gender", 0),
    ("Alamat", "address", 0),
    ("RT/RW", "rtrw", 24),
    ("Kel/Desa", "village", 24),
    ("Kecamatan", "district", 24),
    ("Agama", "religion", 0),
    ("Status Perkawinan", "maritalStatus", 0),
    ("Pekerjaan", "occupation", 0),
    ("Kewarganegaraan", "nationality", 0),
    ("Berlaku Hingga", "expiryDate", 0),
];

pub(super) fn face(person: &Value, look: &Look) -> String {
    let field = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
    let mut out = ground(look);
    out.push_str(&head(&field("province"), &field("city"), look));
    out.push_str(&nik(&field("idNumber"), look));
    for (row, (label, name, indent)) in (0..).zip(ROWS) {
        out.push_str(&line(
            188 + row * 28,
            label,
            &field(name),
            indent,
            if name == "gender" { 220 } else { 380 },
        ));
    }
    let blood = format!("Gol. Darah : {}", field("bloodType"));
    out.push_str(
        &Text {
            at: (446, 244),
            size: 20,
            room: 150,
            content: &blood,
        }
        .plain(),
    );
    out.push_str(&photo(person, look));
    let place = field("city");
    let below = Text {
        at: (727, 408),
        size: 18,
        room: 200,
        content: &place,
    };
    out.push_str(&below.with(" text-anchor=\"middle\""));
    out.push_str("<text x=\"727\" y=\"432\" font-size=\"18\" text-anchor=\"middle\">17-08-2020</text>");
    out.push_str("<path d=\"M672 486c10-40 22-40 18-6-2 14 12-24 18-14 4 8-6 20 6 14 16-8 14-30 24-26 8 4-8 26 4 24 14-2 18-14 40-16\" fill=\"none\" stroke=\"#1d2f6f\" stroke-width=\"3\" stroke-linecap=\"round\"/>");
    let text = group(&format!("fill=\"{INK}\""), &out);
    let small = "<text x=\"428\" y=\"529\" font-size=\"13\" letter-spacing=\"2\" text-anchor=\"middle\" fill=\"#9c1230\">SANDBOX · BUKAN DOKUMEN RESMI · NOT A DOCUMENT</text>";
    let whole = format!("{text}{SPECIMEN}{small}");
    let filter = if look.has("b&wPhotocopied") {
        "filter=\"url(#grey)\""
    } else if look.has("colorPhotocopied") {
        "filter=\"url(#faded)\""
    } else {
        ""
    };
    let clip = if look.has("cutoffCorner") {
        "url(#corner)"
    } else {
        "url(#card)"
    };
    group(&format!("clip-path=\"{clip}\""), &group(filter, &whole))
}

/// A card that is not a KTP.
pub(super) fn other() -> String {
    group(
        "clip-path=\"url(#card)\"",
        "<rect width=\"856\" height=\"540\" fill=\"#f6f1e4\"/><rect width=\"856\" height=\"150\" fill=\"#1f6b4f\"/>\
         <text x=\"48\" y=\"68\" font-size=\"40\" font-weight=\"700\" fill=\"#fff\">PERPUSTAKAAN CONTOH</text>\
         <text x=\"48\" y=\"116\" font-size=\"28\" fill=\"#d7efe3\">Kartu Anggota · Library Card</text>\
         <g fill=\"#26332e\" font-size=\"28\"><text x=\"48\" y=\"230\">No. 000 123 456</text><text x=\"48\" y=\"280\">ANGGOTA SANDBOX</text></g>\
         <path d=\"M48 360h8v110h-8zM66 360h16v110H66zM92 360h6v110h-6zM108 360h22v110h-22zM140 360h8v110h-8zM160 360h6v110h-6zM176 360h18v110h-18zM206 360h8v110h-8zM222 360h24v110h-24zM258 360h8v110h-8zM276 360h12v110h-12zM300 360h6v110h-6zM316 360h20v110h-20z\" fill=\"#26332e\"/>\
         <circle cx=\"680\" cy=\"330\" r=\"104\" fill=\"#d9cfb6\"/><path d=\"M616 296c40-16 64 0 64 14 0-14 24-30 64-14v80c-40-14-64 0-64 12 0-12-24-26-64-12z\" fill=\"#1f6b4f\"/>",
    )
}

fn ground(look: &Look) -> String {
    let colour = if look.has("oldKTP") {
        "url(#old)"
    } else {
        "url(#blue)"
    };
    format!(
        "<rect width=\"856\" height=\"540\" fill=\"{colour}\"/><rect width=\"856\" height=\"540\" fill=\"url(#waves)\"/>\
         <path d=\"M90 300c60-40 120-10 160 10s70-20 120-10 40 50 110 40 90-60 150-40 60 40 120 30v60c-60 20-110-20-170-8s-90 30-160 20-110-40-170-22-120 20-160-10z\" fill=\"#5d9cc4\" fill-opacity=\".16\"/>"
    )
}

fn head(province: &str, city: &str, look: &Look) -> String {
    let title = format!("PROVINSI {province}");
    let mut out = String::new();
    for (y, size, text) in [(50, 29, title.as_str()), (86, 27, city)] {
        out.push_str(
            &Text {
                at: (428, y),
                size,
                room: 760,
                content: text,
            }
            .with(" font-weight=\"700\" text-anchor=\"middle\""),
        );
    }
    if look.has("oldKTP") {
        out.push_str("<text x=\"428\" y=\"109\" font-size=\"16\" text-anchor=\"middle\" letter-spacing=\"3\">KARTU TANDA PENDUDUK</text>");
    }
    out
}

/// A changed one has its last six digits on a patch, in other letters and not quite in line.
fn nik(number: &str, look: &Look) -> String {
    let mut out = "<text x=\"34\" y=\"146\" font-size=\"34\">NIK</text><text x=\"150\" y=\"146\" font-size=\"34\">:</text>".to_owned();
    let bold = " font-weight=\"700\" letter-spacing=\"2\"";
    let split = number.char_indices().nth_back(5).map_or(0, |(at, _)| at);
    if look.has("modifiedNIK") {
        let (kept, changed) = number.split_at(split);
        out.push_str(
            &Text {
                at: (172, 146),
                size: 34,
                room: 260,
                content: kept,
            }
            .with(bold),
        );
        out.push_str("<rect x=\"386\" y=\"114\" width=\"150\" height=\"40\" fill=\"#f4f6f2\" transform=\"rotate(-1.5 460 134)\"/>");
        out.push_str(&Text { at: (394, 149), size: 36, room: 136, content: changed }.with(" font-family=\"Georgia, 'DejaVu Serif', serif\" fill=\"#40424a\" transform=\"rotate(-1.5 460 134)\""));
    } else {
        out.push_str(
            &Text {
                at: (172, 146),
                size: 34,
                room: 420,
                content: number,
            }
            .with(bold),
        );
    }
    out
}

fn line(y: u32, label: &str, value: &str, indent: u32, room: u32) -> String {
    let label = Text {
        at: (34 + indent, y),
        size: 20,
        room: 180,
        content: label,
    }
    .plain();
    let value = Text {
        at: (232, y),
        size: 20,
        room,
        content: value,
    }
    .with(" font-weight=\"600\"");
    format!("{label}<text x=\"216\" y=\"{y}\" font-size=\"20\">:</text>{value}")
}

/// One that was pasted on lies askew, has a white edge and throws a shadow.
fn photo(person: &Value, look: &Look) -> String {
    let (x, y) = portrait::PLACE;
    let portrait = portrait::portrait(person);
    if look.has("pastedPhoto") {
        let edge = "<rect x=\"-4\" y=\"-2\" width=\"216\" height=\"274\" fill=\"#000\" fill-opacity=\".35\"/><rect x=\"-10\" y=\"-10\" width=\"214\" height=\"272\" fill=\"#fdfdf8\"/>";
        let tape = "<rect x=\"50\" y=\"-30\" width=\"96\" height=\"36\" fill=\"#f2e6a8\" fill-opacity=\".85\" transform=\"rotate(-5 97 0)\"/>";
        group(
            &format!("transform=\"translate({x} {y}) rotate(7 97 126)\""),
            &format!("{edge}{portrait}{tape}"),
        )
    } else {
        group(&format!("transform=\"translate({x} {y})\""), &portrait)
    }
}
