//! What is logged below a transport.

use std::time::Duration;

use crate::bench::{Bench, FINE, LONG, SHORT, pki};
use crate::case::Case;
use crate::log_lines;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[Case {
    name: "nothing_secret_is_logged",
    row: 102,
    need: Need::Base,
    mend: "log no URL, header or body. What the HTTP crate logs by itself is declared with `logs: [\"its::target\" => \
           Trace]`, and your users are told the filter that stops it",
    run: nothing_secret_is_logged,
}];

/// What crates log most of: a call that goes well, one that is lost, one that gets no HTTP, TLS that fails, a proxy.
fn nothing_secret_is_logged(bench: &Bench) -> Verdict {
    if !log_lines::listen() {
        return Err(
            "was not judged: this process has a logger already, so that nothing of it was heard".into(),
        );
    }
    let claims = bench.subject.claims();
    for script in [
        Script::reply(FINE),
        Script::every([Action::Read, Action::Reset]),
        Script::every([Action::Read, Action::send("no HTTP at all\r\n\r\n")]),
        Script::every([Action::Read, Action::Hold]),
    ] {
        let (call, _) = bench.once(script, SHORT)?;
        drop(call);
    }
    if claims.cover(Need::Tls) {
        for identity in [&pki()?.good, &pki()?.expired] {
            let server = bench.secure_server(Script::reply(FINE), identity)?;
            bench.send(&bench.transport()?, bench.request(&server), LONG);
        }
    }
    if claims.cover(Need::Proxy) {
        let origin = bench.secure_server(Script::reply(FINE), &pki()?.good)?;
        for script in [
            Script::every([
                Action::Read,
                Action::send("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"),
            ]),
            Script::every([
                Action::Read,
                Action::send("HTTP/1.1 200 Connection established\r\n\r\n"),
                Action::Tunnel(origin.address()),
            ]),
        ] {
            let proxy = bench.server(script)?;
            let request = bench.request_behind_a_proxy(&origin);
            bench.send(&bench.transport_through(&proxy)?, request, LONG);
        }
    }
    // Tasks of the HTTP crate may have the last word.
    std::thread::sleep(Duration::from_millis(100));
    match bench.logged() {
        None => Ok(()),
        Some(leak) => Err(format!("had a secret written to the log: {leak}")),
    }
}
