//! The page, as a browser without scripts goes through it.

use advance_sandbox::Outcome;
use http::{Request, Response};
use serde_json::{Value, json};

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

    fn step(&mut self, step: &str) -> Response<Vec<u8>> {
        let url = format!("{}&{step}", self.url);
        self.desk.get(&url)
    }

    fn result(&mut self) -> Value {
        self.desk.poll(&self.access_token, &self.id)["data"].clone()
    }

    fn idv_code(&mut self) -> Value {
        self.result()["idvCode"].clone()
    }
}

fn location(reply: &Response<Vec<u8>>) -> &str {
    assert_eq!(reply.status(), 303, "{}", body(reply));
    reply.headers()["location"].to_str().unwrap()
}

#[test]
fn every_outcome_leads_where_it_says() {
    for outcome in Outcome::ALL {
        let mut visit = Visit::new();
        let page = visit.open();
        assert_eq!(page.status(), 200);
        let option = format!("<option value=\"{}\"", outcome.name());
        assert!(body(&page).contains(&option), "{outcome:?}");
        let reply = visit.choose(outcome.name());
        let id = visit.id.clone();
        let data = visit.result();
        let ocr_code = data["ocrCode"].as_str();
        let expected = match (ocr_code, data["idvCode"].as_str()) {
            // Without any data there is no reason to be seen in it.
            (Some("SUCCESS"), _) | (None, None) => {
                format!("https://shop.example/done?order=7&signatureId={id}#top")
            }
            (Some(code), _) | (None, Some(code)) => {
                format!("shop://failed?signatureId={id}&errorCode={code}")
            }
        };
        assert_eq!(location(&reply), expected, "{outcome:?}");
    }
}

#[test]
fn the_flow_goes_from_start_to_captured_without_a_script() {
    let mut visit = Visit::new();
    let mut at = |query: &str| body(&visit.step(query)).to_owned();
    assert!(at("").contains("name=\"step\" value=\"permission\""));
    let permission = at("step=permission");
    for way in ["camera", "card", "upload"] {
        assert!(
            permission.contains(&format!("name=\"step\" value=\"{way}\"")),
            "{way}"
        );
        let frame = at(&format!("step={way}&outcome=blur"));
        assert!(frame.contains("name=\"step\" value=\"captured\""), "{way}");
        assert!(frame.contains(&format!("name=\"via\" value=\"{way}\"")), "{way}");
        assert!(frame.contains("<option value=\"blur\" selected>"), "{way}");
    }
    let captured = at("step=captured&via=upload&outcome=blur");
    assert!(captured.contains("formmethod=\"post\" name=\"step\" value=\"use\""));
    assert!(
        captured.contains("name=\"step\" value=\"upload\"")
            && captured.contains("card.svg?via=upload&amp;outcome=blur")
    );
    assert_eq!(visit.idv_code(), Value::Null);
}

#[test]
fn details_that_were_chosen_are_what_get_result_says() {
    let mut visit = Visit::new();
    let details = "idvCode=FORGERY_DETECTED&forgery=pastedPhoto&forgery=b%26wPhotocopied&quality=blur&ocr.name=SITI+A&via=upload&person=4";
    let form = format!("{}&outcome=ok&{details}", visit.query());
    assert_eq!(visit.submit(&form).status(), 303);
    let data = visit.result();
    assert_eq!(data["idvCode"], "FORGERY_DETECTED");
    assert_eq!(
        data["idvResult"],
        json!({"forgeryLabels": ["b&wPhotocopied", "pastedPhoto"], "isLowQuality": true, "qualityLabels": ["blur"]})
    );
    assert_eq!(
        (&data["imageType"], &data["ocrResult"]["name"]),
        (&json!("MANUAL"), &json!("SITI A"))
    );
    assert_ne!(data["ocrResult"]["idNumber"], "3174065708900000");
    let picture = visit.desk.get(&text(&data["image"])).into_body();
    let mut other = Visit::new();
    assert_eq!(other.choose("ok").status(), 303);
    let usual = other.result()["image"].clone();
    assert_ne!(picture, other.desk.get(&text(&usual)).into_body());
}

#[test]
fn checking_takes_as_long_as_was_chosen_and_the_page_waits() {
    let mut visit = Visit::new();
    let form = format!("{}&outcome=no-card&checking=10&lang=id", visit.query());
    let to = location(&visit.submit(&form)).to_owned();
    assert!(
        to.starts_with("./?token=") && to.ends_with("&step=checking&lang=id"),
        "{to}"
    );
    let page = visit.step("step=checking&lang=id");
    assert!(body(&page).contains("Memeriksa kartu Anda") && body(&page).contains("lang=\"id\""));
    assert_eq!(visit.idv_code(), Value::Null);
    let status = visit.url.replace("/h5-idv/?", "/h5-idv/status?");
    assert_eq!(body(&visit.desk.get(&status)), r#"{"done":false}"#);
    // Sent again in the meantime, the form leads to the same page.
    assert_eq!(location(&visit.submit(&form)), to);
    visit.desk.now += 10_000;
    assert_eq!(body(&visit.desk.get(&status)), r#"{"done":true}"#);
    let page = visit.step("step=checking");
    assert!(
        body(&page).contains("There was no card in the photo."),
        "{}",
        body(&page)
    );
    let back = format!("{}&step=return", visit.query());
    assert!(location(&visit.submit(&back)).ends_with("&errorCode=CARD_NOT_FOUND"));
    assert_eq!(visit.idv_code(), "CARD_NOT_FOUND");
}

#[test]
fn checking_for_ever_ends_when_somebody_ends_it() {
    let mut visit = Visit::new();
    let form = format!("{}&outcome=ok&checking=never", visit.query());
    assert!(location(&visit.submit(&form)).starts_with("./?"));
    visit.desk.now += 100 * 24 * 3_600_000;
    let page = visit.step("step=checking");
    assert!(body(&page).contains("Checking was chosen to take for ever"));
    assert!(body(&page).contains("<p class=\"note\" >"), "{}", body(&page));
    let id = visit.id.clone();
    assert!(visit.desk.vendor.finish(&id, Outcome::Blur));
    let back = format!("{}&step=return", visit.query());
    assert!(location(&visit.submit(&back)).ends_with("&errorCode=LOW_QUALITY_IMAGE"));
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    let mut visit = Visit::new();
    for step in [
        "",
        "step=permission",
        "step=camera",
        "step=card",
        "step=upload",
        "step=captured",
    ] {
        let page = visit.step(step);
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(
            !policy.contains("unsafe") && !policy.contains("form-action"),
            "{policy}"
        );
        assert_eq!(page.headers()["referrer-policy"], "no-referrer");
        assert_eq!(page.headers()["cache-control"], "no-store");
        let html = body(&page);
        assert!(
            html.contains("Sandbox") && html.contains("name=\"viewport\"") && html.contains("lang=\"en\"")
        );
        for forbidden in ["http://", "https://", "style=", "{{", "}}", "<script>", "<style"] {
            assert!(!html.contains(forbidden), "{forbidden:?} in {html}");
        }
        let handler = html
            .split_whitespace()
            .find(|word| word.starts_with("on") && word.contains('='));
        assert_eq!(handler, None);
    }
    for (file, kind) in [
        ("page.css", "text/css; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("card.svg?outcome=dim", "image/svg+xml"),
    ] {
        let served = visit.desk.get(&format!("/h5-idv/{file}"));
        assert_eq!(served.headers()["content-type"], kind);
        assert!(
            !body(&served).contains("@import") && !body(&served).contains("url(http"),
            "{file}"
        );
    }
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
        let page = visit.desk.get(&format!("/h5-idv/?{query}"));
        assert_eq!(page.status(), 403, "{query}");
        assert!(body(&page).contains("href=\"../\""), "it leads on");
        assert_eq!(
            visit.submit(&format!("{query}&outcome=ok")).status(),
            403,
            "{query}"
        );
        assert_eq!(
            visit.desk.get(&format!("/h5-idv/status?{query}")).status(),
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
fn a_link_is_good_for_an_hour_and_then_leads_back() {
    let mut visit = Visit::new();
    visit.desk.now += 3_599_999;
    assert_eq!(visit.open().status(), 200);
    visit.desk.now += 1;
    let page = visit.open();
    assert_eq!(page.status(), 410);
    assert!(body(&page).contains("This link has expired"));
    let way = format!(
        "href=\"shop://failed?signatureId={}&amp;errorCode=LINK_EXPIRED\"",
        visit.id
    );
    assert!(body(&page).contains(&way), "{}", body(&page));
    assert_eq!(visit.choose("ok").status(), 410);
}

#[test]
fn a_choice_is_made_once() {
    let mut visit = Visit::new();
    let first = location(&visit.choose("no-card")).to_owned();
    let page = visit.open();
    assert!(body(&page).contains("This verification is finished") && !body(&page).contains("id=\"outcome\""));
    let refused = visit.choose("ok");
    assert_eq!(refused.status(), 409);
    assert!(body(&refused).contains("the first choice stays") && body(&refused).contains("value=\"return\""));
    assert_eq!(
        location(&visit.choose("no-card")),
        first,
        "the same again is not otherwise"
    );
    assert_eq!(visit.idv_code(), "CARD_NOT_FOUND");
    visit.desk.now += 3_600_000;
    assert_eq!(
        location(&visit.choose("no-card")),
        first,
        "a link that has done its work leads back"
    );
}

#[test]
fn what_ended_elsewhere_can_only_be_continued() {
    let mut visit = Visit::new();
    let id = visit.id.clone();
    visit.desk.vendor.finish(&id, Outcome::Sample);
    let page = visit.open();
    assert!(!body(&page).contains("id=\"outcome\"") && body(&page).contains("Back to shop.example"));
    let query = visit.query();
    assert_eq!(visit.submit(&query).status(), 303);
}

#[test]
fn no_choice_is_a_mistake() {
    let mut visit = Visit::new();
    for outcome in ["", "perfect", "ok&forgery=none", "ok&checking=soon"] {
        assert_eq!(visit.choose(outcome).status(), 400, "{outcome}");
    }
    assert_eq!(visit.step("outcome=perfect").status(), 400);
    assert_eq!(visit.desk.get("/h5-idv/card.svg?outcome=perfect").status(), 400);
    assert_eq!(visit.idv_code(), Value::Null);
    let put = Request::put("/h5-idv/").body(Vec::new()).unwrap();
    assert_eq!(visit.desk.handle(&put).status(), 405);
    assert_eq!(visit.desk.get("/h5-idv/other").status(), 404);
}

#[test]
fn the_language_is_the_links_else_the_browsers() {
    let mut visit = Visit::new();
    let url = visit.url.clone();
    let mut in_browser = |url: &str, accepted: &str| {
        let request = Request::get(url)
            .header("accept-language", accepted)
            .body(Vec::new());
        body(&visit.desk.handle(&request.unwrap())).contains("<html lang=\"id\">")
    };
    assert!(in_browser(&url, "id-ID,id;q=0.9,en;q=0.5"));
    assert!(!in_browser(&url, "en-US,en;q=0.9,id;q=0.5"));
    assert!(in_browser(&format!("{url}&lang=id"), "en"));
    assert!(!in_browser(&format!("{url}&lang=en"), "id"));
    assert!(
        in_browser("/h5-idv/?token=x", "id"),
        "also where nothing is known"
    );
}

#[test]
fn nothing_that_was_sent_can_break_out_of_the_page_or_the_header() {
    let hostile = "https://x\"><script>alert('1')</script>\u{e9}/";
    let mut visit = Visit::returning_to(hostile, hostile);
    let name = "%22%3E%3Cscript%3Ealert('1')%3C%2Fscript%3E";
    for step in [
        "step=start",
        "step=captured",
        &format!("step=captured&ocr.name={name}&lang={name}&x={name}"),
    ] {
        let page = visit.step(step);
        assert!(
            !body(&page).contains("<script>") && !body(&page).contains("alert('1')"),
            "{}",
            body(&page)
        );
    }
    let card = visit.desk.get(&format!("/h5-idv/card.svg?ocr.name={name}"));
    assert!(!body(&card).contains("<script>") && body(&card).contains("&lt;script&gt;"));
    let reply = visit.choose("ok");
    assert!(!body(&reply).contains("<script") && !body(&reply).contains("('1')"));
    assert!(
        location(&reply).contains("%C3%A9/?signatureId="),
        "{}",
        location(&reply)
    );
}
