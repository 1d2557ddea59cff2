//! The table under the card, and what stands between the card and the camera.

use super::Picture;
use super::face::{self, DEFINITIONS};
use super::look::{Look, Subject};
use super::svg::{document, group};

const SIZE: (u32, u32) = (1000, 750);
const TABLE: &str = "<rect width=\"1000\" height=\"750\" fill=\"url(#table)\"/><rect width=\"1000\" height=\"750\" fill=\"url(#planks)\"/>";
const SHADOW: &str = "<rect x=\"8\" y=\"18\" width=\"840\" height=\"528\" rx=\"30\" fill=\"#000\" fill-opacity=\".5\" filter=\"url(#shadow)\"/>";
const SHEET: &str = "<rect x=\"-52\" y=\"-76\" width=\"964\" height=\"690\" fill=\"#fbfaf6\"/>";
const SCREEN: &str = "<rect x=\"-48\" y=\"-48\" width=\"952\" height=\"636\" rx=\"36\" fill=\"#0d0f13\"/><rect x=\"-22\" y=\"-22\" width=\"900\" height=\"584\" fill=\"#e9ecf1\"/>";
const MOIRE: &str = "<g transform=\"translate(-22 -22)\"><rect width=\"900\" height=\"584\" fill=\"url(#moire)\"/><rect width=\"900\" height=\"584\" fill=\"url(#rows)\"/><path d=\"M0 0H900V584H0z\" fill=\"url(#glare)\"/></g>";
const STATUS_BAR: &str = "<rect width=\"1000\" height=\"64\" fill=\"#101318\"/><text x=\"36\" y=\"43\" font-size=\"30\" fill=\"#fff\">12:34</text>\
     <path d=\"M806 46v-10h9v10zM820 46v-17h9v17zM834 46V22h9v24z\" fill=\"#fff\"/><rect x=\"872\" y=\"20\" width=\"56\" height=\"26\" rx=\"6\" fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"/><rect x=\"877\" y=\"25\" width=\"34\" height=\"16\" fill=\"#fff\"/>\
     <rect y=\"694\" width=\"1000\" height=\"56\" fill=\"#101318\"/><rect x=\"390\" y=\"718\" width=\"220\" height=\"9\" rx=\"4\" fill=\"#fff\"/>";
const SCAN: &str = "<rect y=\"250\" width=\"1000\" height=\"26\" fill=\"#e9fff4\" fill-opacity=\".8\"/><rect y=\"276\" width=\"1000\" height=\"120\" fill=\"#8ff0c8\" fill-opacity=\".22\"/>";

pub(super) fn whole(picture: Picture<'_>) -> String {
    let Picture { person, look } = picture;
    let lying = |place: &str| {
        let face = if look.subject == Subject::OtherCard {
            face::other()
        } else {
            face::face(person, look)
        };
        group(&format!("transform=\"{place}\""), &under(look, &face))
    };
    let cards = match look.subject {
        Subject::Nothing => String::new(),
        Subject::Card | Subject::OtherCard => lying("translate(88 116) rotate(-1.2 428 270) scale(.96)"),
        Subject::TwoCards => {
            lying("translate(54 34) rotate(-5 428 270) scale(.66)")
                + &lying("translate(376 342) rotate(4 428 270) scale(.66)")
        }
        Subject::CutOff => lying("translate(330 210) rotate(-3 428 270)"),
        Subject::TooSmall => lying("translate(392 308) rotate(-4 428 270) scale(.26)"),
    };
    document(
        SIZE,
        &format!("{DEFINITIONS}{}", seen(look, &format!("{TABLE}{cards}"))),
    )
}

#[cfg(any(test, feature = "drawing"))]
pub(super) fn cropped(picture: Picture<'_>) -> String {
    let Picture { person, look } = picture;
    let face = if look.subject == Subject::OtherCard {
        face::other()
    } else {
        face::face(person, look)
    };
    let paper = "<rect width=\"1000\" height=\"750\" fill=\"#6b5341\"/>";
    // What was outside of the picture cannot be in its crop.
    let outside = if look.subject == Subject::CutOff {
        "<path d=\"M640 0H856V540H0V500H640z\" fill=\"#000\"/>"
    } else {
        ""
    };
    let over = format!("{paper}{face}{}{outside}", over(look));
    document(face::SIZE, &format!("{DEFINITIONS}{}", seen(look, &over)))
}

/// The card with what it lies on, if that is not the table.
fn under(look: &Look, face: &str) -> String {
    let below = if look.has("retake") {
        SCREEN
    } else if look.has("b&wPhotocopied") || look.has("colorPhotocopied") || look.has("scan") {
        SHEET
    } else if look.has("cutoffCorner") {
        ""
    } else {
        SHADOW
    };
    format!("{below}{face}{}", over(look))
}

/// What a copy or a screen lays over the card.
fn over(look: &Look) -> String {
    let mut out = String::new();
    if look.has("colorPhotocopied") {
        out.push_str("<rect width=\"856\" height=\"540\" rx=\"30\" fill=\"url(#halftone)\"/>");
    }
    if look.has("retake") {
        out.push_str(MOIRE);
    }
    out
}

/// What the camera makes of it.
fn seen(look: &Look, scene: &str) -> String {
    let mut out = if look.has("blur") {
        group("filter=\"url(#blur)\"", scene)
    } else {
        scene.to_owned()
    };
    for (label, layer) in [
        ("scan", SCAN),
        (
            "dim",
            "<rect width=\"1000\" height=\"750\" fill=\"#05070c\" fill-opacity=\".72\"/>",
        ),
        ("screenshot", STATUS_BAR),
    ] {
        if look.has(label) {
            out.push_str(layer);
        }
    }
    out
}
