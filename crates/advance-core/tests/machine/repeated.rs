//! FAULTS row 92: what the caller sent is not repeated, and the words of an error survive.

use std::cell::Cell;
use std::rc::Rc;

use advance_core::session::{Call, Event};
use advance_core::wire::{Auth, DecodeError, Replay};
use advance_core::{Endpoint, Error, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::{Asked, Bench, raw};

const USER: &str = "siti.nurhaliza@mail.test";
const RETURN: &str = "https://shop.example/done?session=S3SS10N-0042";
const FAIL: &str = "https://shop.example/fail/siti.nurhaliza?state=0XFA11ED0XFA11ED";

fn request() -> GenerateUrl {
    let url = |text| ReturnUrl::new(text).unwrap();
    GenerateUrl::new(url(RETURN), url(FAIL), Region::IDN).user_id(UserId::new(USER).unwrap())
}

/// What the call of a request shows, of its error and of its events, if the server answers with this.
fn shown(request: GenerateUrl, status: u16, body: &str) -> (Error, String) {
    let mut bench = Bench::warm();
    bench.session.record_events(true);
    let mut asked = bench.begin(Call::new(request));
    let error = loop {
        asked = match asked {
            Asked::Call(_, awaiting) => bench.answer(awaiting, raw(status, body.as_bytes())),
            Asked::Backoff(wait, pause) => bench.after(wait, pause),
            Asked::Done(Err(error)) => break error,
            _ => panic!("a failure"),
        };
    };
    let events: Vec<Event> = bench.session.take_events();
    let mut texts = format!("{error} {error:?} {error:#?} {events:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        texts = format!("{texts} {inner} {inner:?}");
        source = inner.source();
    }
    (error, texts)
}

/// The forms in which a server may repeat it.
fn forms(value: &str) -> Vec<String> {
    let json = value
        .encode_utf16()
        .fold(String::new(), |text, unit| format!("{text}\\\\u{unit:04X}"));
    vec![
        value.to_owned(),
        value.to_uppercase(),
        hex::encode(value),
        hex::encode_upper(value),
        STANDARD.encode(value),
        STANDARD.encode(format!("x{value}")),
        URL_SAFE_NO_PAD.encode(format!("xy{value}")),
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
        json,
        value.chars().take(8).collect(),
        value.chars().skip(3).take(9).collect(),
        value
            .chars()
            .rev()
            .take(10)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect(),
    ]
}

#[test]
fn fault_92_what_the_caller_sent_is_repeated_in_no_form() {
    let tail = |url: &'static str| url.split_once(".example").unwrap().1;
    let mut tried = 0;
    for value in [USER, tail(RETURN), tail(FAIL), "0XFA11ED0XFA11ED"] {
        for form in forms(value) {
            let echo = form.replace('"', "\\\"");
            let envelope = |code: &str, message: &str, id: &str| {
                format!(
                    r#"{{"code":"{code}","message":"{message}","data":null,"extra":{{"was":"{echo}"}},"transactionId":"{id}"}}"#
                )
            };
            for (status, body) in [
                (200, envelope(&format!("E_{echo}"), "no", "t")),
                (
                    200,
                    envelope("PARAMETER_ERROR", &format!("bad value <{echo}>!"), "t"),
                ),
                (200, envelope("PARAMETER_ERROR", "no", &format!("t-{echo}"))),
                (
                    200,
                    format!(r#"{{"code":"E-{echo}","transactionId":"{echo}","data":"#),
                ),
                (400, format!("<html>bad: {echo}</html>")),
                (200, format!("<html>bad: {echo}</html>")),
            ] {
                let (error, shown) = shown(request(), status, &body);
                assert!(!shown.contains(&form), "{form}: {shown}");
                assert!(!shown.contains(&echo), "{echo}: {shown}");
                assert!(!error.message().unwrap_or_default().contains(&form), "{error}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn fault_92_a_header_is_repeated_by_nothing() {
    let mut bench = Bench::warm();
    bench.session.record_events(true);
    let calling = bench.begin(Call::new(request())).call();
    let reply = raw(302, b"").map(|mut reply| {
        for name in ["location", "retry-after", "server", "x-echo", "content-type"] {
            reply.headers_mut().insert(name, USER.parse().unwrap());
        }
        reply
    });
    let error = bench.answer(calling, reply).error();
    let shown = format!("{error} {error:?} {:?}", bench.session.take_events());
    assert!(!shown.contains("siti"), "{shown}");
}

#[test]
fn fault_92_a_signature_id_is_a_string_of_the_request_as_well() {
    let mut bench = Bench::warm();
    let id = SignatureId::new("f302f5d2454a85c2").unwrap();
    let calling = bench.begin(Call::new(GetResult::new(id))).call();
    let body = br#"{"code":"SIGNATURE_NOT_EXIST","message":"no F302F5D2454A85C2 here"}"#;
    let error = bench.answer(calling, raw(200, body)).error();
    assert_eq!(error.message(), Some("no [redacted] here"));
}

#[test]
fn fault_92_what_precedes_the_path_of_a_return_url_may_be_said() {
    for (message, shown_as) in [
        (
            "bad returnUrl https://shop.example/done?session=S3SS10N-0042",
            "bad returnUrl https://shop.example[redacted]",
        ),
        (
            "shop.example is not on the list",
            "shop.example is not on the list",
        ),
    ] {
        let body = format!(r#"{{"code":"PARAMETER_ERROR","message":"{message}"}}"#);
        let (error, _) = shown(request(), 200, &body);
        assert_eq!(error.message(), Some(shown_as));
    }
}

/// Every message that the vendor's documents show, with their two spellings.
const DOCUMENTED: [(&str, &str); 15] = [
    ("PARAMETER_ERROR", "Timestamp error"),
    ("PARAMETER_ERROR", "Parameter should not be empty"),
    ("PARAMETER_ERROR", "Signature error"),
    ("ACCOUNT_DISABLED", "Account Disabled"),
    ("CLIENT_ERROR", "HTTP 400 - Bad Request"),
    ("CLIENT_ERROR", "HTTP 405 - Method Not Allowed"),
    ("PARAMETER_ERROR", "Parameter error,please check you input."),
    (
        "PARAMETER_ERROR",
        "Invalid returnUrl, please check your returnUrl",
    ),
    ("PARAMETER_ERROR", "Invalid returnUrl,please check your returnUrl"),
    ("PARAMETER_ERROR", "Region is wrong"),
    ("REGION_WRONG", "Region is wrong"),
    ("ERROR", "Server error"),
    ("ERROR", "Server error."),
    ("SIGNATURE_NOT_EXIST", "This signatureId is not exist"),
    ("SIGNATURE_NOT_EXIST", "This signatureId is not exist."),
];

#[test]
fn fault_92_the_documented_messages_survive_whatever_the_caller_sent() {
    let url = |text: &str| ReturnUrl::new(text).unwrap();
    for (user, tail) in [
        ("8e44f0089b076e18a718eb9ca3d94674", "/verified"),
        (
            "siti@mail.example",
            "/verification/done?returnUrl=x&status=error&signature=1",
        ),
        ("user", "/parameter/error"),
        ("error", "/expired"),
        // No person is called so; no word of a document is lost for it all the same.
        ("Signature error", "/signatureId?signatureId"),
        ("parameter-should-not", "/please/check/your/returnUrl"),
    ] {
        let to = format!("https://shop.example{tail}");
        let request = GenerateUrl::new(url(&to), url(&to), Region::IDN).user_id(UserId::new(user).unwrap());
        for (code, message) in DOCUMENTED {
            let body =
                format!(r#"{{"code":"{code}","message":"{message}","transactionId":"0123456789abcdef"}}"#);
            let (error, shown) = shown(request.clone(), 200, &body);
            assert_eq!(error.message(), Some(message));
            assert_eq!(error.code().unwrap().as_str(), code);
            assert_eq!(error.transaction_id().unwrap().as_str(), "0123456789abcdef");
            assert!(shown.contains(message), "{shown}");
        }
    }
}

fn nonce(number: u64) -> String {
    format!("{:016x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// An endpoint whose body is another one each time it is made.
struct WithNonce(Rc<Cell<u64>>);

impl Endpoint for WithNonce {
    type Output = ();
    const PATH: &'static str = "/openapi/product/v1/ask";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::Free;

    fn encode(&self) -> Vec<u8> {
        self.0.set(self.0.get() + 1);
        format!(r#"{{"nonce":"{}"}}"#, nonce(self.0.get())).into_bytes()
    }

    fn decode(&self, _: &str) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[test]
fn fault_92_what_was_sent_is_what_is_not_repeated_and_it_is_made_once() {
    let mut bench = Bench::warm();
    let made = Rc::new(Cell::new(0));
    let mut asked = bench.begin(Call::new(WithNonce(Rc::clone(&made))));
    for _ in 0..2 {
        let busy = raw(503, format!("<p>busy, {}</p>", nonce(1)).as_bytes());
        let (wait, pause) = bench.answer(asked.call(), busy).backoff();
        asked = bench.after(wait, pause);
    }
    let body = format!(r#"{{"code":"PARAMETER_ERROR","message":"bad {}"}}"#, nonce(1));
    let error = bench.answer(asked.call(), raw(200, body.as_bytes())).error();
    assert_eq!(error.message(), Some("bad [redacted]"));
    assert_eq!(made.get(), 1);
}

/// The document's own sample has one text for both.
#[test]
fn q12_a_transaction_id_that_is_the_signature_id_is_kept() {
    let mut bench = Bench::warm();
    let asking = bench.url().call();
    let sample = include_str!("../../fixtures/generate-url.success.json");
    let link = bench
        .answer(asking, Ok(http::Response::new(sample.as_bytes().to_vec())))
        .success();
    assert_eq!(
        link.transaction_id().unwrap().as_str(),
        link.data().signature_id().as_str()
    );
}
