//! What is sent is what was asked for: nothing is added, kept or repeated.

use advance_core::transport::{FailureKind, Sent};
use http::Request;

use crate::bench::{Bench, FINE, LONG, SHORT};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script, Seen};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "the_request_arrives_as_it_was_given",
        row: 104,
        need: Need::Base,
        mend: "send the method, the target, every header and the body exactly as given; presigned URLs break otherwise",
        run: the_request_arrives_as_it_was_given,
    },
    Case {
        name: "large_requests_arrive_whole",
        row: 104,
        need: Need::Base,
        mend: "send the whole body, with its Content-Length",
        run: large_requests_arrive_whole,
    },
    Case {
        name: "nothing_is_remembered",
        row: 77,
        need: Need::Base,
        mend: "turn the cookie store and the Referer header off",
        run: nothing_is_remembered,
    },
    Case {
        name: "plain_http_to_another_machine",
        row: 68,
        need: Need::Base,
        mend: "ask `advance_core::transport::permitted` before anything else, and return its failure",
        run: plain_http_to_another_machine,
    },
    Case {
        name: "responses_are_not_mixed_up",
        row: 105,
        need: Need::Base,
        mend: "never hand the response of one request to another",
        run: responses_are_not_mixed_up,
    },
    Case {
        name: "nothing_is_shown_of_a_lost_request",
        row: 76,
        need: Need::Base,
        mend: "strip URLs from errors (`without_url` in reqwest), and keep requests, headers and bodies out of them",
        run: nothing_is_shown_of_a_lost_request,
    },
];

fn the_request_arrives_as_it_was_given(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(FINE))?;
    let target = "/a//b/%2Fc?Signature=x%2By%3D%3D&e=1&empty=&plus=+";
    let mut request: Request<Vec<u8>> = bench.request(&server);
    *request.uri_mut() = server
        .url(target)
        .parse()
        .map_err(|error| format!("was not run, the suite's URL is none: {error}"))?;
    let (body, headers) = (request.body().clone(), request.headers().clone());
    bench.send(&bench.transport()?, request, LONG).ok(b"{}")?;
    let requests = server.journal().requests();
    let [seen] = requests.as_slice() else {
        return Err(format!("sent {} requests for one", requests.len()));
    };
    if seen.method != "POST" {
        return Err(format!("sent the method {}", seen.method));
    }
    if seen.target != target {
        return Err(format!("sent the target {:?} for {target:?}", seen.target));
    }
    if seen.body != body {
        return Err("sent another body than it was given".into());
    }
    for (name, value) in &headers {
        if seen.values(name.as_str()) != [value.as_bytes()] {
            return Err(format!("did not send the header {name} once and as it was given"));
        }
    }
    for name in ["user-agent", "transfer-encoding", "cookie", "referer"] {
        if !seen.values(name).is_empty() {
            return Err(format!("added the header {name}"));
        }
    }
    if seen.values("content-length") != [body.len().to_string().as_bytes()] {
        return Err(
            "sent no Content-Length, or a wrong one; the vendor's gateway is not known to take chunks".into(),
        );
    }
    if seen.values("host") != [server.address().to_string().as_bytes()] {
        return Err("sent another Host than that of the URL".into());
    }
    Ok(())
}

fn large_requests_arrive_whole(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(FINE))?;
    let body: Vec<u8> = (0..3_000_000_u32).map(|at| at.to_le_bytes()[0] ^ 0x5a).collect();
    let request = bench.request_with(&server.url("/"), body.clone());
    bench.send(&bench.transport()?, request, LONG).ok(b"{}")?;
    match server.journal().requests().as_slice() {
        [seen] if seen.body == body => Ok(()),
        _ => Err("did not send a body of 3 000 000 bytes as it was given".into()),
    }
}

fn nothing_is_remembered(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(
        "HTTP/1.1 200 OK\r\nSet-Cookie: session=abc; Path=/\r\nContent-Length: 2\r\n\r\n{}",
    ))?;
    let transport = bench.transport()?;
    for _ in 0..2 {
        bench.send(&transport, bench.request(&server), LONG).ok(b"{}")?;
    }
    for seen in server.journal().requests() {
        for name in ["cookie", "referer", "authorization", "proxy-authorization"] {
            if !seen.values(name).is_empty() {
                return Err(format!("added the header {name}"));
            }
        }
    }
    Ok(())
}

fn plain_http_to_another_machine(bench: &Bench) -> Verdict {
    let transport = bench.transport()?;
    // A name and an address that lead nowhere, should anything be sent after all.
    for url in [
        "http://api.advance.invalid/",
        "http://192.0.2.1/",
        "ftp://127.0.0.1/",
    ] {
        let call = bench.send(&transport, bench.request_to(url), LONG);
        call.failed(&[FailureKind::Refused], Sent::No)
            .and_then(|()| call.ended_by(SHORT))
            .map_err(|wrong| format!("{wrong}; the address was {url}"))?;
    }
    Ok(())
}

fn responses_are_not_mixed_up(bench: &Bench) -> Verdict {
    let echo = |seen: &Seen| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", seen.body.len());
        [head.as_bytes(), &seen.body].concat()
    };
    let server = bench.server(Script::every([Action::Read, Action::answer(echo), Action::Again]))?;
    let transport = bench.transport()?;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (server, transport) = (&server, &transport);
                scope.spawn(move || {
                    for number in 0..20 {
                        let body = format!("{thread}/{number}").into_bytes();
                        let request = bench.request_with(&server.url("/"), body.clone());
                        bench.send(transport, request, LONG).ok(&body)?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err("panicked under concurrent use".into()))
        })
    })
}

fn nothing_is_shown_of_a_lost_request(bench: &Bench) -> Verdict {
    // What is said of the failures is hunted for secrets after every case; here are the ones that quote most.
    for actions in [
        &[Action::Read, Action::Reset][..],
        &[
            Action::Read,
            Action::send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        ],
        &[Action::Read, Action::send("no HTTP at all\r\n\r\n")],
    ] {
        let (call, _) = bench.once(Script::every(actions), LONG)?;
        if call.outcome.is_ok() {
            return Err("brought a response where there was none".into());
        }
    }
    connection_refused_text(bench)
}

fn connection_refused_text(bench: &Bench) -> Verdict {
    let server = bench.server(Script::reply(FINE))?;
    let request = bench.request(&server);
    drop(server);
    match bench.send(&bench.transport()?, request, LONG).outcome {
        Ok(_) => Err("brought a response from a server that is gone".into()),
        Err(_) => Ok(()),
    }
}
