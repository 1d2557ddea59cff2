//! What a transport was told to trust and to show is what it trusts and shows.

use advance_core::transport::{FailureKind, Sent};

use crate::bench::{Bench, FINE, LONG, pki};
use crate::call::story;
use crate::case::Case;
use crate::need::Need;
use crate::server::{Identity, Script};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "no_other_root_is_trusted",
        row: 95,
        need: Need::Tls,
        mend: "trust `Setup::root` and nothing else, unless `Setup::beside` says so: a pin that is ignored is worse than none",
        run: no_other_root_is_trusted,
    },
    Case {
        name: "an_added_root_is_trusted",
        row: 95,
        need: Need::Tls,
        mend: "where `Setup::beside` says so, trust `Setup::root` as well as what the platform trusts",
        run: an_added_root_is_trusted,
    },
    Case {
        name: "a_certificate_of_an_authority",
        row: 95,
        need: Need::Tls,
        mend: "report a server that shows an authority's certificate as FailureKind::Tls with Sent::No, if you refuse it",
        run: a_certificate_of_an_authority,
    },
    Case {
        name: "a_certificate_of_our_own_is_shown",
        row: 95,
        need: Need::Identity,
        mend: "show `Setup::identity` to a server that asks for a certificate",
        run: a_certificate_of_our_own_is_shown,
    },
    Case {
        name: "no_certificate_of_our_own",
        row: 95,
        need: Need::Identity,
        mend: "report a server that wants a certificate and gets none as a failure, by any alert",
        run: no_certificate_of_our_own,
    },
];

fn no_other_root_is_trusted(bench: &Bench) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), &pki()?.good)?;
    let other = pki()?.other_root().to_vec();
    let transport = bench.transport_as(|setup| setup.root = other)?;
    let call = bench.send(&transport, bench.request(&server), LONG);
    if !server.journal().requests().is_empty() {
        return Err("sent the request, with all its secrets, past its pin".into());
    }
    call.failed(&[FailureKind::Tls], Sent::No)
}

fn an_added_root_is_trusted(bench: &Bench) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), &pki()?.good)?;
    let transport = bench.transport_as(|setup| setup.beside = true)?;
    bench.send(&transport, bench.request(&server), LONG).ok(b"{}")
}

/// OpenSSL takes it, webpki does not: both may be, but not as another kind of failure.
fn a_certificate_of_an_authority(bench: &Bench) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), &pki()?.authority)?;
    let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
    match &call.outcome {
        Ok(_) => call.ok(b"{}"),
        Err(_) => call.failed(&[FailureKind::Tls], Sent::No),
    }
}

fn a_certificate_of_our_own_is_shown(bench: &Bench) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), &pki()?.asking)?;
    let (certificate, key) = pki()?.client();
    let identity = Some((certificate.to_owned(), key.to_owned()));
    let transport = bench.transport_as(|setup| setup.identity = identity)?;
    bench.send(&transport, bench.request(&server), LONG).ok(b"{}")
}

fn no_certificate_of_our_own(bench: &Bench) -> Verdict {
    let asking: &Identity = &pki()?.asking;
    let server = bench.secure_server(Script::reply(FINE), asking)?;
    let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
    let Err(failure) = &call.outcome else {
        return Err("brought a response from a server that wanted a certificate and got none".into());
    };
    // With TLS 1.3 the handshake is over before the server says no. Its alert reaches the client before the request, in
    // the middle of it, or as a lost connection.
    let told =
        [FailureKind::Tls, FailureKind::Reset].contains(&failure.kind()) || failure.sent() == Sent::Maybe;
    if !told {
        return Err(format!("failed as {:?}: {}", failure.kind(), story(failure)));
    }
    match (failure.sent(), server.journal().requests().is_empty()) {
        (Sent::No, false) => Err("said that nothing was sent, and the server has read a request".into()),
        _ => Ok(()),
    }
}
