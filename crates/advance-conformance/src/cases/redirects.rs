//! The server sends the client elsewhere, with the credentials.

use http::HeaderValue;

use crate::bench::{Bench, FINE, LONG, pki};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

const OFF: &str = "turn following redirects off and bring the 3xx as a response: a followed one carries X-ACCESS-TOKEN, \
                   the access key and the signature to any host that the server names";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "redirect_to_another_origin",
        row: 17,
        need: Need::Base,
        mend: OFF,
        run: redirect_to_another_origin,
    },
    Case {
        name: "redirect_that_keeps_the_body",
        row: 18,
        need: Need::Base,
        mend: OFF,
        run: redirect_that_keeps_the_body,
    },
    Case {
        name: "redirect_to_the_same_origin",
        row: 19,
        need: Need::Base,
        mend: OFF,
        run: redirect_to_the_same_origin,
    },
    Case {
        name: "redirect_from_https_to_http",
        row: 19,
        need: Need::Tls,
        mend: OFF,
        run: redirect_from_https_to_http,
    },
    Case {
        name: "redirect_without_a_place",
        row: 19,
        need: Need::Base,
        mend: OFF,
        run: redirect_without_a_place,
    },
];

fn not_followed(bench: &Bench, statuses: &[u16]) -> Verdict {
    let target = bench.server(Script::reply(FINE))?;
    for status in statuses {
        let place = target.url("/stolen");
        let text =
            format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nContent-Length: 4\r\n\r\ngone");
        let (call, server) = bench.once(Script::reply(text), LONG)?;
        if target.journal().connections() > 0 {
            return Err(format!("followed a {status} to another origin"));
        }
        call.answered(*status, b"gone")?;
        super::lost::sent_once(&server)?;
        let kept = call
            .response()?
            .headers()
            .get("location")
            .map(HeaderValue::as_bytes);
        if kept != Some(place.as_bytes()) {
            return Err(format!("lost the Location header of a {status}"));
        }
    }
    Ok(())
}

fn redirect_to_another_origin(bench: &Bench) -> Verdict {
    not_followed(bench, &[301, 302, 303])
}

fn redirect_that_keeps_the_body(bench: &Bench) -> Verdict {
    not_followed(bench, &[307, 308])
}

fn redirect_to_the_same_origin(bench: &Bench) -> Verdict {
    for status in [301, 302, 303, 307, 308] {
        let text = format!("HTTP/1.1 {status} Here\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
        let server = bench.server(Script::reply(text))?;
        let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
        call.answered(status, b"")?;
        super::lost::sent_once(&server)?;
    }
    Ok(())
}

fn redirect_from_https_to_http(bench: &Bench) -> Verdict {
    let open = bench.server(Script::reply(FINE))?;
    let place = open.url("/in-the-clear");
    let text = format!("HTTP/1.1 307 There\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
    let server = bench.secure_server(Script::reply(text), &pki()?.good)?;
    let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
    if open.journal().connections() > 0 {
        return Err("followed a redirect from https to plain http".into());
    }
    call.answered(307, b"")
}

fn redirect_without_a_place(bench: &Bench) -> Verdict {
    for head in [
        "HTTP/1.1 302 Found",
        "HTTP/1.1 302 Found\r\nLocation: http://[",
        "HTTP/1.1 304 Not Modified",
    ] {
        let script = Script::every([
            Action::Read,
            Action::send(format!("{head}\r\nContent-Length: 0\r\n\r\n")),
        ]);
        let (call, server) = bench.once(script, LONG)?;
        let response = call.response()?;
        if !response.status().is_redirection() {
            return Err(format!("brought {} for a 3xx", response.status()));
        }
        super::lost::sent_once(&server)?;
    }
    Ok(())
}
