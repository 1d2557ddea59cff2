//! From SVG to PNG, with letters of our own, so that a picture is the same on every machine.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

const FAMILY: &str = "Sandbox Sans";

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("../../fonts/SandboxSans-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../../fonts/SandboxSans-Bold.ttf").to_vec());
    fonts.set_sans_serif_family(FAMILY);
    fonts.set_serif_family(FAMILY);
    Arc::new(fonts)
});

/// The picture, this many pixels wide and high; `None` if it cannot be drawn.
pub(super) fn png(svg: &str, (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).ok()?;
    let size = tree.size();
    let mut pixels = Pixmap::new(width, height)?;
    #[expect(clippy::cast_precision_loss, reason = "pixels, far below 2^24")]
    let scale = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dark(svg: &str) -> usize {
        let png = png(svg, (100, 40)).unwrap();
        let pixels = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixels.width(), pixels.height()), (100, 40));
        pixels.pixels().iter().filter(|pixel| pixel.red() < 100).count()
    }

    #[test]
    fn text_is_drawn_whatever_fonts_the_machine_has() {
        let svg = |attributes: &str, text: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"80\"><rect width=\"200\" height=\"80\" fill=\"#fff\"/>\
                 <text x=\"5\" y=\"60\" font-size=\"50\" {attributes}>{text}</text></svg>"
            )
        };
        let plain = dark(&svg(
            "font-family=\"Arial, 'Liberation Sans', sans-serif\"",
            "NIK: 3",
        ));
        assert!(plain > 150, "{plain}");
        assert_eq!(dark(&svg("font-family=\"Georgia, serif\"", "NIK: 3")), plain);
        assert!(dark(&svg("font-weight=\"700\"", "NIK: 3")) > plain + 30);
        assert_eq!(dark(&svg("", "")), 0);
        assert_eq!(png("no picture", (10, 10)), None);
    }
}
