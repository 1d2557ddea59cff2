//! What is sent: as configured, signed anew, and within limits.

use std::time::Duration;

use advance_core::session::{Call, Session, Step};
use advance_core::{
    BaseUrl, Config, Credentials, GenerateToken, GetResult, Period, RetryPolicy, SignatureId,
};
use http::Request;

use crate::support::{Bench, failure, token};

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
