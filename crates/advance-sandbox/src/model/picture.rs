//! Pictures for `image` and `croppedImage`: drawn when somebody asks, and kept for the next one who does.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::ending::Ending;
use super::shown;
use crate::card::Look;

/// Pixels of `croppedImage`.
pub(super) const CARD: (u32, u32) = (640, 404);
/// Pixels of `image`.
pub(super) const TABLE: (u32, u32) = (800, 600);
/// Pictures that are kept.
const KEPT: usize = 32;

/// The pictures that were wanted last.
#[derive(Clone, Default)]
pub(super) struct Album(VecDeque<(String, Vec<u8>)>);

impl Album {
    /// The picture of a verification that ended so, with a card that has this printed on it; `None` if it could not be
    /// drawn.
    pub(super) fn png(
        &mut self,
        ending: Option<&Ending>,
        printed: Option<&Value>,
        cropped: bool,
    ) -> Option<Vec<u8>> {
        let data = ending.map_or_else(|| json!({"idvCode": "CARD_NOT_FOUND"}), shown::data);
        let person = shown::person(printed, &data);
        let look = Look::of(&data);
        // Two of the same name look the same.
        let name = format!("{look:?} {person} {cropped}");
        if let Some((_, drawn)) = self.0.iter().find(|(other, _)| *other == name) {
            return Some(drawn.clone());
        }
        let drawn = draw(&person, &look, cropped)?;
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((name, drawn.clone()));
        Some(drawn)
    }
}

#[cfg(feature = "drawing")]
fn draw(person: &Value, look: &Look, cropped: bool) -> Option<Vec<u8>> {
    let picture = crate::card::Picture { person, look };
    picture.png(cropped, if cropped { CARD } else { TABLE })
}

#[cfg(not(feature = "drawing"))]
fn draw(_person: &Value, look: &Look, cropped: bool) -> Option<Vec<u8>> {
    super::plain::png(look, cropped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    #[test]
    fn a_picture_is_drawn_once_and_no_more_are_kept_than_fit() {
        let mut album = Album::default();
        let mut draw = |outcome: Outcome, cropped| {
            album.png(Some(&outcome.into()), None, cropped).unwrap();
            album.0.len()
        };
        assert_eq!(
            [
                draw(Outcome::Ok, false),
                draw(Outcome::Ok, false),
                draw(Outcome::Ok, true)
            ],
            [1, 1, 2]
        );
        for number in 0..40 {
            album.png(None, Some(&json!({"name": number})), true).unwrap();
        }
        assert_eq!(album.0.len(), KEPT);
    }
}
