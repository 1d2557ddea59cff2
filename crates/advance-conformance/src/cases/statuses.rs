//! Every status is a response, with all that came with it.

use http::HeaderValue;

use super::lost::sent_once;
use crate::bench::{Bench, LONG};
use crate::case::Case;
use crate::need::Need;
use crate::server::Script;
use crate::verdict::Verdict;

const KEEP: &str =
    "bring every status as a response with its headers and its body; the vendor's error code is in that body";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "error_bodies_are_kept",
        row: 20,
        need: Need::Base,
        mend: KEEP,
        run: error_bodies_are_kept,
    },
    Case {
        name: "retry_after_is_kept",
        row: 21,
        need: Need::Base,
        mend: KEEP,
        run: retry_after_is_kept,
    },
    Case {
        name: "unavailable_is_sent_once",
        row: 22,
        need: Need::Base,
        mend: "turn the client's own retries off: the machine retries, and it counts what every attempt may cost",
        run: unavailable_is_sent_once,
    },
    Case {
        name: "a_challenge_is_not_answered",
        row: 25,
        need: Need::Base,
        mend: "answer no authentication challenge by itself; bring the 401 or 407 as a response",
        run: a_challenge_is_not_answered,
    },
];

fn error_bodies_are_kept(bench: &Bench) -> Verdict {
    let body = r#"{"code":"CLIENT_ERROR","transactionId":"ed8b21c0c87ad617"}"#;
    for status in [
        400, 403, 404, 405, 408, 409, 413, 418, 425, 429, 451, 500, 502, 503, 504, 599,
    ] {
        let text = format!(
            "HTTP/1.1 {status} Thus\r\nX-Kept: yes\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (call, server) = bench.once(Script::reply(text), LONG)?;
        call.answered(status, body.as_bytes())?;
        if !call.response()?.headers().contains_key("x-kept") {
            return Err(format!("lost a header of a {status}"));
        }
        sent_once(&server)?;
    }
    Ok(())
}

fn retry_after_is_kept(bench: &Bench) -> Verdict {
    for value in ["2", "10s", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "soon"] {
        let text = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n");
        let (call, _) = bench.once(Script::reply(text), LONG)?;
        call.answered(503, b"")?;
        let kept = call
            .response()?
            .headers()
            .get("retry-after")
            .map(HeaderValue::as_bytes);
        if kept != Some(value.as_bytes()) {
            return Err(format!("changed or lost the header `Retry-After: {value}`"));
        }
    }
    Ok(())
}

fn unavailable_is_sent_once(bench: &Bench) -> Verdict {
    for status in [408, 421, 425, 429, 500, 502, 503, 504] {
        let text = format!("HTTP/1.1 {status} Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
        let (call, server) = bench.once(Script::reply(text), LONG)?;
        call.answered(status, b"")?;
        sent_once(&server).map_err(|wrong| format!("{wrong}, after a {status}"))?;
    }
    Ok(())
}

fn a_challenge_is_not_answered(bench: &Bench) -> Verdict {
    for (status, header) in [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")] {
        let text =
            format!("HTTP/1.1 {status} No\r\n{header}: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno");
        let (call, server) = bench.once(Script::reply(text), LONG)?;
        call.answered(status, b"no")?;
        sent_once(&server)?;
    }
    Ok(())
}
