//! The card in the picture: a synthetic KTP, drawn as SVG, that looks like how its verification ended.
//!
//! It is laid out as a KTP is, so that a person recognises it and an OCR engine finds something to read. It cannot be
//! mistaken for one: it has no coat of arms, its person does not exist, and SPECIMEN is written across it.

mod face;
mod look;
#[cfg(feature = "drawing")]
mod png;
mod portrait;
mod scene;
mod svg;

use serde_json::Value;

#[cfg(not(feature = "drawing"))]
pub(crate) use look::Subject;
pub(crate) use look::{FORGERY_LABELS, Look, QUALITY_LABELS};

/// A picture: whose card, in which state.
#[derive(Clone, Copy)]
pub(crate) struct Picture<'a> {
    /// The eighteen fields of `ocrResult` as they are printed; one that is no string is left blank.
    pub(crate) person: &'a Value,
    pub(crate) look: &'a Look,
}

impl Picture<'_> {
    /// The whole picture as it was taken, 1,000 × 750.
    pub(crate) fn whole(self) -> String {
        scene::whole(self)
    }

    /// The picture cropped to the edges of the card, 856 × 540.
    #[cfg(any(test, feature = "drawing"))]
    pub(crate) fn cropped(self) -> String {
        scene::cropped(self)
    }

    /// The whole picture or its crop as a PNG of this size; `None` if it cannot be drawn.
    #[cfg(feature = "drawing")]
    pub(crate) fn png(self, cropped: bool, size: (u32, u32)) -> Option<Vec<u8>> {
        let svg = if cropped { self.cropped() } else { self.whole() };
        png::png(&svg, size)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::people;

    fn picture(look: &Look) -> String {
        let person = people::made_up(0);
        Picture {
            person: &person,
            look,
        }
        .whole()
    }

    #[test]
    fn every_state_has_a_picture_of_its_own() {
        let mut states: Vec<Value> = ["SUCCESS", "ERROR"]
            .into_iter()
            .chain(look::SUBJECTS.iter().map(|(code, _)| *code))
            .map(|code| json!({"idvCode": code}))
            .collect();
        states.extend(
            FORGERY_LABELS
                .iter()
                .map(|label| json!({"idvCode": "FORGERY_DETECTED", "idvResult": {"forgeryLabels": [label]}})),
        );
        states.extend(
            QUALITY_LABELS.iter().map(
                |label| json!({"idvCode": "LOW_QUALITY_IMAGE", "idvResult": {"qualityLabels": [label]}}),
            ),
        );
        let pictures: std::collections::BTreeSet<String> =
            states.iter().map(|state| picture(&Look::of(state))).collect();
        // SUCCESS and ERROR show the same: a card that nothing is wrong with.
        assert_eq!(pictures.len(), states.len() - 1);
        assert_eq!(picture(&Look::of(&states[0])), picture(&Look::of(&states[1])));
    }

    #[test]
    fn the_card_has_every_field_and_says_what_it_is() {
        let person = people::made_up(0);
        let svg = picture(&Look::default());
        for (name, value) in person.as_object().unwrap() {
            let printed = match name.as_str() {
                // Both are part of birthPlaceBirthday.
                "placeOfBirth" | "birthday" => continue,
                _ => value.as_str().unwrap(),
            };
            assert!(svg.contains(printed), "{name}");
        }
        assert!(svg.contains(">SPECIMEN<"));
    }

    #[test]
    fn what_a_tester_wrote_stays_text() {
        let person = json!({"name": "</text><script>alert(\"1\")</script>&", "idNumber": "'\"<"});
        let look = Look::of(&json!({"idvResult": {"forgeryLabels": ["modifiedNIK", "<b>"]}}));
        let picture = Picture {
            person: &person,
            look: &look,
        };
        for svg in [picture.whole(), picture.cropped()] {
            assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
            assert!(svg.contains("&lt;script&gt;"), "{svg}");
        }
    }

    #[test]
    fn a_picture_without_a_card_shows_nobody() {
        let svg = picture(&Look::of(&json!({"idvCode": "CARD_NOT_FOUND"})));
        assert!(!svg.contains("SANDBOX") && !svg.contains("NIK"));
    }
}
