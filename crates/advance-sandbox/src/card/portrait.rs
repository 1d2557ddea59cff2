//! The photo on the card: a silhouette, on red for those born in an odd year and on blue for the others.

use serde_json::Value;

/// Where it is on the card.
pub(super) const PLACE: (u32, u32) = (630, 128);

/// 194 × 252, its corner at the origin.
pub(super) fn portrait(person: &Value) -> String {
    let year = person["birthday"]
        .as_str()
        .and_then(|date| date.get(..4)?.parse::<u32>().ok());
    let backdrop = if year.is_some_and(|year| year % 2 == 0) {
        "#2b5ea8"
    } else {
        "#bf3330"
    };
    let hair = if person["gender"] == "PEREMPUAN" {
        "<path d=\"M48 118C40 40 154 40 146 118c0 34 6 56 14 74H34c8-18 14-40 14-74z\" fill=\"#2a2529\"/>"
    } else {
        "<path d=\"M56 108C44 44 150 44 138 108z\" fill=\"#2a2529\"/>"
    };
    format!(
        "<rect width=\"194\" height=\"252\" fill=\"{backdrop}\"/>{hair}\
         <path d=\"M82 150h30v34h-30z\" fill=\"#c99b78\"/>\
         <path d=\"M8 252c2-50 34-66 72-72 6 12 28 12 34 0 38 6 70 22 72 72z\" fill=\"#eef1f6\"/>\
         <path d=\"M80 180l17 24 17-24 8 4-25 36-25-36z\" fill=\"#d3dae6\"/>\
         <ellipse cx=\"97\" cy=\"114\" rx=\"36\" ry=\"45\" fill=\"#d9ae8b\"/>{fringe}",
        fringe = if person["gender"] == "PEREMPUAN" {
            "<path d=\"M60 106c4-34 60-44 74 0-16-4-30-12-38-22-8 10-22 18-36 22z\" fill=\"#2a2529\"/>"
        } else {
            "<path d=\"M60 100c0-36 74-36 74 0-12-10-24-14-37-14s-25 4-37 14z\" fill=\"#2a2529\"/>"
        }
    )
}
