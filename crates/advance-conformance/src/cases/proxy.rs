//! The proxy refuses, hangs, or works.

use std::time::Duration;

use advance_core::transport::{FailureKind, Phase, Sent};

use crate::bench::{Bench, FINE, LONG, SHORT, pki};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, BEHIND_A_PROXY, Script, Server};
use crate::verdict::Verdict;

const REFUSED: &str = "report a CONNECT that is not answered with 2xx as FailureKind::Proxy with Sent::No, without the \
                       proxy's URL in any text";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "proxy_that_wants_authentication",
        row: 15,
        need: Need::Proxy,
        mend: REFUSED,
        run: proxy_that_wants_authentication,
    },
    Case {
        name: "proxy_that_cannot_connect",
        row: 15,
        need: Need::Proxy,
        mend: REFUSED,
        run: proxy_that_cannot_connect,
    },
    Case {
        name: "proxy_that_hangs",
        row: 15,
        need: Need::Proxy,
        mend: "bound the CONNECT by Limits::within and report Timeout(Phase::Connect) with Sent::No",
        run: proxy_that_hangs,
    },
    Case {
        name: "proxy_that_dribbles",
        row: 15,
        need: Need::Proxy,
        mend: "apply Limits::within to the whole of the CONNECT, not to each read, and report Timeout(Phase::Connect) with \
               Sent::No",
        run: proxy_that_dribbles,
    },
    Case {
        name: "proxy_that_closes",
        row: 15,
        need: Need::Proxy,
        mend: REFUSED,
        run: proxy_that_closes,
    },
    Case {
        name: "proxy_that_is_not_there",
        row: 15,
        need: Need::Proxy,
        mend: "report a proxy that cannot be reached as FailureKind::Proxy with Sent::No, without the proxy's URL in any \
               text",
        run: proxy_that_is_not_there,
    },
    Case {
        name: "proxy_that_tunnels",
        row: 15,
        need: Need::Proxy,
        mend: "send the proxy's credentials to the proxy in the CONNECT, and everything else only through the tunnel",
        run: proxy_that_tunnels,
    },
    Case {
        name: "plain_http_does_not_go_through_the_proxy",
        row: 15,
        need: Need::Proxy,
        mend: "use the proxy for `https` only: plain `http` is for this machine and must not leave it",
        run: plain_http_does_not_go_through_the_proxy,
    },
    Case {
        name: "loopback_does_not_go_through_the_proxy",
        row: 100,
        need: Need::Proxy,
        mend: "reach loopback without the proxy, also by `https`: the proxy has a loopback of its own \
               (`advance_core::url::is_loopback` tells)",
        run: loopback_does_not_go_through_the_proxy,
    },
];

fn origin(bench: &Bench) -> Result<Server, String> {
    bench.secure_server(Script::reply(FINE), &pki()?.good)
}

fn refused(bench: &Bench, head: &str) -> Verdict {
    let (origin, proxy) = (
        origin(bench)?,
        bench.server(Script::every([Action::Read, Action::send(head)]))?,
    );
    let call = bench.send(
        &bench.transport_through(&proxy)?,
        bench.request_behind_a_proxy(&origin),
        LONG,
    );
    call.failed(&[FailureKind::Proxy], Sent::No)?;
    bypassed(&origin)
}

fn bypassed(origin: &Server) -> Verdict {
    match origin.journal().connections() {
        0 => Ok(()),
        _ => Err("went to the origin past the proxy".into()),
    }
}

fn proxy_that_wants_authentication(bench: &Bench) -> Verdict {
    refused(
        bench,
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n",
    )
}

fn proxy_that_cannot_connect(bench: &Bench) -> Verdict {
    refused(
        bench,
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\nno way",
    )
}

fn proxy_that_closes(bench: &Bench) -> Verdict {
    refused(bench, "")
}

fn proxy_that_hangs(bench: &Bench) -> Verdict {
    let (origin, proxy) = (
        origin(bench)?,
        bench.server(Script::every([Action::Read, Action::Hold]))?,
    );
    let call = bench.send(
        &bench.transport_through(&proxy)?,
        bench.request_behind_a_proxy(&origin),
        SHORT,
    );
    call.timed_out(Phase::Connect, SHORT)?;
    bypassed(&origin)
}

fn proxy_that_dribbles(bench: &Bench) -> Verdict {
    // Each byte comes soon enough for any limit of a single read; the whole would take for ever.
    let head = format!("HTTP/1.1 200 OK\r\n{}", "X: y\r\n".repeat(500));
    let dribble = Action::dribble(head, Duration::from_millis(20));
    let (origin, proxy) = (
        origin(bench)?,
        bench.server(Script::every([Action::Read, dribble, Action::Hold]))?,
    );
    let call = bench.send(
        &bench.transport_through(&proxy)?,
        bench.request_behind_a_proxy(&origin),
        SHORT,
    );
    call.timed_out(Phase::Connect, SHORT)?;
    bypassed(&origin)
}

fn proxy_that_is_not_there(bench: &Bench) -> Verdict {
    let (origin, proxy) = (origin(bench)?, bench.server(Script::reply(FINE))?);
    let transport = bench.transport_through(&proxy)?;
    drop(proxy);
    let call = bench.send(&transport, bench.request_behind_a_proxy(&origin), LONG);
    call.failed(&[FailureKind::Proxy], Sent::No)?;
    bypassed(&origin)
}

fn plain_http_does_not_go_through_the_proxy(bench: &Bench) -> Verdict {
    let (server, proxy) = (
        bench.server(Script::reply(FINE))?,
        bench.server(Script::reply(FINE))?,
    );
    let call = bench.send(&bench.transport_through(&proxy)?, bench.request(&server), LONG);
    if proxy.journal().connections() > 0 {
        return Err("asked the proxy for plain http of this machine".into());
    }
    call.ok(b"{}")
}

fn loopback_does_not_go_through_the_proxy(bench: &Bench) -> Verdict {
    let (server, proxy) = (origin(bench)?, bench.server(Script::reply(FINE))?);
    let call = bench.send(&bench.transport_through(&proxy)?, bench.request(&server), LONG);
    if proxy.journal().connections() > 0 {
        return Err("asked the proxy for https of this machine".into());
    }
    call.ok(b"{}")
}

fn proxy_that_tunnels(bench: &Bench) -> Verdict {
    let origin = origin(bench)?;
    let proxy = bench.server(Script::every([
        Action::Read,
        Action::send("HTTP/1.1 200 Connection established\r\n\r\n"),
        Action::Tunnel(origin.address()),
    ]))?;
    let call = bench.send(
        &bench.transport_through(&proxy)?,
        bench.request_behind_a_proxy(&origin),
        LONG,
    );
    call.ok(b"{}")?;
    let (asked, arrived) = (proxy.journal().requests(), origin.journal().requests());
    let ([connect], [seen]) = (asked.as_slice(), arrived.as_slice()) else {
        return Err(format!(
            "sent {} CONNECTs and {} requests for one",
            asked.len(),
            arrived.len()
        ));
    };
    if connect.method != "CONNECT" {
        return Err(format!(
            "asked the proxy with {} and not with CONNECT",
            connect.method
        ));
    }
    let due = format!("{BEHIND_A_PROXY}:{}", origin.address().port());
    if connect.target != due {
        return Err(format!(
            "asked the proxy for {:?} instead of {due}",
            connect.target
        ));
    }
    if connect.values("proxy-authorization").len() != 1 {
        return Err("did not send the proxy its user name and password".into());
    }
    if !connect.values("x-access-token").is_empty() {
        return Err("showed the access token to the proxy".into());
    }
    if !seen.values("proxy-authorization").is_empty() {
        return Err("showed the proxy's password to the origin".into());
    }
    Ok(())
}
