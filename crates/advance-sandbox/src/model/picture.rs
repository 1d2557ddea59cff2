//! Pictures that the sandbox draws: a card on a table, its text replaced by bars.

use std::collections::BTreeMap;

use super::ending::Ending;
use super::outcome::Outcome;

const CARD: (u32, u32) = (640, 404);
const TABLE: (u32, u32) = (800, 600);

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scene {
    Card,
    DimCard,
    EmptyTable,
}

impl Scene {
    pub(super) fn of(ending: Option<&Ending>) -> Self {
        let Some(ending) = ending else {
            return Self::EmptyTable;
        };
        let found = ending.outcome().map(Outcome::findings);
        let low = found
            .and_then(|found| found.idv_result)
            .is_some_and(|result| result.is_low_quality);
        match found.and_then(|found| found.idv_code) {
            Some("CARD_NOT_FOUND") => Self::EmptyTable,
            _ if low => Self::DimCard,
            _ => Self::Card,
        }
    }
}

/// The pictures that were drawn so far.
#[derive(Clone, Default)]
pub(super) struct Album(BTreeMap<(Scene, bool), Vec<u8>>);

impl Album {
    /// A PNG of 640 × 404 pixels if cropped to the card, else of 800 × 600; `None` if it could not be encoded.
    pub(super) fn png(&mut self, scene: Scene, cropped: bool) -> Option<Vec<u8>> {
        if let Some(drawn) = self.0.get(&(scene, cropped)) {
            return Some(drawn.clone());
        }
        let canvas = draw(scene, cropped);
        let drawn = canvas.encode().ok()?;
        self.0.insert((scene, cropped), drawn.clone());
        Some(drawn)
    }
}

type Colour = [u8; 3];

struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<Colour>,
}

impl Canvas {
    fn new((width, height): (u32, u32), colour: Colour) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; (width * height) as usize],
        }
    }

    /// What lies outside of the canvas is not drawn.
    fn fill(&mut self, (left, top): (u32, u32), (width, height): (u32, u32), colour: Colour) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                self.pixels[(y * self.width + x) as usize] = colour;
            }
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(out)
    }
}

fn draw(scene: Scene, cropped: bool) -> Canvas {
    let mut canvas = Canvas::new(if cropped { CARD } else { TABLE }, [116, 92, 72]);
    if scene != Scene::EmptyTable {
        let corner = if cropped {
            (0, 0)
        } else {
            ((TABLE.0 - CARD.0) / 2, (TABLE.1 - CARD.1) / 2)
        };
        draw_card(&mut canvas, corner);
    }
    if scene == Scene::DimCard {
        canvas.pixels.iter_mut().flatten().for_each(|light| *light /= 3);
    }
    canvas
}

/// Blue, a header, a photo at the right and lines at the left, as a KTP has, and a word that no KTP has.
fn draw_card(canvas: &mut Canvas, (left, top): (u32, u32)) {
    let ink = [38, 50, 72];
    let at = |x, y| (left + x, top + y);
    canvas.fill(at(0, 0), CARD, [176, 208, 232]);
    canvas.fill(at(170, 22), (300, 16), ink);
    canvas.fill(at(210, 48), (220, 14), ink);
    canvas.fill(at(28, 84), (300, 22), ink);
    for line in 0..11 {
        let y = 124 + line * 24;
        canvas.fill(at(28, y), (96, 10), [92, 110, 138]);
        canvas.fill(at(140, y), (150 + (line * 53) % 110, 10), ink);
    }
    canvas.fill(at(470, 92), (142, 190), [190, 48, 44]);
    canvas.fill(at(511, 124), (60, 70), [222, 188, 160]);
    canvas.fill(at(494, 206), (94, 76), [240, 240, 244]);
    write(canvas, at(408, 312), 5, SANDBOX, [150, 20, 40]);
}

/// Seven letters, five pixels wide and seven high; a bit is a pixel.
const SANDBOX: [[u8; 7]; 7] = [
    [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
    [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
    [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001],
];

fn write(canvas: &mut Canvas, (left, top): (u32, u32), dot: u32, text: [[u8; 7]; 7], ink: Colour) {
    for (letter, rows) in (0..).zip(text) {
        for (row, bits) in (0..).zip(rows) {
            for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                let at = (left + (letter * 6 + column) * dot, top + row * dot);
                canvas.fill(at, (dot, dot), ink);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn every_picture_decodes_to_what_was_drawn() {
        for scene in [Scene::Card, Scene::DimCard, Scene::EmptyTable] {
            for (cropped, size) in [(true, CARD), (false, TABLE)] {
                let png = Album::default().png(scene, cropped).unwrap();
                let (width, height, pixels) = decode(&png);
                assert_eq!((width, height), size);
                assert_eq!(pixels, draw(scene, cropped).pixels.as_flattened());
                assert!(png.len() < 64 * 1024, "{} bytes", png.len());
            }
        }
    }

    #[test]
    fn scenes_differ() {
        let mut album = Album::default();
        let [card, dim, empty] =
            [Scene::Card, Scene::DimCard, Scene::EmptyTable].map(|scene| album.png(scene, false));
        assert!(card != dim && dim != empty && card != empty);
        assert_eq!(album.png(Scene::Card, false), card, "drawn once");
        assert_eq!(album.0.len(), 3);
    }
}
