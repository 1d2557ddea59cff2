//! What a caller hands in: refused before anything is sent, with the rule and without an echo.

use advance_core::secret::{AccessKey, AccessToken, SecretKey};
use advance_core::wire::{Timestamp, build_request};
use advance_core::{
    BaseUrl, Credentials, Endpoint, Error, ErrorKind, GenerateToken, GenerateUrl, GetResult, Period, Region,
    ReturnUrl, SignatureId, UnixMillis, UserId,
};
use serde_json::json;

use crate::support::{generate_url, sent};

/// The refusal's text, after checking that it is one and that it does not repeat what was handed in.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>, hidden: &str) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let text = format!("{error} {error:?} {error:#?}");
    assert!(hidden.is_empty() || !text.contains(hidden), "{text}");
    text
}

#[test]
fn fault_66_a_period_is_from_a_minute_to_a_day() {
    for bad in [0, 59, 86_401, u64::from(u32::MAX) + 61, u64::MAX] {
        let text = refusal(Period::from_secs(bad), "");
        assert!(
            text.contains("periodSecond") && text.contains("60 to 86400"),
            "{text}"
        );
    }
    assert_eq!(Period::from_secs(60).unwrap(), Period::MIN);
    assert_eq!(Period::from_secs(86_400).unwrap(), Period::MAX);
}

#[test]
fn fault_67_keys_that_cannot_be_sent_are_refused() {
    let long = "k3y".repeat(1 << 19);
    for bad in [
        "",
        "k3y k3y",
        " k3y",
        "k3y\r\n",
        "k3y\n",
        "k3y\0k3y",
        "\u{feff}k3y",
        "k3yé",
        "k3y\u{200b}",
        &long,
    ] {
        refusal(AccessKey::new(bad), "k3y");
        refusal(SecretKey::new(bad), "k3y");
        refusal(AccessToken::new(bad), "k3y");
        let text = refusal(Credentials::new(bad, "fine"), "k3y");
        assert!(text.contains("accessKey"), "{text}");
        let text = refusal(Credentials::new("fine", bad), "k3y");
        assert!(text.contains("secretKey"), "{text}");
    }
    let text = refusal(SecretKey::new("k3y\n"), "k3y");
    assert!(text.contains("trailing newline"), "{text}");
}

#[test]
fn fault_68_a_base_url_is_https_and_nothing_but_a_place() {
    for (bad, rule) in [
        ("http://hidden.example", "https"),
        ("hidden.example", "https://"),
        ("//hidden.example", "https://"),
        ("ws://hidden.example", "https://"),
        ("https://u:p@hidden.example", "password"),
        ("https://hidden.example?x", "query"),
        ("https://hidden.example/#x", "fragment"),
        ("https://hiddén.example", "punycode"),
        ("https://hidden.example/ x", "spaces"),
        ("https://hidden.example:66000", "port"),
    ] {
        let text = refusal(BaseUrl::new(bad), "hidd");
        assert!(text.contains("base URL") && text.contains(rule), "{bad}: {text}");
    }
    let request = |base: BaseUrl| {
        let token = AccessToken::new("t").unwrap();
        build_request(&generate_url(), &base, Some(&token)).unwrap()
    };
    for (good, host) in [
        ("https://api.advance.ai", "https://api.advance.ai"),
        ("https://api.advance.ai/", "https://api.advance.ai"),
        ("https://proxy.example/a/b/", "https://proxy.example/a/b"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ] {
        let uri = request(BaseUrl::new(good).unwrap()).uri().to_string();
        assert_eq!(uri, format!("{host}{}", GenerateUrl::PATH));
    }
    assert!(BaseUrl::with_loopback("http://127.0.0.1:9").is_ok());
    refusal(BaseUrl::with_loopback("http://hidden.example"), "hidden");
}

#[test]
fn fault_69_return_urls_and_regions() {
    for good in [
        "https://shop.example/x?y#z",
        "http://localhost:1/x",
        "http://[::1]/x",
        "myapp://done",
        "com.example.app://done/x",
    ] {
        assert_eq!(ReturnUrl::new(good).unwrap().as_str(), good);
    }
    let long = format!("https://hidden.example/{}", "x".repeat(2_048));
    for bad in [
        "",
        "hidden",
        "/hidden",
        "//hidden.example",
        "http://hidden.example",
        "https://hidden.example/\r\n",
        "javascript:hidden",
        "JAVASCRIPT://hidden/%0a",
        "data:hidden",
        "file:///hidden",
        "about:hidden",
        "blob:https://hidden.example/x",
        "intent://hidden",
        "https://hiddén.example",
        &long,
    ] {
        let text = refusal(ReturnUrl::new(bad), "hidd");
        assert!(text.contains("returnUrl"), "{text}");
    }
    assert_eq!(Region::new("ZZZ").unwrap().as_str(), "ZZZ");
    let parsed: Region = "PHL".parse().unwrap();
    assert_eq!(format!("{parsed} {parsed:?}"), "PHL Region(PHL)");
    for bad in ["ID", "idn", "IDN\0", "", "INDO", "ÄÖ"] {
        assert!(refusal(Region::new(bad), "").contains("region"));
    }
}

#[test]
fn fault_69_ids() {
    let long = "h1dden".repeat(1 << 18);
    for bad in [
        "",
        "h1dden\0",
        "h1dden\r\n",
        "\u{1b}h1dden",
        "\u{85}h1dden",
        &long,
    ] {
        assert!(refusal(SignatureId::new(bad), "h1dden").contains("signatureId"));
        assert!(refusal(UserId::new(bad), "h1dden").contains("userId"));
    }
    // Anything else is sent as it is, escaped by JSON's rules.
    for good in ["a\"b\\c", "ü/é 🙂", "</script>", "'; DROP TABLE", "\u{2028}"] {
        let request = generate_url().user_id(UserId::new(good).unwrap());
        assert_eq!(sent(&request)["userId"], good);
        let request = GetResult::new(SignatureId::new(good).unwrap());
        assert_eq!(sent(&request), json!({ "signatureId": good }));
    }
}

#[test]
fn fault_69_both_urls_are_sent_to_the_letter() {
    for url in [
        "https://S.example/%7b?a=b+c&d='e'#f\\\"g",
        "myapp://x/?y=%C3%BC",
        "https://s.example/?ü=é",
    ] {
        let url = ReturnUrl::new(url).unwrap();
        let request = GenerateUrl::new(url.clone(), url.clone(), Region::IDN);
        assert_eq!(sent(&request)["returnUrl"], url.as_str());
        assert_eq!(sent(&request)["failReturnUrl"], url.as_str());
    }
}

#[test]
fn fault_79_a_clock_of_other_than_13_digits_is_refused_before_signing() {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    for bad in [0, 1, 1_665_993_522, 999_999_999_999, 10_000_000_000_000, u64::MAX] {
        let time = UnixMillis::new(bad);
        let text = refusal(Timestamp::new(time), "");
        assert!(text.contains("timestamp") && text.contains("clock"), "{text}");
        refusal(GenerateToken::sign(&credentials, time).map(|_| ()), "");
    }
    for good in [1_000_000_000_000, 9_999_999_999_999] {
        assert!(GenerateToken::sign(&credentials, UnixMillis::new(good)).is_ok());
    }
}

#[test]
fn a_request_that_needs_a_token_is_not_built_without_one() {
    let text = refusal(build_request(&generate_url(), &BaseUrl::default(), None), "");
    assert!(text.contains("token"), "{text}");
}
