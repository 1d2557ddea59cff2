//! QR codes, read by a decoder that is not ours.

use tempfile::TempDir;

use crate::support::{SandboxProcess, run, with_keys};

/// What a picture says. Dark is less than 128.
fn read(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn a_code_in_a_file_and_one_in_a_terminal_say_where_the_page_is() {
    let sandbox = SandboxProcess::start(&[]);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("link.png");
    let call = |args: &[&str]| run(with_keys(args).env("ADVANCE_BASE_URL", &sandbox.base_url)).succeeded();
    let made = call(&["link", "--qr", file.to_str().unwrap(), "--json"]).json();
    let short = |id: &str| format!("{}/s/{id}", sandbox.base_url);

    let mut reader = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()))
        .read_info()
        .unwrap();
    let mut points = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut points).unwrap();
    let side = info.width as usize;
    assert_eq!(
        read(side, |x, y| points[y * side + x] < 128),
        short(made["signatureId"].as_str().unwrap())
    );

    let text = call(&["link", "--qr"]).stdout;
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("signatureId    "))
        .unwrap();
    let rows: Vec<Vec<char>> = text
        .lines()
        .filter(|line| line.contains(['█', '▀', '▄']) || (!line.is_empty() && line.trim().is_empty()))
        .map(|line| line.chars().collect())
        .collect();
    let side = rows[0].len();
    let module = |x: usize, y: usize| match rows.get(y / 2).and_then(|row| row.get(x)) {
        Some('█') => true,
        Some('▀') => y.is_multiple_of(2),
        Some('▄') => y % 2 == 1,
        _ => false,
    };
    // A decoder wants more than a point for a module.
    assert_eq!(read(side * 4, |x, y| module(x / 4, y / 4)), short(id));
    // The code is a way to the page.
    let page = crate::support::get(&short(id));
    assert!(!page.contains("no verification"), "{page}");
}
