//! The endpoints of the example `own_endpoints` of `advance-reqwest`, over both clients, against a sandbox with stubs.

mod support;

// The programs' own modules: what is shown is what is tested.
#[path = "../../crates/advance-reqwest/examples/own_endpoints/liveness.rs"]
mod liveness;
#[path = "../../crates/advance-reqwest/examples/own_endpoints/name_check.rs"]
mod name_check;
#[path = "../../crates/advance-reqwest/examples/own_endpoints/usage.rs"]
mod usage;

use advance_core::secret::AccessToken;
use advance_core::wire::build_request;
use advance_core::{BaseUrl, Charges, Endpoint, ErrorKind};
use advance_sandbox::Sandbox;
use advance_sandbox::model::{Price, Stub};
use http::{Method, Request};

use self::liveness::{Liveness, Region};
use self::name_check::NameCheck;
use self::support::{Api, BOTH, ledger, sandbox};
use self::usage::Usage;

fn built<E: Endpoint>(endpoint: &E) -> Request<Vec<u8>> {
    let token = AccessToken::new("t").unwrap();
    build_request(endpoint, &BaseUrl::default(), Some(&token)).unwrap()
}

fn stub(sandbox: &Sandbox, stub: Stub, data: Option<&str>) {
    let stub = match data {
        Some(data) => stub.data(serde_json::from_str(data).unwrap()),
        None => stub,
    };
    assert!(sandbox.with_vendor(|vendor| vendor.stub(stub)));
}

fn name_check() -> NameCheck {
    NameCheck {
        id_number: "3171234567890123".to_owned(),
        name: "Siti & Sons".to_owned(),
    }
}

const USAGE: Usage = Usage {
    product: "name check & more",
    month: "2026-11",
};

#[test]
fn a_json_post() {
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let paid = Stub::post(NameCheck::PATH).price(Price::Pay);
        stub(&sandbox, paid, Some(r#"{"similarity":0.93}"#));
        let response = Api::of(kind, &sandbox).call(name_check()).unwrap();
        assert!((response.data() - 0.93).abs() < f64::EPSILON);
        assert_eq!(response.charges().pay, 1);
        assert_eq!(ledger(&sandbox), response.charges());
    }
}

#[test]
fn a_multipart_upload_to_the_path_of_a_region() {
    let upload = || Liveness::new(Region::Singapore, b"\x89PNG", "image/png").unwrap();
    let request = built(&upload());
    let content_type = request.headers()["content-type"].to_str().unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let body = String::from_utf8_lossy(request.body());
    assert!(body.starts_with(&format!("--{boundary}\r\n")), "{body}");
    assert!(body.ends_with(&format!("--{boundary}--\r\n")), "{body}");
    assert!(body.contains("name=\"image\"") && body.contains("PNG"), "{body}");
    let at_home = Liveness::new(Region::Indonesia, b"\x89PNG", "image/png").unwrap();
    assert_eq!(built(&at_home).uri().path(), Liveness::PATH);

    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let there = Stub::post("/sg/openapi/face/v1/liveness");
        stub(&sandbox, there, Some(r#"{"score":98.7}"#));
        let response = Api::of(kind, &sandbox).call(upload()).unwrap();
        assert!((response.data() - 98.7).abs() < f64::EPSILON);
        // Of another region there is none.
        let elsewhere = Liveness::new(Region::Indonesia, b"\x89PNG", "image/png").unwrap();
        assert!(Api::of(kind, &sandbox).call(elsewhere).is_err());
    }
}

#[test]
fn a_get_with_a_query_whose_success_without_data_means_something() {
    let request = built(&USAGE);
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        request.uri().path_and_query().unwrap().as_str(),
        "/openapi/account/v1/usage?product=name%20check%20%26%20more&month=2026-11"
    );
    assert!(!request.headers().contains_key("content-type"));
    for kind in BOTH {
        let sandbox = sandbox(|_| {});
        let get = || Stub::post(Usage::PATH).method(Method::GET);
        stub(&sandbox, get(), Some(r#"{"used":17}"#));
        let api = Api::of(kind, &sandbox);
        assert_eq!(api.call(USAGE).unwrap().into_data(), 17);
        stub(&sandbox, get(), None);
        assert_eq!(api.call(USAGE).unwrap().into_data(), 0);
        // For another endpoint, the same is an error.
        stub(&sandbox, Stub::post(NameCheck::PATH), None);
        let error = api.call(name_check()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingData);
        assert_eq!(
            error.charges(),
            Charges {
                free: 1,
                ..Charges::NONE
            }
        );
    }
}
