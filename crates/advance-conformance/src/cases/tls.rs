//! The other end is not who it should be.

use advance_core::transport::{FailureKind, Phase, Sent};

use crate::bench::{Bench, FINE, LONG, SHORT, pki};
use crate::call::story;
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Identity, Script, Server};
use crate::verdict::Verdict;

const VERIFY: &str = "verify the chain, the dates and the name, report FailureKind::Tls with Sent::No, and keep the \
                      TLS library's error as the source so that it says which of them failed";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "tls_with_a_good_certificate",
        row: 13,
        need: Need::Tls,
        mend: "trust the certificate of `Setup::root`",
        run: tls_with_a_good_certificate,
    },
    Case {
        name: "self_signed_certificate",
        row: 13,
        need: Need::Tls,
        mend: VERIFY,
        run: self_signed_certificate,
    },
    Case {
        name: "expired_certificate",
        row: 13,
        need: Need::Tls,
        mend: VERIFY,
        run: expired_certificate,
    },
    Case {
        name: "certificate_of_another_host",
        row: 13,
        need: Need::Tls,
        mend: VERIFY,
        run: certificate_of_another_host,
    },
    Case {
        name: "certificate_of_an_unknown_authority",
        row: 13,
        need: Need::Tls,
        mend: VERIFY,
        run: certificate_of_an_unknown_authority,
    },
    Case {
        name: "plain_http_on_the_tls_port",
        row: 14,
        need: Need::Tls,
        mend: "report a handshake that is answered with anything but TLS as FailureKind::Tls with Sent::No",
        run: plain_http_on_the_tls_port,
    },
    Case {
        name: "close_within_the_handshake",
        row: 14,
        need: Need::Tls,
        mend: "report a connection lost within the handshake as FailureKind::Tls or FailureKind::Connect with Sent::No: \
               no request was sent",
        run: close_within_the_handshake,
    },
    Case {
        name: "handshake_that_hangs",
        row: 3,
        need: Need::Tls,
        mend: "bound the handshake by Limits::within and report Timeout(Phase::Connect) with Sent::No",
        run: handshake_that_hangs,
    },
    Case {
        name: "tls_cut_within_the_body",
        row: 9,
        need: Need::Tls,
        mend: "take a body to the end of the connection as whole only after TLS's close_notify",
        run: tls_cut_within_the_body,
    },
];

fn tls_with_a_good_certificate(bench: &Bench) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), &pki()?.good)?;
    bench
        .send(&bench.transport()?, bench.request(&server), LONG)
        .ok(b"{}")
}

fn distrusted(bench: &Bench, identity: &Identity, words: &[&str]) -> Verdict {
    let server = bench.secure_server(Script::reply(FINE), identity)?;
    let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
    if !server.journal().requests().is_empty() {
        return Err("sent the request, with all its secrets, to a server that it must not trust".into());
    }
    call.failed(&[FailureKind::Tls], Sent::No)?;
    let Err(failure) = &call.outcome else {
        return Err("brought a response from a server that it must not trust".into());
    };
    let text = story(failure).to_lowercase();
    if words.iter().any(|word| text.contains(word)) {
        Ok(())
    } else {
        Err(format!("did not say what is wrong with the certificate: {text}"))
    }
}

fn self_signed_certificate(bench: &Bench) -> Verdict {
    let words = ["issuer", "self-signed", "self signed", "unknown", "untrusted"];
    distrusted(bench, &pki()?.self_signed, &words)
}

fn expired_certificate(bench: &Bench) -> Verdict {
    distrusted(bench, &pki()?.expired, &["expired"])
}

fn certificate_of_another_host(bench: &Bench) -> Verdict {
    let words = ["not valid for", "mismatch", "not match", "name is incorrect"];
    distrusted(bench, &pki()?.wrong_host, &words)
}

fn certificate_of_an_unknown_authority(bench: &Bench) -> Verdict {
    let words = ["issuer", "authority", "unknown", "untrusted", "signature"];
    distrusted(bench, &pki()?.unknown_authority, &words)
}

/// The address of a server without TLS, as if it had TLS.
fn disguised(server: &Server) -> String {
    server.url("/").replace("http:", "https:")
}

fn plain_http_on_the_tls_port(bench: &Bench) -> Verdict {
    let reply = Action::send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let asked = vec![Action::ReadAny, reply.clone(), Action::Drain];
    let unasked = vec![reply, Action::Drain];
    for actions in [asked, unasked] {
        let server = bench.server(Script::every(actions))?;
        let call = bench.send(&bench.transport()?, bench.request_to(&disguised(&server)), LONG);
        call.failed(&[FailureKind::Tls], Sent::No)?;
    }
    Ok(())
}

fn close_within_the_handshake(bench: &Bench) -> Verdict {
    for last in [Action::Reset, Action::Cut] {
        let server = bench.server(Script::every([Action::ReadAny, last]))?;
        let call = bench.send(&bench.transport()?, bench.request_to(&disguised(&server)), LONG);
        call.failed(&[FailureKind::Tls, FailureKind::Connect], Sent::No)?;
    }
    Ok(())
}

fn handshake_that_hangs(bench: &Bench) -> Verdict {
    let server = bench.server(Script::every([Action::Drain]))?;
    let call = bench.send(&bench.transport()?, bench.request_to(&disguised(&server)), SHORT);
    call.timed_out(Phase::Connect, SHORT)
}

fn tls_cut_within_the_body(bench: &Bench) -> Verdict {
    let script = Script::every([
        Action::Read,
        Action::send("HTTP/1.1 200 OK\r\n\r\n{\"code\":\"SUCCESS\"}"),
        Action::Cut,
    ]);
    let server = bench.secure_server(script, &pki()?.good)?;
    let call = bench.send(&bench.transport()?, bench.request(&server), LONG);
    call.failed(&[FailureKind::Body], Sent::Maybe)
}
