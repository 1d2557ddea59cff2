//! The page, as a browser without scripts goes through it.

use advance_sandbox::Outcome;
use http::{Request, Response};
use serde_json::Value;

use crate::desk::{Desk, URL, body, text, url_body};

struct Visit {
    desk: Desk,
    access_token: String,
    id: String,
    url: String,
}

impl Visit {
    fn new() -> Self {
        Self::returning_to("https://shop.example/done?order=7#top", "shop://failed")
    }

    fn returning_to(return_url: &str, fail_return_url: &str) -> Self {
        let mut desk = Desk::new();
        let access_token = desk.token();
        let mut body = url_body();
        body["returnUrl"] = return_url.into();
        body["failReturnUrl"] = fail_return_url.into();
        let data = desk.call(URL, &access_token, &body)["data"].clone();
        Self {
            desk,
            access_token,
            id: text(&data["signatureId"]),
            url: text(&data["url"]),
        }
    }

    fn open(&mut self) -> Response<Vec<u8>> {
        let url = self.url.clone();
        self.desk.get(&url)
    }

    fn query(&self) -> String {
        self.url.split_once('?').unwrap().1.to_owned()
    }

    fn submit(&mut self, form: &str) -> Response<Vec<u8>> {
        let request = Request::post("/h5-idv/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.as_bytes().to_vec());
        self.desk.handle(&request.unwrap())
    }

    fn choose(&mut self, outcome: &str) -> Response<Vec<u8>> {
        let form = format!("{}&outcome={outcome}", self.query());
        self.submit(&form)
    }

    fn idv_code(&mut self) -> Value {
        self.desk.poll(&self.access_token, &self.id)["data"]["idvCode"].clone()
    }
}

#[test]
fn every_button_leads_where_it_says() {
    for (outcome, code, error) in [
        ("ok", "SUCCESS", None),
        ("forged", "FORGERY_DETECTED", None),
        ("low-quality", "LOW_QUALITY_IMAGE", Some("LOW_QUALITY_IMAGE")),
        ("no-card", "CARD_NOT_FOUND", Some("CARD_NOT_FOUND")),
        ("ocr-empty", "SUCCESS", Some("OCR_NO_RESULT")),
    ] {
        let mut visit = Visit::new();
        let page = visit.open();
        assert_eq!(page.status(), 200);
        assert!(
            body(&page).contains(&format!("name=\"outcome\" value=\"{outcome}\"")),
            "{outcome}"
        );
        let reply = visit.choose(outcome);
        assert_eq!(reply.status(), 303);
        let id = &visit.id;
        let expected = match error {
            None => format!("https://shop.example/done?order=7&signatureId={id}#top"),
            Some(error) => format!("shop://failed?signatureId={id}&errorCode={error}"),
        };
        assert_eq!(reply.headers()["location"], expected);
        assert_eq!(visit.idv_code(), code);
    }
}

#[test]
fn the_page_has_no_script_and_asks_for_nothing_from_elsewhere() {
    let mut visit = Visit::new();
    let page = visit.open();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("form-action"),
        "{policy}"
    );
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert_eq!(page.headers()["cache-control"], "no-store");
    let html = body(&page);
    assert!(html.contains("Sandbox") && html.contains("name=\"viewport\"") && html.contains("lang=\"en\""));
    for forbidden in ["<script", "http://", "https://", "style=", "{"] {
        assert!(!html.contains(forbidden), "{forbidden:?} in {html}");
    }
    let handler = html
        .split_whitespace()
        .find(|word| word.starts_with("on") && word.contains('='));
    assert_eq!(handler, None);
    let style = visit.desk.get("/h5-idv/page.css");
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    assert!(body(&style).contains("button") && !body(&style).contains("url("));
}

#[test]
fn a_wrong_link_is_refused_and_ends_nothing() {
    let mut visit = Visit::new();
    let other = Visit::new();
    let id = visit.id.clone();
    for query in [
        String::new(),
        format!("signatureId={id}"),
        format!("token=&signatureId={id}"),
        format!("token=x&signatureId={id}"),
        format!("{}0", visit.query()),
        format!("token={}&signatureId={id}", visit.access_token),
    ] {
        assert_eq!(
            visit.desk.get(&format!("/h5-idv/?{query}")).status(),
            403,
            "{query}"
        );
        assert_eq!(
            visit.submit(&format!("{query}&outcome=ok")).status(),
            403,
            "{query}"
        );
    }
    assert_eq!(
        other.id, id,
        "of the same seed, so that the next line means something"
    );
    assert_eq!(visit.idv_code(), Value::Null);
}

#[test]
fn a_link_is_good_for_an_hour() {
    let mut visit = Visit::new();
    visit.desk.now += 3_599_999;
    assert_eq!(visit.open().status(), 200);
    visit.desk.now += 1;
    let page = visit.open();
    assert_eq!(page.status(), 410);
    assert!(body(&page).contains("This link has expired"));
    assert_eq!(visit.choose("ok").status(), 410);
}

#[test]
fn a_choice_is_made_once() {
    let mut visit = Visit::new();
    assert_eq!(visit.choose("no-card").status(), 303);
    let page = visit.open();
    assert!(body(&page).contains("This verification is finished"));
    let reply = visit.choose("ok");
    assert!(
        reply.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("errorCode=CARD_NOT_FOUND")
    );
    assert_eq!(visit.idv_code(), "CARD_NOT_FOUND");
}

#[test]
fn what_ended_elsewhere_can_only_be_continued() {
    let mut visit = Visit::new();
    let id = visit.id.clone();
    visit.desk.vendor.finish(&id, Outcome::Sample);
    let page = visit.open();
    assert!(!body(&page).contains("outcome") && body(&page).contains("Continue"));
    let query = visit.query();
    assert_eq!(visit.submit(&query).status(), 303);
}

#[test]
fn no_choice_is_a_mistake() {
    let mut visit = Visit::new();
    for outcome in ["", "perfect"] {
        assert_eq!(visit.choose(outcome).status(), 400, "{outcome}");
    }
    assert_eq!(visit.idv_code(), Value::Null);
    let put = Request::put("/h5-idv/").body(Vec::new()).unwrap();
    assert_eq!(visit.desk.handle(&put).status(), 405);
    assert_eq!(visit.desk.get("/h5-idv/other").status(), 404);
}

#[test]
fn a_return_url_cannot_break_out_of_the_page_or_the_header() {
    let hostile = "https://x/\"><script>alert('1')</script>\u{e9}";
    let mut visit = Visit::returning_to(hostile, hostile);
    assert!(!body(&visit.open()).contains("<script"));
    let reply = visit.choose("ok");
    assert!(!body(&reply).contains("<script") && !body(&reply).contains("('1')"));
    let location = reply.headers()["location"].to_str().unwrap();
    assert!(location.contains("%C3%A9?signatureId="), "{location}");
}
