//! No server is there to talk to.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use advance_core::transport::{FailureKind, Phase, Sent};
use http::Request;

use crate::bench::{Bench, LONG, SHORT};
use crate::case::Case;
use crate::need::Need;
use crate::server::Backlog;
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "connection_refused",
        row: 1,
        need: Need::Base,
        mend: "report a refused connection as FailureKind::Connect with Sent::No",
        run: connection_refused,
    },
    Case {
        name: "name_that_does_not_resolve",
        row: 2,
        need: Need::Tls,
        mend: "report a failed look-up as FailureKind::Connect with Sent::No, and bound it by the limit",
        run: name_that_does_not_resolve,
    },
    Case {
        name: "connect_that_hangs",
        row: 3,
        need: Need::Base,
        mend: "bound connecting by Limits::within and report Timeout(Phase::Connect) with Sent::No",
        run: connect_that_hangs,
    },
];

/// A port that was free a moment ago: no server listens there.
pub(super) fn nobody() -> Result<SocketAddr, String> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    free.map_err(|error| format!("was not run, there is no free port: {error}"))
}

fn connection_refused(bench: &Bench) -> Verdict {
    let address = nobody()?;
    let request = bench.request_to(&format!("http://{address}/"));
    // Nor was one sent that has no body to tell by.
    let mut get = Request::new(Vec::new());
    *get.uri_mut() = request.uri().clone();
    for request in [request, get] {
        let call = bench.send(&bench.transport()?, request, LONG);
        call.failed(&[FailureKind::Connect], Sent::No)?;
        call.ended_by(LONG)?;
    }
    Ok(())
}

fn name_that_does_not_resolve(bench: &Bench) -> Verdict {
    // RFC 6761 keeps `.invalid` free of names. A resolver that is far away may take longer than the limit.
    let request = bench.request_to("https://nobody.invalid/");
    let call = bench.send(&bench.transport()?, request, LONG);
    call.failed(
        &[FailureKind::Connect, FailureKind::Timeout(Phase::Connect)],
        Sent::No,
    )?;
    call.ended_by(LONG)
}

fn connect_that_hangs(bench: &Bench) -> Verdict {
    let backlog =
        Backlog::full().map_err(|error| format!("was not run, no backlog can be filled: {error}"))?;
    let request = bench.request_to(&format!("http://{}/", backlog.address()));
    let call = bench.send(&bench.transport()?, request, SHORT);
    call.timed_out(Phase::Connect, SHORT)
}
