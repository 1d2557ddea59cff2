//! What a page in a browser may do with the sandbox, and which addresses it is given.

use std::net::SocketAddr;

use advance_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::wire::{OWN, TOKEN, control, raw, request, status};

#[test]
fn a_page_of_another_origin_or_a_rebound_name_controls_nothing() {
    let sandbox = Sandbox::builder()
        .allow_origin("https://tool.example")
        .allow_host("sandbox.test")
        .start_blocking()
        .unwrap();
    let json = "content-type: application/json\r\n";
    let paths = [
        ("POST", "reset"),
        ("POST", "faults"),
        ("GET", "journal"),
        ("GET", "events"),
        ("GET", "dashboard/"),
    ];
    for (method, path) in paths {
        for headers in [
            "host: rebind.example\r\n",
            "host: localhost\r\norigin: https://evil.example\r\n",
            "host: localhost\r\norigin: null\r\n",
            "host: localhost\r\nsec-fetch-site: cross-site\r\n",
        ] {
            let asked = request(
                method,
                &format!("/__sandbox/{path}"),
                &format!("{headers}{json}"),
                "{}",
            );
            let (reply, _) = raw(sandbox.addr(), &asked);
            assert_eq!(status(&reply), "403", "{path} {headers}");
            assert!(
                !reply.to_lowercase().contains("access-control-allow-origin"),
                "{reply}"
            );
        }
    }
    let (reply, _) = raw(
        sandbox.addr(),
        &request("GET", "/", "host: rebind.example\r\n", ""),
    );
    assert_eq!(status(&reply), "403");
    for media_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let headers = format!("host: localhost\r\ncontent-type: {media_type}\r\n");
        let (reply, _) = raw(
            sandbox.addr(),
            &request("POST", "/__sandbox/reset", &headers, "{}"),
        );
        assert_eq!(status(&reply), "415");
    }
    for headers in [
        "host: sandbox.test\r\n",
        "host: localhost\r\norigin: https://tool.example\r\n",
    ] {
        let asked = request("POST", "/__sandbox/reset", &format!("{headers}{json}"), "{}");
        assert_eq!(status(&raw(sandbox.addr(), &asked).0), "200", "{headers}");
    }
    let preflight =
        "host: localhost\r\norigin: https://tool.example\r\naccess-control-request-method: POST\r\n";
    let (reply, _) = raw(
        sandbox.addr(),
        &request("OPTIONS", "/__sandbox/reset", preflight, ""),
    );
    assert_eq!(status(&reply), "204");
    assert!(
        reply.contains("access-control-allow-origin: https://tool.example"),
        "{reply}"
    );
}

#[test]
fn pages_make_the_three_calls_only_where_that_was_asked_for() {
    let headers =
        "host: localhost\r\norigin: https://shop.example\r\naccess-control-request-method: POST\r\n";
    for (cors, allowed) in [(false, false), (true, true)] {
        let sandbox = Sandbox::builder().cors(cors).start_blocking().unwrap();
        let (reply, _) = raw(sandbox.addr(), &request("OPTIONS", TOKEN, headers, ""));
        assert_eq!(
            reply.contains("access-control-allow-origin: *"),
            allowed,
            "{reply}"
        );
        let (reply, _) = raw(
            sandbox.addr(),
            &request("OPTIONS", "/__sandbox/reset", headers, ""),
        );
        assert_eq!(status(&reply), "403", "{reply}");
    }
}

#[test]
fn links_begin_with_the_address_that_was_asked_if_it_is_ours() {
    let sandbox = Sandbox::builder()
        .listen("0.0.0.0:0".parse().unwrap())
        .allow_remote(true)
        .allow_host("sandbox.test")
        .start_blocking()
        .unwrap();
    assert!(
        sandbox.base_url().starts_with("http://127.0.0.1:"),
        "{}",
        sandbox.base_url()
    );
    let port = sandbox.addr().port();
    let here: SocketAddr = ([127, 0, 0, 1], port).into();
    let own = format!("127.0.0.1:{port}");
    for (host, expected) in [
        ("sandbox.test:80", "sandbox.test:80"),
        ("localhost", "localhost"),
        ("rebind.example", &own),
        ("0.0.0.0", &own),
    ] {
        let now = sandbox.clock().as_millis();
        let signature = {
            use sha2::Digest as _;
            hex::encode(sha2::Sha256::digest(format!(
                "sampleaccesskeysamplesecretkey{now}"
            )))
        };
        let headers = format!("host: {host}\r\ncontent-type: application/json\r\n");
        let ask = |path: &str, token: &str, body: Value| -> Value {
            let headers = format!("{headers}x-access-token: {token}\r\n");
            let (reply, _) = raw(here, &request("POST", path, &headers, &body.to_string()));
            serde_json::from_str(reply.split("\r\n\r\n").nth(1).unwrap()).unwrap()
        };
        let body = json!({"accessKey": "sampleaccesskey", "timestamp": now, "signature": signature});
        let token = ask(TOKEN, "x", body)["data"]["token"]
            .as_str()
            .unwrap()
            .to_owned();
        let body = json!({"returnUrl": "https://x", "failReturnUrl": "https://x", "region": "IDN", "userId": "sbx-ok"});
        let link = ask("/intl/openapi/face-identity/h5-idv/v1/generate-url", &token, body)["data"].clone();
        let url = link["url"].as_str().unwrap();
        assert!(
            url.starts_with(&format!("http://{expected}/h5-idv/?token=")),
            "{host}: {url}"
        );
        let body = json!({"signatureId": link["signatureId"]});
        let result = ask("/intl/openapi/face-identity/h5-idv/v1/get-result", &token, body);
        let image = result["data"]["image"].as_str().unwrap();
        let name = expected.split(':').next().unwrap();
        let images = sandbox.images_addr().unwrap().port();
        assert!(
            image.starts_with(&format!("http://{name}:{images}/__sandbox/images/")),
            "{host}: {image}"
        );
    }
}

#[test]
fn pictures_are_on_an_origin_of_their_own_and_tell_on_those_who_bring_too_much() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let images = sandbox.images_addr().unwrap();
    let path = "/__sandbox/images/x_v1_front_SCAN.png";
    let (reply, _) = raw(sandbox.addr(), &request("GET", path, "host: localhost\r\n", ""));
    assert_eq!(status(&reply), "404");
    let headers = "host: localhost\r\nx-access-token: t\r\ncookie: a=b\r\nreferer: http://x\r\n";
    let (reply, _) = raw(images, &request("GET", path, headers, ""));
    assert_eq!(status(&reply), "403");
    for (method, path) in [("POST", TOKEN), ("GET", "/__sandbox/journal"), ("GET", "/")] {
        assert_eq!(
            status(&raw(images, &request(method, path, OWN, "")).0),
            "404",
            "{path}"
        );
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        assert_eq!(
            status(&raw(images, &request(method, path, OWN, "")).0),
            "405",
            "{method}"
        );
    }
    let (reply, _) = raw(
        images,
        b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n",
    );
    assert_eq!(status(&reply), "405");
    let journal = control(&sandbox, "GET", "journal", &json!({}));
    assert_eq!(
        journal[0]["leaked"],
        json!(["x-access-token", "cookie", "referer"])
    );

    let together = Sandbox::builder().images_on_api().start_blocking().unwrap();
    assert_eq!(together.images_addr(), None);
    let (reply, _) = raw(together.addr(), &request("GET", path, "host: localhost\r\n", ""));
    assert_eq!(status(&reply), "403");
}

#[test]
fn nothing_may_be_framed_guessed_or_kept() {
    let sandbox = Sandbox::start_blocking().unwrap();
    for (method, path) in [
        ("GET", "/"),
        ("POST", TOKEN),
        ("GET", "/h5-idv/"),
        ("GET", "/__sandbox/journal"),
        ("GET", "/s/x"),
    ] {
        let (reply, _) = raw(sandbox.addr(), &request(method, path, OWN, "{}"));
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "x-frame-options: DENY",
            "frame-ancestors 'none'",
        ] {
            assert!(reply.contains(header), "{path}: {header} in {reply}");
        }
    }
}
