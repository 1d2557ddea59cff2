//! The client and the transport as they come, without a builder.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use advance_conformance::server::{Action, Script, Server};
use advance_core::transport::Limits;
use advance_core::{BaseUrl, Config, Credentials, GenerateUrl, Region, ReturnUrl, Transport as _};
use advance_ureq::UreqTransport;
use http::Request;

fn vendor() -> Server {
    let answer = Action::answer(|seen| {
        let data = if seen.target.contains("generate-token") {
            r#"{"token":"abc.def","expiredTime":1642580192430}"#
        } else {
            r#"{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/","expiredTime":1642580192430}"#
        };
        let body = format!(r#"{{"code":"SUCCESS","message":"OK","data":{data},"pricingStrategy":"FREE"}}"#);
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    });
    Server::plain(Script::every([Action::Read, answer, Action::Again])).unwrap()
}

#[test]
fn links_take_one_token_and_one_connection() {
    let server = vendor();
    let config = Config::new().base_url(BaseUrl::with_loopback(&server.url("")).unwrap());
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = advance_ureq::client(config, credentials).unwrap();
    for _ in 0..2 {
        let page = ReturnUrl::new("https://shop.example/").unwrap();
        let link = client
            .generate_url(GenerateUrl::new(page.clone(), page, Region::IDN))
            .unwrap();
        assert_eq!(link.data().signature_id().as_str(), "ed8b21c0c87ad617");
    }
    let journal = server.journal();
    assert_eq!((journal.connections(), journal.requests().len()), (1, 3));
}

#[test]
fn clones_share_their_connections() {
    let server = vendor();
    let transport = UreqTransport::new().unwrap();
    for _ in 0..5 {
        let request = Request::post(server.url("/")).body(b"{}".to_vec()).unwrap();
        let limits = Limits::new(Duration::from_secs(10), 1024);
        transport.clone().send(request, &limits).unwrap();
    }
    let journal = server.journal();
    assert_eq!((journal.connections(), journal.requests().len()), (1, 5));
}

#[test]
#[cfg(feature = "rustls")]
fn fault_97_a_default_provider_is_there_once_a_transport_was_made() {
    drop(UreqTransport::new().unwrap());
    assert!(rustls::crypto::CryptoProvider::get_default().is_some());
}
