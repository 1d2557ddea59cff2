//! Fetching a photograph.

use std::time::Duration;

use advance_core::domain::PictureFormat;
use advance_core::error::ProtocolFault;
use advance_core::session::{Awaiting, Call, Download, Event, Purpose, Step, Until};
use advance_core::transport::{FailureKind, Sent};
use advance_core::url::DownloadPolicy;
use advance_core::{Charges, Error, ErrorKind, ImageLink};
use http::header::{CONTENT_ENCODING, HeaderName, LOCATION, RETRY_AFTER};

use crate::support::{Bench, Reply, lost, raw, with};

const LINK: &str =
    "https://stg-guardian-cv.oss-ap-southeast-5.aliyuncs.com/a.png?Expires=1&Signature=hid%2Bden%3D";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn begin(bench: &mut Bench, link: &str, policy: &DownloadPolicy) -> Step<Download> {
    let now = bench.now();
    match Call::download(&ImageLink::from(link), policy) {
        Ok(call) => bench.session.begin(call, now),
        Err(error) => Step::Done(Err(error)),
    }
}

fn sent(bench: &mut Bench) -> Awaiting<Download> {
    match begin(bench, LINK, &DownloadPolicy::new()) {
        Step::Send(_, _, awaiting) => awaiting,
        _ => panic!("it is sent"),
    }
}

fn answered(bench: &mut Bench, reply: Reply) -> Step<Download> {
    let awaiting = sent(bench);
    let now = bench.now();
    awaiting.resume(&mut bench.session, now, reply)
}

fn refused(step: Step<Download>) -> Error {
    match step {
        Step::Done(Err(error)) => error,
        _ => panic!("it is refused"),
    }
}

#[test]
fn fault_77_the_request_carries_the_link_as_it_came_and_nothing_else() {
    let mut bench = Bench::warm();
    let Step::Send(request, limits, _) = begin(&mut bench, LINK, &DownloadPolicy::new()) else {
        panic!()
    };
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri().to_string(), LINK);
    let names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["accept", "user-agent"]);
    assert_eq!(limits.max_body, 16 << 20);
}

#[test]
fn a_picture_is_known_by_its_first_bytes() {
    for (body, format) in [
        (PNG, PictureFormat::Png),
        (b"\xff\xd8\xff\xe0JFIF", PictureFormat::Jpeg),
    ] {
        let Step::Done(Ok(picture)) = answered(&mut Bench::new(), raw(200, body)) else {
            panic!()
        };
        assert_eq!((picture.format(), picture.expose_bytes()), (format, body));
        let shown = format!("Picture({format:?}, {} bytes)", body.len());
        assert_eq!(format!("{picture:?}"), shown);
    }
    for body in [&b"<html>Sorry</html>"[..], b"", b"GIF89a", b"\x89PNG"] {
        let error = refused(answered(&mut Bench::new(), raw(200, body)));
        assert_eq!(error.kind(), ErrorKind::NotAPicture);
    }
}

#[test]
fn fault_77_an_ended_link_says_to_ask_again() {
    let error = refused(answered(
        &mut Bench::new(),
        raw(403, b"<Error><Code>AccessDenied</Code></Error>"),
    ));
    assert_eq!(error.kind(), ErrorKind::ImageExpired);
    assert!(error.to_string().contains("ask get-result again"), "{error}");
}

#[test]
fn a_redirect_a_refusal_and_compression_end_it() {
    let redirect = with(raw(302, b""), LOCATION, "https://evil.example/?hidden");
    assert_eq!(
        refused(answered(&mut Bench::new(), redirect)).kind(),
        ErrorKind::Protocol(ProtocolFault::Redirect)
    );
    assert_eq!(
        refused(answered(&mut Bench::new(), raw(404, b""))).kind(),
        ErrorKind::Protocol(ProtocolFault::Status(404))
    );
    assert_eq!(
        refused(answered(
            &mut Bench::new(),
            with(raw(200, PNG), CONTENT_ENCODING, "gzip")
        ))
        .kind(),
        ErrorKind::Protocol(ProtocolFault::Encoding)
    );
    let error = refused(answered(
        &mut Bench::new(),
        lost(FailureKind::TooLarge, Sent::Maybe),
    ));
    assert_eq!(error.kind(), ErrorKind::Transport(FailureKind::TooLarge));
}

#[test]
fn what_passes_is_tried_again_within_the_policy() {
    let mut bench = Bench::new();
    let mut awaiting = sent(&mut bench);
    for _ in 0..2 {
        let now = bench.now();
        let step = awaiting.resume(&mut bench.session, now, lost(FailureKind::Reset, Sent::Maybe));
        let Step::Wait(Until::Elapsed(wait), pause) = step else {
            panic!()
        };
        bench.pass(wait);
        let now = bench.now();
        let Step::Send(_, _, next) = pause.resume(&mut bench.session, now) else {
            panic!()
        };
        awaiting = next;
    }
    let now = bench.now();
    let error = refused(awaiting.resume(&mut bench.session, now, raw(503, b"")));
    assert_eq!(error.kind(), ErrorKind::Protocol(ProtocolFault::Status(503)));
    assert_eq!(error.charge(), advance_core::Charge::Free);
}

#[test]
fn fault_57_a_link_that_may_not_be_followed_is_refused_before_any_request() {
    let mut bench = Bench::new();
    for (bad, rule) in [
        ("", "not a URL"),
        ("/hidden.png", "not an absolute URL"),
        ("http://x.aliyuncs.com/hidden", "https"),
        ("javascript:hidden", "URL"),
        ("file:///hidden", "URL"),
        ("https://evil.example/hidden", "not on the list"),
        ("https://aliyuncs.com.evil.example/hidden", "not on the list"),
        ("https://evilaliyuncs.com/hidden", "not on the list"),
        ("https://10.0.0.1/hidden", "not on the list"),
        ("https://169.254.169.254/hidden", "not on the list"),
        ("https://user:hidden@x.aliyuncs.com/", "user name"),
        ("http://127.0.0.1/hidden", "not on the list"),
        ("https://x.aliyuncs.com:99999/hidden", "port"),
        ("https://x.aliyuncs.com:/hidden", "port"),
        ("https://.aliyuncs.com/hidden", "not on the list"),
        ("https://a..aliyuncs.com/hidden", "not on the list"),
        ("https://x.aliyuncs.com./hidden", "not on the list"),
        ("https://x.aliyuncs.com/a#hidden\r\nX: y", "control"),
    ] {
        let error = refused(begin(&mut bench, bad, &DownloadPolicy::new()));
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let text = error.to_string();
        assert!(text.contains(rule) && !text.contains("hidden"), "{bad}: {text}");
    }
}

#[test]
fn the_list_can_be_widened_and_plain_http_stays_on_this_machine() {
    let mut bench = Bench::new();
    let wide = DownloadPolicy::nowhere()
        .host("pictures.example")
        .unwrap()
        .host("*.cdn.example")
        .unwrap()
        .host("127.0.0.1")
        .unwrap()
        .host("lan.example")
        .unwrap();
    for good in [
        "https://PICTURES.example/x",
        "https://a.b.cdn.example/x",
        "http://127.0.0.1:9/x",
    ] {
        assert!(matches!(begin(&mut bench, good, &wide), Step::Send(..)), "{good}");
    }
    let Step::Send(_, limits, _) = begin(&mut bench, "https://pictures.example/", &wide) else {
        panic!("it is sent")
    };
    assert_eq!(limits.max_body, 16 << 20);
    for bad in ["https://cdn.example/x", "http://lan.example/x", LINK] {
        refused(begin(&mut bench, bad, &wide));
    }
}

#[test]
fn an_entry_that_could_match_no_link_is_refused_with_the_rule() {
    for (bad, rule) in [
        ("", "host name or address"),
        ("*.", "host name or address"),
        ("https://x", "host name or address"),
        ("a b", "host name or address"),
        (".x", "host name or address"),
        ("x.", "host name or address"),
        ("a..b", "host name or address"),
        ("*.*.x", "host name or address"),
        ("[", "host name or address"),
        ("[]", "host name or address"),
        ("[::1", "host name or address"),
        ("[x.example]", "host name or address"),
        ("a:b:c", "host name or address"),
        ("*.::1a", "host name or address"),
        ("pictures.example:8443", "without a port"),
        ("*.pictures.example:8443", "without a port"),
        ("pictures.example:", "without a port"),
        ("[::1]:9", "without a port"),
    ] {
        let error = DownloadPolicy::new().host(bad).unwrap_err().to_string();
        assert!(error.contains(rule), "{bad}: {error}");
    }
}

#[test]
fn an_ipv6_address_is_one_whatever_its_notation() {
    let mut bench = Bench::new();
    for listed in ["::1", "[::1]", "0:0:0:0:0:0:0:1", "[0:0::0001]"] {
        let policy = DownloadPolicy::nowhere().host(listed).unwrap();
        for link in ["http://[::1]:9/x", "https://[0:0:0:0:0:0:0:1]/x"] {
            assert!(
                matches!(begin(&mut bench, link, &policy), Step::Send(..)),
                "{listed}: {link}"
            );
        }
        refused(begin(&mut bench, "https://[::2]/x", &policy));
    }
    let policy = DownloadPolicy::nowhere().host("2001:DB8::A").unwrap();
    let step = begin(&mut bench, "https://[2001:db8::a]/x", &policy);
    assert!(matches!(step, Step::Send(..)));
}

#[test]
fn downloads_draw_on_the_retry_budget_of_their_client() {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::new().budget(1));
    let lost = || lost(FailureKind::Reset, Sent::Maybe);
    assert!(matches!(answered(&mut bench, lost()), Step::Wait(..)));
    assert!(matches!(answered(&mut bench, lost()), Step::Done(Err(_))));
}

#[test]
fn the_size_is_the_callers_to_choose_and_a_default_is_a_default() {
    let mut bench = Bench::warm();
    let Step::Send(_, limits, _) = begin(&mut bench, LINK, &DownloadPolicy::default().max_bytes(1_000))
    else {
        panic!()
    };
    assert_eq!(limits.max_body, 1_000);
}

#[test]
fn a_picture_that_arrives_refills_the_budget_like_any_other_success() {
    let mut bench = Bench::retrying(advance_core::RetryPolicy::new().budget(1));
    let lost = || lost(FailureKind::Reset, Sent::Maybe);
    assert!(matches!(answered(&mut bench, lost()), Step::Wait(..)));
    for _ in 0..10 {
        assert!(matches!(answered(&mut bench, raw(200, PNG)), Step::Done(Ok(_))));
    }
    assert!(matches!(answered(&mut bench, lost()), Step::Wait(..)));
}

#[test]
fn the_host_of_the_picture_says_when_to_come_back() {
    let mut bench = Bench::new();
    let busy = |told| with(raw(503, b""), RETRY_AFTER, told);
    let Step::Wait(Until::Elapsed(wait), _) = answered(&mut bench, busy("20")) else {
        panic!("it has the time")
    };
    assert!(wait >= Duration::from_secs(20), "{wait:?}");
    let error = refused(answered(&mut bench, busy("3600")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
}

/// The vendor is not asked, so nothing it charges for is under way.
#[test]
fn a_download_that_is_given_up_costs_nothing_and_is_told_of() {
    let mut bench = Bench::new();
    bench.session.record_events(true);
    let awaiting = sent(&mut bench);
    bench.session.abandon(awaiting.ticket());
    assert_eq!(bench.session.charges(), Charges::NONE);
    let events = bench.session.take_events();
    let [
        Event::CallBegun { .. },
        Event::AttemptBegun { purpose, path, .. },
        Event::CallAbandoned { .. },
    ] = events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((purpose, path), (Purpose::Download, "download"));
}

#[test]
fn an_observer_sees_each_attempt_of_a_download_and_its_end() {
    let mut bench = Bench::new();
    bench.session.record_events(true);
    let Step::Wait(Until::Elapsed(wait), pause) = answered(&mut bench, raw(503, b"")) else {
        panic!("it is tried again")
    };
    bench.pass(wait);
    let now = bench.now();
    let Step::Send(_, _, awaiting) = pause.resume(&mut bench.session, now) else {
        panic!("it is sent again")
    };
    let Step::Done(Ok(_)) = awaiting.resume(&mut bench.session, now, raw(200, PNG)) else {
        panic!("it arrives")
    };
    let events = bench.session.take_events();
    assert!(!format!("{events:?}").contains("aliyuncs"), "{events:?}");
    let [
        Event::CallBegun { .. },
        Event::AttemptBegun { number: 1, .. },
        Event::AttemptEnded {
            status: Some(503),
            error: Some(_),
            ..
        },
        Event::Waiting { .. },
        Event::AttemptBegun { number: 2, .. },
        Event::AttemptEnded {
            status: Some(200),
            code: None,
            error: None,
            ..
        },
        Event::CallEnded {
            sends: 2,
            charges: Charges::NONE,
            code: None,
            error: None,
            ..
        },
    ] = events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!(bench.session.charges(), Charges::NONE);
}
