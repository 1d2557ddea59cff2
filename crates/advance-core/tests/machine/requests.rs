//! What is sent: as configured, signed anew, and within limits.

use std::borrow::Cow;
use std::time::Duration;

use advance_core::session::{Call, Session, Step};
use advance_core::url::DownloadPolicy;
use advance_core::wire::{Auth, CodeClass, DecodeError, Replay};
use advance_core::{
    BaseUrl, Charges, Config, Credentials, Endpoint, ErrorKind, GenerateToken, GetResult, ImageLink, Period,
    RetryPolicy, SignatureId,
};
use http::{Method, Request};

use crate::support::{Bench, envelope, failure, raw, token, with};

fn first(config: Config) -> (Request<Vec<u8>>, advance_core::transport::Limits) {
    let mut bench = Bench::with(config);
    let now = bench.now();
    let call = Call::new(GetResult::new(SignatureId::new("x").unwrap()));
    match bench.session.begin(call, now) {
        Step::Send(request, limits, _) => (request, limits),
        _ => panic!("a cold session asks for a token"),
    }
}

fn body(request: &Request<Vec<u8>>) -> serde_json::Value {
    serde_json::from_slice(request.body()).unwrap()
}

#[test]
fn requests_are_as_configured() {
    let (request, limits) = first(Config::new());
    assert_eq!(
        request.uri(),
        "https://api.advance.ai/openapi/auth/ticket/v1/generate-token"
    );
    assert_eq!(body(&request)["periodSecond"], 3_600);
    assert_eq!(
        request.headers()["user-agent"],
        concat!("advance-rust/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        (limits.within, limits.max_body),
        (Duration::from_secs(15), 1 << 20)
    );

    let config = Config::new()
        .base_url(BaseUrl::new("https://proxy.example/idv").unwrap())
        .period(Period::from_secs(600).unwrap())
        .attempt_timeout(Duration::from_secs(4))
        .max_body(7)
        .user_agent("shop/1.0")
        .unwrap()
        .retry(RetryPolicy::new().total(Duration::from_secs(100)));
    assert_eq!(config.server().as_str(), "https://proxy.example/idv");
    let (request, limits) = first(config);
    assert_eq!(
        request.uri(),
        "https://proxy.example/idv/openapi/auth/ticket/v1/generate-token"
    );
    assert_eq!(body(&request)["periodSecond"], 600);
    assert_eq!(request.headers()["user-agent"], "shop/1.0");
    assert_eq!((limits.within, limits.max_body), (Duration::from_secs(4), 7));
}

#[test]
fn each_token_request_is_signed_anew() {
    let mut bench = Bench::new();
    let asking = bench.url().token();
    let (wait, pause) = bench.answer(asking, failure("SERVICE_BUSY")).backoff();
    bench.pass(wait);
    let now = bench.now();
    let Step::Send(request, _, _) = pause.resume(&mut bench.session, now) else {
        panic!()
    };
    assert_eq!(body(&request)["timestamp"], now.wall.get());
}

#[test]
fn the_user_agent_and_token_go_with_the_call_and_the_keys_do_not() {
    let mut bench = Bench::new();
    let asking = bench.result().token();
    let now = bench.now();
    let step = asking.resume(&mut bench.session, now, token("abc.def", 3_600));
    let Step::Send(request, _, _) = step else { panic!() };
    assert_eq!(request.headers()["x-access-token"], "abc.def");
    assert!(request.headers()["x-access-token"].is_sensitive());
    assert!(request.headers().contains_key("user-agent"));
    assert_eq!(
        body(&request),
        serde_json::json!({ "signatureId": "f302f5d2454a85c2" })
    );
}

#[test]
fn debug_of_a_session_shows_no_secret() {
    let credentials = Credentials::new("publicpart", "hiddenpart").unwrap();
    let shown = format!("{:#?}", Session::new(Config::new(), credentials, 1));
    assert!(
        shown.contains("generation") && shown.contains("charges"),
        "{shown}"
    );
    assert!(
        !shown.contains("publicpart") && !shown.contains("hiddenpart"),
        "{shown}"
    );
}

/// The endpoint by itself, without what a session does about tokens.
#[test]
fn a_token_request_can_be_a_call_like_any_other() {
    let mut bench = Bench::new();
    let credentials = Credentials::new("another", "pair").unwrap();
    let now = bench.now();
    let endpoint = GenerateToken::sign(&credentials, now.wall).unwrap();
    let Step::Send(request, _, asking) = bench.session.begin(Call::new(endpoint), now) else {
        panic!()
    };
    assert!(!request.headers().contains_key("x-access-token"));
    assert_eq!(body(&request)["accessKey"], "another");
    let Step::Done(Ok(response)) = asking.resume(&mut bench.session, now, token("theirs", 3_600)) else {
        panic!()
    };
    assert_eq!(response.into_data().token.expose(), "theirs");
    assert!(
        bench.session.export_token(now).is_none(),
        "it is not this session's"
    );
}

/// An endpoint that can be asked for anything.
struct Odd {
    method: Method,
    path: &'static str,
    value: String,
    body: &'static [u8],
    content_type: &'static str,
}

impl Odd {
    fn new() -> Self {
        Self {
            method: Method::GET,
            path: "/sg/openapi/odd",
            value: "3171234567890123&x".to_owned(),
            body: b"",
            content_type: "text/plain",
        }
    }
}

impl Endpoint for Odd {
    type Output = u8;
    const PATH: &'static str = "/openapi/odd";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::Free;

    fn method(&self) -> Method {
        self.method.clone()
    }

    fn path(&self) -> Cow<'static, str> {
        self.path.into()
    }

    fn query(&self) -> Vec<(&str, Cow<'_, str>)> {
        vec![("id", self.value.as_str().into()), ("empty", "".into())]
    }

    fn content_type(&self) -> Cow<'static, str> {
        self.content_type.into()
    }

    fn encode(&self) -> Vec<u8> {
        self.body.to_vec()
    }

    fn decode(&self, data: &str) -> Result<u8, DecodeError> {
        data.parse()
            .map_err(|_| DecodeError::new("", "expected a small number"))
    }

    fn without_data(&self) -> Option<u8> {
        Some(7)
    }
}

#[test]
fn an_endpoint_says_method_path_query_and_body() {
    let mut bench = Bench::warm();
    let now = bench.now();
    let Step::Send(request, ..) = bench.session.begin(Call::new(Odd::new()), now) else {
        panic!("it has a token")
    };
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        request.uri(),
        "https://api.advance.ai/sg/openapi/odd?id=3171234567890123%26x&empty="
    );
    assert!(!request.headers().contains_key("content-type"));
    let upload = Odd {
        method: Method::PUT,
        body: b"\xff",
        ..Odd::new()
    };
    let Step::Send(request, ..) = bench.session.begin(Call::new(upload), now) else {
        panic!("it has a token")
    };
    assert_eq!(
        (request.method(), request.body().as_slice()),
        (&Method::PUT, &b"\xff"[..])
    );
    assert_eq!(request.headers()["content-type"], "text/plain");
}

#[test]
fn success_without_data_means_what_the_endpoint_says() {
    let mut bench = Bench::warm();
    for (data, came) in [("null", 7), ("3", 3)] {
        let asked = bench.begin(Call::new(Odd::new()));
        let reply = envelope("SUCCESS", data, r#""FREE""#);
        assert_eq!(bench.answer(asked.call(), reply).success().into_data(), came);
    }
    let asked = bench.begin(Call::new(Odd::new()));
    let error = bench.answer(asked.call(), failure("PARAMETER_ERROR")).error();
    assert_eq!(error.kind(), ErrorKind::Api(CodeClass::Request));
}

#[test]
fn a_value_of_a_query_is_repeated_by_nothing() {
    let mut bench = Bench::warm();
    for echo in ["3171234567890123&x", "3171234567890123%26x"] {
        let asked = bench.begin(Call::new(Odd::new()));
        let body = format!(r#"{{"code":"PARAMETER_ERROR","message":"bad {echo}"}}"#);
        let error = bench.answer(asked.call(), raw(200, body.as_bytes())).error();
        assert_eq!(error.message(), Some("bad [redacted]"));
    }
}

#[test]
fn what_a_path_has_of_its_own_is_repeated_by_nothing() {
    let mut bench = Bench::warm();
    for (path, echo) in [
        ("/sg/openapi/odd/9988776655443322", "9988776655443322"),
        ("/openapi/odd/siti%40mail.example/x", "siti@mail.example"),
        ("/openapi/odd/siti%40mail.example/x", "siti%40mail.example"),
    ] {
        let asked = bench.begin(Call::new(Odd { path, ..Odd::new() }));
        let body = format!(r#"{{"code":"PARAMETER_ERROR","message":"no such openapi/odd: {echo}"}}"#);
        let error = bench.answer(asked.call(), raw(200, body.as_bytes())).error();
        assert_eq!(error.message(), Some("no such openapi/odd: [redacted]"));
        let asked = bench.begin(Call::new(Odd { path, ..Odd::new() }));
        let error = bench
            .answer(asked.call(), raw(404, format!("Cannot GET {echo}").as_bytes()))
            .error();
        let text = format!("{error} {error:?}");
        assert!(text.contains("Cannot GET") && !text.contains(echo), "{text}");
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before_a_token_is_asked_for() {
    for (odd, named) in [
        (
            Odd {
                path: "no-slash",
                ..Odd::new()
            },
            "endpoint path",
        ),
        (
            Odd {
                path: "/a?b",
                ..Odd::new()
            },
            "endpoint path",
        ),
        (
            Odd {
                path: "/a b",
                ..Odd::new()
            },
            "endpoint path",
        ),
        (
            Odd {
                body: b"{}",
                ..Odd::new()
            },
            "endpoint body",
        ),
        (
            Odd {
                method: Method::POST,
                body: b"x",
                content_type: "a\r\nb",
                ..Odd::new()
            },
            "endpoint content type",
        ),
    ] {
        let mut bench = Bench::with(Config::new());
        let error = bench.begin(Call::new(odd)).error();
        assert_eq!((error.kind(), error.sends()), (ErrorKind::Invalid, 0));
        assert!(error.to_string().contains(named), "{error}");
        assert_eq!(bench.session.charges(), Charges::NONE);
    }
}

#[test]
fn a_header_of_the_callers_goes_to_the_api_and_is_repeated_by_nothing() {
    let config = Config::new()
        .header("X-Gateway-Key", "gateway-secret-77")
        .unwrap();
    let (request, _) = first(config.clone());
    assert_eq!(request.headers()["x-gateway-key"], "gateway-secret-77");
    assert!(request.headers()["x-gateway-key"].is_sensitive());

    let mut bench = Bench::with(config);
    let asked = bench.begin(Call::new(Odd::new()));
    let asked = bench.answer(asked.token(), token("abc", 3_600));
    let body = r#"{"code":"PARAMETER_ERROR","message":"bad gateway-secret-77"}"#;
    let error = bench.answer(asked.call(), raw(200, body.as_bytes())).error();
    assert_eq!(error.message(), Some("bad [redacted]"));

    let link = ImageLink::from("https://pictures.aliyuncs.com/a.png");
    let now = bench.now();
    let call = Call::download(&link, &DownloadPolicy::new()).unwrap();
    let Step::Send(request, ..) = bench.session.begin(call, now) else {
        panic!("a picture needs no token")
    };
    assert!(!request.headers().contains_key("x-gateway-key"));
}

#[test]
fn a_call_may_have_attempts_of_its_own() {
    let mut bench = Bench::warm();
    let asked = bench.begin(Call::new(Odd::new()).attempts(1));
    let error = bench.answer(asked.call(), raw(503, b"busy")).error();
    assert_eq!(error.sends(), 1);
}

#[test]
fn keys_can_change_while_a_token_is_in_use() {
    let mut bench = Bench::warm();
    let keys = Credentials::new("newaccesskey", "newsecretkey").unwrap();
    bench.session.set_credentials(keys);
    // The token in use stays, and the next one is asked for with the new keys.
    let asked = bench.begin(Call::new(Odd::new()));
    drop(asked.call());
    bench.pass(Duration::from_secs(3_700));
    let now = bench.now();
    let Step::Send(request, ..) = bench.session.begin(Call::new(Odd::new()), now) else {
        panic!("the token is over")
    };
    assert_eq!(body(&request)["accessKey"], "newaccesskey");
}

#[test]
fn what_the_old_keys_were_refused_for_is_forgotten_with_them() {
    let mut bench = Bench::with(Config::new());
    let asked = bench.begin(Call::new(Odd::new()));
    let refused = bench.answer(asked.token(), failure("ACCOUNT_DISABLED")).error();
    assert_eq!(refused.kind(), ErrorKind::Api(CodeClass::Account));
    // It cools down…
    assert_eq!(bench.begin(Call::new(Odd::new())).error().sends(), 0);
    // …but not for others.
    let keys = Credentials::new("newaccesskey", "newsecretkey").unwrap();
    bench.session.set_credentials(keys);
    let asked = bench.begin(Call::new(Odd::new()));
    bench.answer(asked.token(), token("abc", 3_600)).call();
}

/// A token request that was signed with the old keys is refused after they were changed.
#[test]
fn what_the_old_keys_are_refused_for_late_counts_against_nobody() {
    let refusals = || {
        [
            failure("ACCOUNT_DISABLED"),
            envelope("PARAMETER_ERROR", "null", r#""FREE""#),
            failure("IAM_FAILED"),
        ]
    };
    let keys = || Credentials::new("newaccesskey", "newsecretkey").unwrap();
    for refused in refusals() {
        let mut bench = Bench::with(Config::new());
        let leads = bench.begin(Call::new(Odd::new()));
        let (_, waits) = bench.begin(Call::new(Odd::new())).news();
        bench.session.set_credentials(keys());
        // The call that asked asks again, and those who wait for it still do.
        let asks_again = bench.answer(leads.token(), refused);
        let (_, waits) = bench.wake(waits).news();
        bench.answer(asks_again.token(), token("abc", 3_600)).call();
        bench.wake(waits).call();
    }
    // A while that the server asks for is kept, by all.
    let mut bench = Bench::with(Config::new());
    let leads = bench.begin(Call::new(Odd::new()));
    bench.session.set_credentials(keys());
    let told = with(failure("ACCOUNT_DISABLED"), http::header::RETRY_AFTER, "3");
    let (wait, pause) = bench.answer(leads.token(), told).backoff();
    assert_eq!(wait, Duration::from_secs(3));
    let (at_most, _) = bench.begin(Call::new(Odd::new())).news();
    assert_eq!(at_most, wait);
    bench.after(wait, pause).token();
    // If the new ones are refused as well, that is the answer.
    let mut bench = Bench::with(Config::new());
    let asked = bench.begin(Call::new(Odd::new()));
    bench.session.set_credentials(keys());
    let asked = bench.answer(asked.token(), failure("ACCOUNT_DISABLED"));
    let error = bench.answer(asked.token(), failure("ACCOUNT_DISABLED")).error();
    assert_eq!(
        (error.kind(), error.sends()),
        (ErrorKind::Api(CodeClass::Account), 2)
    );
    assert_eq!(bench.begin(Call::new(Odd::new())).error().sends(), 0);
    // It was refused before they were changed, and a call that waited for that has not heard of it yet.
    let mut bench = Bench::with(Config::new());
    let leads = bench.begin(Call::new(Odd::new()));
    let (_, waits) = bench.begin(Call::new(Odd::new())).news();
    bench.answer(leads.token(), failure("ACCOUNT_DISABLED")).error();
    bench.session.set_credentials(keys());
    bench.wake(waits).token();
}

/// The old token is being replaced as the keys are changed.
#[test]
fn a_replacement_that_the_old_keys_are_refused_is_asked_for_with_the_new_ones() {
    let mut bench = Bench::warm();
    bench.pass(Duration::from_secs(60));
    let asked = bench.begin(Call::new(Odd::new()));
    let asked = bench.answer(asked.call(), failure("IAM_FAILED"));
    let replaces = bench.answer(asked.call(), failure("IAM_FAILED")).token();
    let keys = Credentials::new("newaccesskey", "newsecretkey").unwrap();
    bench.session.set_credentials(keys);
    let asked = bench.answer(replaces, failure("ACCOUNT_DISABLED"));
    let asked = bench.answer(asked.token(), token("abc", 3_600));
    bench
        .answer(asked.call(), envelope("SUCCESS", "3", r#""FREE""#))
        .success();
}

#[test]
fn status_and_headers_of_a_reply_are_kept() {
    let mut bench = Bench::warm();
    let asked = bench.begin(Call::new(Odd::new()));
    let reply = with(envelope("SUCCESS", "3", r#""FREE""#), X_REQUEST_ID, "r-17");
    let response = bench.answer(asked.call(), reply).success();
    assert_eq!(response.status().unwrap(), 200);
    assert_eq!(response.headers().unwrap()["x-request-id"], "r-17");
    assert!(!format!("{response:?}").contains("r-17"));
}

const X_REQUEST_ID: http::HeaderName = http::HeaderName::from_static("x-request-id");
