//! The proxy refuses, hangs, or works.

use advance_core::{FailureKind, Phase, Sent};

use crate::bench::{Bench, FINE, LONG, SHORT, pki};
use crate::case::{Case, Need, Verdict};
use crate::server::{Action, Script, Server};

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
        name: "proxy_that_closes",
        row: 15,
        need: Need::Proxy,
        mend: REFUSED,
        run: proxy_that_closes,
    },
    Case {
        name: "proxy_that_tunnels",
        row: 15,
        need: Need::Proxy,
        mend: "send the proxy's credentials to the proxy in the CONNECT, and everything else only through the tunnel",
        run: proxy_that_tunnels,
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
    let call = bench.send(&bench.transport_through(&proxy)?, bench.request(&origin), LONG);
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
    let call = bench.send(&bench.transport_through(&proxy)?, bench.request(&origin), SHORT);
    call.timed_out(Phase::Connect, SHORT)?;
    bypassed(&origin)
}

fn proxy_that_tunnels(bench: &Bench) -> Verdict {
    let origin = origin(bench)?;
    let proxy = bench.server(Script::every([
        Action::Read,
        Action::send("HTTP/1.1 200 Connection established\r\n\r\n"),
        Action::Tunnel(origin.address()),
    ]))?;
    let call = bench.send(&bench.transport_through(&proxy)?, bench.request(&origin), LONG);
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
