//! What a reply is taken for, by status, headers and body.

use advance_core::error::ProtocolFault;
use advance_core::session::{Call, Step};
use advance_core::transport::{FailureKind, Sent};
use advance_core::wire::{CodeClass, RawJson};
use advance_core::{
    Advice, Code, Config, Credentials, Endpoint as _, ErrorKind, GenerateToken, GetResult, RetryPolicy,
    SignatureId,
};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};

use crate::support::{Asked, Bench, Reply, envelope, failure, link, lost, page, raw, token, with};

fn judged(reply: Reply) -> advance_core::Error {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    bench.answer(call, reply).error()
}

#[test]
fn faults_17_to_19_a_redirect_ends_the_call() {
    for status in [301, 302, 303, 307, 308] {
        for location in [
            "https://evil.example/?token=hidden",
            "/relative",
            "http://api.advance.ai/",
        ] {
            let error = judged(with(raw(status, b""), LOCATION, location));
            assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Redirect));
            assert!(!format!("{error} {error:?}").contains("hidden"));
        }
    }
}

/// 403 says that the firewall will not have the request. 401 speaks of the token, and is judged as its refusal is.
#[test]
fn fault_25_a_firewalls_page_starts_no_token_loop() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let error = bench.answer(call, page(403)).error();
    assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Status(403)));
    bench.url().call();

    let mut tokens = 0;
    for _ in 0..10 {
        let mut next = bench.url();
        let error = loop {
            next = match next {
                Asked::Call(_, call) => bench.answer(call, page(401)),
                Asked::Token(_, asking) => {
                    tokens += 1;
                    bench.answer(asking, token("second", 7_200))
                }
                Asked::Backoff(wait, pause) => bench.after(wait, pause),
                Asked::Done(result) => break result.unwrap_err(),
                Asked::News(..) => panic!("no other call asks for a token"),
            };
        };
        assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Status(401)));
    }
    // One because this path has worked with the token, and one because it never has with the next.
    assert!(tokens <= 2, "{tokens} for ten calls in a row");
}

#[test]
fn faults_26_and_27_an_envelope_wins_over_its_status() {
    for status in [400, 404, 405, 500] {
        let mut reply = failure("CLIENT_ERROR").unwrap();
        *reply.status_mut() = http::StatusCode::from_u16(status).unwrap();
        let error = judged(Ok(reply));
        assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Request));
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert!(error.transaction_id().is_some());
    }
    assert_eq!(
        judged(page(404)).kind(),
        ErrorKind::Protocol(ProtocolFault::Status(404))
    );
}

#[test]
fn fault_27_a_rejection_with_401_renews_like_any_other() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let mut reply = failure("IAM_FAILED").unwrap();
    *reply.status_mut() = http::StatusCode::UNAUTHORIZED;
    let again = bench.answer(call, Ok(reply.clone())).call();
    bench.answer(again, Ok(reply)).token();
}

#[test]
fn fault_28_a_login_page_is_called_a_page() {
    for reply in [
        raw(200, b"<!DOCTYPE html><title>Log in</title>"),
        raw(200, b"  \n<html>"),
        with(
            raw(200, b"Please log in"),
            CONTENT_TYPE,
            "text/html; charset=utf-8",
        ),
    ] {
        let error = judged(reply);
        assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::NotJson));
        assert_eq!(error.advice(), Advice::CheckNetwork);
        assert!(error.to_string().contains("captive portal"), "{error}");
    }
}

#[test]
fn fault_20_and_28_the_excerpt_is_short_escaped_and_never_json() {
    let long = format!("<html>\r\n\u{1b}[31m{}", "x".repeat(10_000));
    let text = judged(raw(200, long.as_bytes())).to_string();
    assert!(
        text.len() < 700 && !text.contains(['\r', '\n', '\u{1b}']),
        "{text}"
    );
    let text = judged(raw(404, br#"{"idNumber":"3301234567890001"}"#)).to_string();
    assert!(!text.contains("3301"), "{text}");
}

#[test]
fn fault_29_other_encodings_are_decode_errors() {
    let utf16: Vec<u8> = "{\"code\":\"SUCCESS\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for body in [utf16, b"{\"code\":\"SUCC\xe9SS\"}".to_vec()] {
        let reply = with(raw(200, &body), CONTENT_TYPE, "application/json;charset=UTF-16");
        assert_eq!(judged(reply).kind(), ErrorKind::Decode);
    }
}

#[test]
fn fault_30_nothing_is_said_to_be_nothing() {
    for (status, body) in [(200, &b""[..]), (204, b""), (200, b" \r\n")] {
        assert_eq!(
            judged(raw(status, body)).kind(),
            ErrorKind::Protocol(ProtocolFault::Empty)
        );
    }
}

#[test]
fn fault_32_a_compressed_body_is_named() {
    for encoding in ["gzip", "br", "deflate, gzip"] {
        let error = judged(with(link(), CONTENT_ENCODING, encoding));
        assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Encoding));
    }
    let mut bench = Bench::warm();
    let call = bench.url().call();
    bench
        .answer(call, with(link(), CONTENT_ENCODING, "identity"))
        .success();
}

#[test]
fn fault_43_success_in_another_case_is_no_success() {
    let error = judged(envelope("success", r#"{"signatureId":"x"}"#, "\"FREE\""));
    assert_eq!(error.code(), Some(&Code::from("success")));
    assert_eq!(error.advice(), Advice::ContactSupport);
}

#[test]
fn a_response_keeps_the_body_it_came_from() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let body = br#"{"code":"SUCCESS","data":{"signatureId":"x","url":"https://h/","expiredTime":1,"new":[1]},"more":2}"#;
    let response = bench.answer(call, raw(200, body)).success();
    assert_eq!(response.raw(), body);
    assert!(!format!("{response:?}").contains("new"));
}

#[test]
fn what_a_server_echoes_of_our_secrets_is_not_repeated() {
    let mut bench = Bench::warm();
    for reply in [
        raw(
            500,
            b"<pre>X-ACCESS-TOKEN: warm key sampleaccesskey samplesecretkey</pre>",
        ),
        raw(
            200,
            b"<pre>X-ACCESS-TOKEN: warm key sampleaccesskey samplesecretkey</pre>",
        ),
        Ok(http::Response::new(
            br#"{"code":"PARAMETER_ERROR","message":"bad token warm of sampleaccesskey"}"#.to_vec(),
        )),
    ] {
        let call = bench.result().call();
        let error = bench.answer(call, reply).error();
        let text = format!("{error} {error:?} {error:#?}");
        for secret in ["warm", "sampleaccesskey", "samplesecretkey"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[test]
fn a_response_says_what_the_envelope_said_beside_the_data() {
    let mut bench = Bench::warm();
    let call = bench.url().call();
    let body = br#"{"code":"SUCCESS","message":"all well","extra":{"e":1},"transactionId":"tx","pricingStrategy":"FREE",
        "data":{"signatureId":"x","url":"https://h/","expiredTime":1}}"#;
    let response = bench.answer(call, raw(200, body)).success();
    assert_eq!(response.message(), Some("all well"));
    assert_eq!(response.extra().unwrap().as_str(), r#"{"e":1}"#);
    assert_eq!(
        response.pricing_strategy(),
        Some(&advance_core::wire::PricingStrategy::Free)
    );
    assert_eq!(response.transaction_id().unwrap().as_str(), "tx");
    let shown = format!("{response:?}");
    assert!(shown.contains("tx") && !shown.contains("all well"), "{shown}");
    let mapped = response.map(|link| link.signature_id().clone());
    assert_eq!(
        (mapped.data().as_str(), mapped.sends(), mapped.raw()),
        ("x", 1, &body[..])
    );
}

#[test]
fn a_status_says_whether_to_wait_or_to_mend_the_address() {
    for (status, advice) in [
        (404, Advice::FixRequest),
        (429, Advice::TryLater),
        (500, Advice::TryLater),
        (501, Advice::FixRequest),
        (503, Advice::TryLater),
        (505, Advice::FixRequest),
    ] {
        assert_eq!(judged_at_once(page(status)).advice(), advice, "{status}");
    }
}

/// The same without a retry.
fn judged_at_once(reply: Reply) -> advance_core::Error {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::never()).warmed();
    let call = bench.url().call();
    bench.answer(call, reply).error()
}

/// With any status, and behind anything that a proxy, a framework or a broken chunk puts in front.
#[test]
fn fault_58_a_damaged_reply_is_not_repeated() {
    let replies = [
        r#"{"code":"SUCCESS","data":{"ocrResult":{"idNumber":"3374014106890002","name":"KANARIENVOGEL"}}}"#,
        r#"{"code":"SUCCESS","data":{"ocrResult":{"name":"KANARIENVOGEL","idNumber":"3374014106890002"#,
        r#""name":"KANARIENVOGEL","province":"3374014106890002""#,
        r#"{"image":"https://i.example/a.png?Expires=1&Signature=KANARIENVOGEL3374"#,
    ];
    let prefixes = [
        "",
        "\u{feff}",
        ")]}',\n",
        "cb(",
        "1f4\r\n",
        "\0",
        "code=500 body=",
        "\u{200b}",
        "Notice: in line 7\n",
        "<p>",
    ];
    for reply in replies {
        for prefix in prefixes {
            for status in [200, 403, 500, 502] {
                let body = format!("{prefix}{reply}");
                let error = judged_at_once(raw(status, body.as_bytes()));
                let shown = format!("{error} {error:?} {error:#?}");
                for word in ["KANARIENVOGEL", "3374"] {
                    assert!(!shown.contains(word), "{status} {body}: {shown}");
                }
            }
        }
    }
    for body in ["{", " [1]", "\"Bad gateway"] {
        let said = judged_at_once(raw(502, body.as_bytes())).to_string();
        assert!(said.contains("answered with no envelope;"), "{said}");
    }
    let page = judged_at_once(raw(502, b"<p>idNumber 3374014106890002</p>"));
    assert!(!page.to_string().contains("3374"), "{page}");
    let page = judged_at_once(raw(502, b"<h1>Bad gateway</h1><script>{x()}</script>"));
    assert!(page.to_string().contains("<h1>Bad gateway</h1>"), "{page}");
}

#[test]
fn a_byte_order_mark_does_not_make_a_page_of_json() {
    for (body, fault) in [
        (&b"\xef\xbb\xbf<html>"[..], ProtocolFault::NotJson),
        (b"\xef\xbb\xbf \n", ProtocolFault::Empty),
    ] {
        let error = judged_at_once(raw(200, body));
        assert_eq!(error.kind(), ErrorKind::Protocol(fault));
    }
}

#[test]
fn fault_45_what_came_beside_a_failure_is_kept_and_not_shown() {
    let body = r#"{"code":"ERROR","data":{"name":"hidden"},"extra":"hidden.NullPointerException","more":1}"#;
    for body in [
        body.to_owned(),
        body.replace("ERROR", "SIGNATURE_NOT_EXIST"),
        body.replace("ERROR", "SUCCESS")
            .replace("{\"name\":\"hidden\"}", "null"),
    ] {
        let mut bench = Bench::with(Config::new().retry(RetryPolicy::never())).warmed();
        let call = bench.result().call();
        let error = bench.answer(call, raw(200, body.as_bytes())).error();
        assert_eq!(error.raw(), body.as_bytes());
        assert_eq!(
            error.extra().map(RawJson::as_str),
            Some(r#""hidden.NullPointerException""#)
        );
        assert!(!format!("{error} {error:?} {error:#?}").contains("hidden"));
    }
    let wrong = br#"{"code":"SUCCESS","data":{"ocrResult":{"name":7}},"extra":1}"#;
    let mut bench = Bench::warm();
    let call = bench.result().call();
    let error = bench.answer(call, raw(200, wrong)).error();
    assert_eq!((error.raw(), error.extra()), (&wrong[..], None));
    assert_eq!(judged(lost(FailureKind::Tls, Sent::No)).raw(), b"");
}

/// A server may write a secret into any member of its reply, the one that it just made up too.
#[test]
fn fault_76_what_a_reply_brings_is_not_repeated_from_its_other_members() {
    let mut bench = Bench::new();
    bench.session.record_events(true);
    let asking = bench.url().token();
    let issued = r#"{"code":"SUCCESS","data":{"token":"hid.den","expiredTime":9999999999999},"transactionId":"hid.den"}"#;
    let call = bench.answer(asking, raw(200, issued.as_bytes())).call();
    let link = r#"{"code":"SUCCESS","data":{"signatureId":"s","url":"https://h.example/?hidden","expiredTime":1},
        "transactionId":"=https://h.example/?hidden"}"#;
    let response = bench.answer(call, raw(200, link.as_bytes())).success();
    assert_eq!(response.transaction_id().unwrap().as_str(), "=[redacted]");
    let events = format!("{:?}", bench.session.take_events());
    assert!(events.contains("redacted"), "{events}");
    assert!(!events.contains("hid"), "{events}");
}

/// A caller who asks for a token by hand has a signature of their own.
#[test]
fn fault_76_a_signature_of_the_callers_is_not_repeated_either() {
    let mut bench = Bench::new();
    let keys = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let request = GenerateToken::sign(&keys, bench.now().wall).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&request.encode()).unwrap();
    let signature = sent["signature"].as_str().unwrap().to_owned();
    let asking = bench.begin(Call::new(request)).token();
    let body = format!(r#"{{"code":"PARAMETER_ERROR","message":"not {signature}"}}"#);
    let error = bench.answer(asking, raw(200, body.as_bytes())).error();
    assert!(error.to_string().contains("not [redacted]"), "{error}");
}

#[test]
fn a_step_shows_where_it_leads_and_nothing_that_it_carries() {
    let mut bench = Bench::new();
    let now = bench.now();
    let request = GetResult::new(SignatureId::new("hidden").unwrap());
    let step = bench.session.begin(Call::new(request), now);
    let shown = format!("{step:?}");
    assert!(
        shown.contains("generate-token") && shown.contains("call: 1"),
        "{shown}"
    );
    let Step::Send(request, _, awaiting) = step else {
        panic!("it asks for a token")
    };
    let body = String::from_utf8(request.into_body()).unwrap();
    let signature = body.split('"').find(|part| part.len() == 64).unwrap();
    let paused = awaiting.resume(&mut bench.session, now, failure("SERVICE_BUSY"));
    let done = Step::<GetResult>::Done(Err(judged(failure("SIGNATURE_NOT_EXIST"))));
    let shown = format!("{shown} {paused:?} {done:?}");
    assert!(
        shown.contains("Elapsed") && shown.contains("SignatureNotExist"),
        "{shown}"
    );
    assert!(!shown.contains(signature) && !shown.contains("hidden"), "{shown}");
}

#[test]
fn fault_76_a_secret_that_is_part_of_another_does_not_uncover_it_and_a_letter_is_none() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let issued = r#"{"code":"SUCCESS","data":{"token":"e","expiredTime":9999999999999}}"#;
    let call = bench.answer(asking, raw(200, issued.as_bytes())).call();
    let link = r#"{"code":"SUCCESS","data":{"signatureId":"s","url":"https://h.example/?u=sampleaccesskey&t=hidden","expiredTime":1},
        "transactionId":"deed https://h.example/?u=sampleaccesskey&t=hidden u=sampleaccesskey&t=hidden"}"#;
    let response = bench.answer(call, raw(200, link.as_bytes())).success();
    assert_eq!(
        response.transaction_id().unwrap().as_str(),
        "deed [redacted] [redacted]"
    );
    let call = bench.result().call();
    let body = r#"{"code":"SUCCESS","data":{"idvCode":"SUCCESS","image":"https://i.example/?hidden"},
        "transactionId":"https://i.example/?hidden"}"#;
    let response = bench.answer(call, raw(200, body.as_bytes())).success();
    assert_eq!(response.transaction_id().unwrap().as_str(), "[redacted]");
}

#[test]
fn a_page_is_not_kept() {
    for page in [page(403), raw(200, b"<html>log in</html>"), raw(200, b"")] {
        assert_eq!(judged(page).raw(), b"");
    }
}
