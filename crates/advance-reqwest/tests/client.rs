//! The client end to end, over scripted replies.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

mod support;

use advance_core::wire::BaseUrl;
use advance_core::{Config, Credentials, GenerateUrl, Region, ReturnUrl};
use support::Server;

#[tokio::test]
async fn a_link_takes_one_token() {
    let server = Server::start(|mut peer| {
        while let Some(request) = peer.request() {
            let data = if request.contains("generate-token") {
                r#"{"token":"abc.def","expiredTime":1642580192430}"#
            } else {
                r#"{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/","expiredTime":1642580192430}"#
            };
            let body =
                format!(r#"{{"code":"SUCCESS","message":"OK","data":{data},"pricingStrategy":"FREE"}}"#);
            peer.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        }
    });
    let config =
        Config::new().base_url(BaseUrl::with_loopback(&format!("http://{}", server.address)).unwrap());
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let client = advance_reqwest::client(config, credentials).unwrap();
    for _ in 0..2 {
        let page = ReturnUrl::new("https://shop.example/").unwrap();
        let link = client
            .generate_url(GenerateUrl::new(page.clone(), page, Region::IDN))
            .await
            .unwrap();
        assert_eq!(link.data().signature_id().as_str(), "ed8b21c0c87ad617");
    }
    let requests = server.requests();
    assert_eq!((server.connections(), requests.len()), (1, 3));
    assert!(
        requests[0].contains("user-agent: advance-rust/"),
        "{}",
        requests[0]
    );
    assert!(!requests[0].contains("x-access-token"), "{}", requests[0]);
    assert!(requests[2].contains("x-access-token: abc.def"), "{}", requests[2]);
}
