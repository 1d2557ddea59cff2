//! Links to pictures: signed, short-lived, and minted anew by every poll.

use std::io::Cursor;

use http::Response;
use serde_json::Value;

use crate::desk::{Desk, body, text};

fn ended(user_id: &str) -> (Desk, String, String, Value) {
    let mut desk = Desk::new();
    let token = desk.token();
    let id = text(&desk.begin(&token, user_id)["signatureId"]);
    let data = desk.poll(&token, &id)["data"].clone();
    (desk, token, id, data)
}

fn assert_refused(response: &Response<Vec<u8>>, status: u16, code: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/xml");
    assert!(
        body(response).contains(&format!("<Code>{code}</Code>")),
        "{}",
        body(response)
    );
}

#[test]
fn both_links_lead_to_a_png() {
    let (mut desk, _, _, data) = ended("sbx-ok");
    for (name, size) in [("image", (800, 600)), ("croppedImage", (640, 404))] {
        let link = text(&data[name]);
        assert!(link.starts_with("http://127.0.0.1/__sandbox/images/"), "{link}");
        assert!(
            link.contains("?Expires=") && link.contains("&OSSAccessKeyId="),
            "{link}"
        );
        let response = desk.get(&link);
        assert_eq!(response.headers()["content-type"], "image/png");
        let reader = png::Decoder::new(Cursor::new(response.body()))
            .read_info()
            .unwrap();
        assert_eq!(reader.info().size(), size);
    }
}

#[test]
fn a_link_is_good_for_a_day_and_a_poll_gives_a_new_one() {
    let (mut desk, _, id, data) = ended("sbx-ok");
    let link = text(&data["image"]);
    desk.now = (desk.now / 1000 + 86_400) * 1000 + 999;
    assert_eq!(desk.get(&link).status(), 200);
    desk.now += 1;
    assert_refused(&desk.get(&link), 403, "AccessDenied");
    let token = desk.token();
    let renewed = text(&desk.poll(&token, &id)["data"]["image"]);
    assert_ne!(renewed, link);
    assert_eq!(desk.get(&renewed).status(), 200);
}

#[test]
fn a_link_cannot_be_changed() {
    let (mut desk, _, id, data) = ended("sbx-ok");
    let link = text(&data["image"]);
    let (address, query) = link.split_once('?').unwrap();
    let expires = query.split('&').next().unwrap();
    let later = link.replace(expires, "Expires=99999999999");
    assert_refused(&desk.get(&later), 403, "SignatureDoesNotMatch");
    assert_refused(&desk.get(&format!("{link}A")), 403, "SignatureDoesNotMatch");
    let other = link.replace(&id, "f302f5d2454a85c2");
    assert_refused(&desk.get(&other), 403, "SignatureDoesNotMatch");
    let crop = link.replace("_v1_front_SCAN", "_v1_processed");
    assert_refused(&desk.get(&crop), 403, "SignatureDoesNotMatch");
    assert_refused(&desk.get(address), 403, "AccessDenied");
    assert_refused(
        &desk.get(&format!("{address}?Expires=x&Signature=x")),
        403,
        "AccessDenied",
    );
}

#[test]
fn what_was_forgotten_has_no_picture() {
    let (mut desk, _, _, data) = ended("sbx-ok");
    desk.vendor.reset();
    assert_refused(&desk.get(&text(&data["image"])), 404, "NoSuchKey");
}

#[test]
fn the_picture_shows_how_it_ended() {
    let pictures = ["sbx-ok", "sbx-low-quality", "sbx-no-card"].map(|user_id| {
        let (mut desk, _, _, data) = ended(user_id);
        desk.get(&text(&data["image"])).into_body()
    });
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2] && pictures[0] != pictures[2]);
}
