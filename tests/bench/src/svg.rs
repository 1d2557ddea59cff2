//! The chart of growth: both axes by powers of ten, so that what costs the same at every size is a level line.

use std::fmt::Write as _;

use crate::growth::Growth;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 250.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 50.0;
/// Told apart on white and on black, and without red and green side by side.
const COLOURS: [&str; 7] = [
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999999",
];

pub fn chart(lines: &[Growth]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let (most, least) = (
        points().map(|(_, each)| *each).fold(0.1, f64::max),
        points().map(|(_, each)| *each).fold(10.0, f64::min),
    );
    let decades = (least.log10().floor(), most.log10().ceil());
    let largest = points().map(|(count, _)| *count).max().unwrap_or(10);
    let x = |count: usize| LEFT + (log(count) - 1.0) / (log(largest) - 1.0).max(1.0) * (WIDTH - LEFT - RIGHT);
    let y = |each: f64| {
        let share = (each.max(1e-9).log10() - decades.0) / (decades.1 - decades.0).max(1.0);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Microseconds each, by how many there are\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let mut add = |piece: String| {
        let _cannot_fail = writeln!(svg, "{piece}");
    };
    let mut decade = decades.0;
    while decade <= decades.1 {
        let (each, right) = (10_f64.powf(decade), WIDTH - RIGHT);
        let at = y(each);
        add(format!("<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/>"));
        add(format!(
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{each} µs</text>",
            LEFT - 6.0,
            at + 4.0
        ));
        decade += 1.0;
    }
    let mut count = 10;
    while count <= largest {
        let under = HEIGHT - BOTTOM + 18.0;
        add(format!(
            "<text x=\"{:.1}\" y=\"{under}\" text-anchor=\"middle\">{count}</text>",
            x(count)
        ));
        count *= 10;
    }
    add(format!(
        "<text x=\"{LEFT}\" y=\"{}\">how many there are; the height is what each takes</text>",
        HEIGHT - 10.0
    ));
    for ((index, line), colour) in lines.iter().enumerate().zip(COLOURS) {
        let path = line
            .points
            .iter()
            .map(|(count, each)| format!("{:.1},{:.1}", x(*count), y(*each)));
        let path: Vec<_> = path.collect();
        add(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        ));
        #[expect(clippy::cast_precision_loss, reason = "seven lines")]
        let at = TOP + 14.0 + 20.0 * index as f64;
        let left = WIDTH - RIGHT + 12.0;
        add(format!(
            "<path d=\"M{left} {at}h16\" stroke=\"{colour}\" stroke-width=\"3\"/>"
        ));
        add(format!(
            "<text x=\"{}\" y=\"{}\">{}</text>",
            left + 22.0,
            at + 4.0,
            line.of
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

#[expect(clippy::cast_precision_loss, reason = "a power of ten")]
fn log(count: usize) -> f64 {
    (count as f64).log10()
}
