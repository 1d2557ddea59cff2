//! A link as a QR code.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anstyle::{AnsiColor, Color as Ansi, Style};
use qrcode::{Color, EcLevel, QrCode};

use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

/// Modules of quiet around the code. Four are the standard; phones read two, and a terminal is small.
const MARGIN: usize = 2;
/// Dark on light in a terminal of any colours.
const PAPER: Style = Style::new()
    .fg_color(Some(Ansi::Ansi(AnsiColor::Black)))
    .bg_color(Some(Ansi::Ansi(AnsiColor::BrightWhite)));

/// A square of light and dark, its margin included.
struct Square {
    side: usize,
    dark: Vec<bool>,
}

impl Square {
    fn of(url: &str, margin: usize) -> Result<Self, Stop> {
        // The least redundancy: the code is as small as it can be.
        let code = QrCode::with_error_correction_level(url, EcLevel::L).map_err(|error| {
            Stop::from(Problem::local("qr", "the link is too long for a QR code").caused_by(&error))
        })?;
        let (inner, colors) = (code.width(), code.to_colors());
        let side = inner + 2 * margin;
        let mut dark = vec![false; side * side];
        for (at, color) in colors.into_iter().enumerate() {
            dark[(at / inner + margin) * side + at % inner + margin] = color == Color::Dark;
        }
        Ok(Self { side, dark })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        y < self.side && self.dark[y * self.side + x]
    }
}

/// Two modules in a character, one above the other. If the terminal is too narrow, what to do instead.
pub(super) fn for_terminal(url: &str, out: &Out) -> Result<String, Stop> {
    let square = Square::of(url, MARGIN)?;
    if let Some(width) = out.width().filter(|width| *width < square.side) {
        return Ok(format!(
            "\nThe QR code needs {} columns and this terminal has {width}; `--qr link.png` writes it as a picture.\n",
            square.side
        ));
    }
    let mut text = "\n".to_owned();
    for y in (0..square.side).step_by(2) {
        text += &PAPER.to_string();
        for x in 0..square.side {
            text.push(match (square.is_dark(x, y), square.is_dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text += &format!("{PAPER:#}\n");
    }
    Ok(text)
}

/// A picture of black and white, eight points a module.
pub(super) fn to_file(url: &str, path: &Path) -> Result<(), Stop> {
    const SCALE: usize = 8;
    let square = Square::of(url, 4)?;
    let side = square.side * SCALE;
    let points: Vec<u8> = (0..side * side)
        .map(|at| {
            if square.is_dark(at % side / SCALE, at / side / SCALE) {
                0
            } else {
                255
            }
        })
        .collect();
    let write = || -> Result<(), Box<dyn std::error::Error>> {
        let side = u32::try_from(side)?;
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header()?.write_image_data(&points)?;
        Ok(())
    };
    write().map_err(|error| {
        Problem::local("file", format!("cannot write {}", path.display()))
            .caused_by(&*error)
            .into()
    })
}
