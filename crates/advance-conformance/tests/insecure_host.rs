//! One host without TLS, because the caller named it: both transports, a whole client, and a picture.
#![allow(clippy::unwrap_used)] // A panic is how a test fails.

use advance_conformance::server::{Action, Script, Server};
use advance_conformance::{Setup, Subject};
use advance_core::url::{DownloadPolicy, InsecureHost};
use advance_core::{
    BaseUrl, Client, Config, Credentials, Error, ErrorKind, GenerateUrl, ImageLink, Region, ReturnUrl,
};

#[path = "../examples/transports/ours.rs"]
mod ours;
#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

/// 127.0.0.1 as one number: resolvers take it for an address, and nothing in its spelling says loopback. It stands for a
/// name such as `sandbox`, which not every machine resolves.
const ELSEWHERE: &str = "2130706433";

fn vendor() -> Server {
    let answer = Action::answer(|seen| {
        let body = if seen.target.contains("generate-token") {
            r#"{"code":"SUCCESS","data":{"token":"abc.def","expiredTime":1642580192430},"pricingStrategy":"FREE"}"#
        } else if seen.target.contains("generate-url") {
            r#"{"code":"SUCCESS","data":{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/","expiredTime":1642580192430},"pricingStrategy":"FREE"}"#
        } else {
            "\u{89}PNG"
        };
        let body = if body.starts_with('{') {
            body.as_bytes()
        } else {
            b"\x89PNG\r\n\x1a\n"
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    });
    Server::plain(Script::every([Action::Read, answer, Action::Again])).unwrap()
}

fn link(subject: &Subject, base: BaseUrl, access_key: &str) -> Result<(), Error> {
    let credentials = Credentials::new(access_key, "samplesecretkey").unwrap();
    let client = Client::new(
        subject.transport(&Setup::plain()),
        Config::new().base_url(base),
        credentials,
        7,
    );
    let page = ReturnUrl::new("https://shop.example/").unwrap();
    client
        .generate_url(GenerateUrl::new(page.clone(), page, Region::IDN))
        .map(drop)
}

#[test]
fn fault_101_a_sandbox_elsewhere_is_reached_on_purpose_and_only_there() {
    for subject in ours::subjects() {
        let server = vendor();
        let port = server.address().port();
        let url = format!("http://{ELSEWHERE}:{port}");
        assert!(BaseUrl::with_loopback(&url).is_err());

        let host = InsecureHost::dangerously_without_tls(ELSEWHERE).unwrap();
        assert!(BaseUrl::on_insecure_host("http://other:1", &host).is_err());
        let base = BaseUrl::on_insecure_host(&url, &host).unwrap();
        link(&subject, base.clone(), "sampleaccesskey").unwrap();
        assert_eq!(server.journal().requests().len(), 2);

        let error = link(&subject, base, "arealaccesskey").unwrap_err();
        assert!(error.to_string().contains("sampleaccesskey"), "{error}");
        assert_eq!(server.journal().requests().len(), 2, "nothing was sent");
        let allowed = BaseUrl::on_insecure_host(&url, &host.even_with_real_keys()).unwrap();
        link(&subject, allowed, "arealaccesskey").unwrap();
        assert_eq!(server.journal().requests().len(), 4);
    }
}

#[test]
fn fault_101_pictures_of_it_are_fetched_where_the_policy_says_so() {
    for subject in ours::subjects() {
        let server = vendor();
        let link =
            ImageLink::from(format!("http://{ELSEWHERE}:{}/front.png", server.address().port()).as_str());
        let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
        let client = Client::new(subject.transport(&Setup::plain()), Config::new(), credentials, 7);
        let known = DownloadPolicy::nowhere().host(ELSEWHERE).unwrap();
        assert!(matches!(
            client.download(&link, &known).unwrap_err().kind(),
            ErrorKind::Invalid
        ));
        let host = InsecureHost::dangerously_without_tls(ELSEWHERE).unwrap();
        let policy = DownloadPolicy::nowhere().insecure_host(host);
        assert_eq!(
            client.download(&link, &policy).unwrap().expose_bytes(),
            b"\x89PNG\r\n\x1a\n"
        );
    }
}
