//! What kind of failure it was: a judgement over [`Facts`] and nothing else.

use advance_core::transport::{Failure, FailureKind, Phase, Sent};

use advance_net::tls::{HTTP2_ONLY, Hinted};

use crate::chain::Facts;

/// No response began.
pub(crate) fn no_response(error: reqwest::Error, sent: Sent) -> Failure {
    let facts = Facts::of(&error);
    // Without a body there is nothing to see it by, but what has no connection was not sent.
    let sent = if facts.connect { Sent::No } else { sent };
    let kind = before_response(facts, sent);
    let failure = Failure::new(kind, sent);
    let hint = if kind == FailureKind::Http {
        Some(HTTP2_ONLY)
    } else {
        facts.hint
    };
    match hint {
        Some(hint) => failure.with_source(Hinted::new(hint, error.without_url())),
        None => failure.with_source(error.without_url()),
    }
}

/// A response began, but its body did not arrive whole.
pub(crate) fn no_body(error: reqwest::Error) -> Failure {
    let facts = Facts::of(&error);
    Failure::new(within_body(facts), Sent::Maybe).with_source(error.without_url())
}

/// Our own total ran out.
pub(crate) fn out_of_time(sent: Sent) -> Failure {
    Failure::new(FailureKind::Timeout(phase(sent)), sent)
}

fn phase(sent: Sent) -> Phase {
    match sent {
        Sent::No => Phase::Connect,
        Sent::Maybe => Phase::Exchange,
    }
}

fn before_response(facts: Facts, sent: Sent) -> FailureKind {
    if facts.unbuildable {
        return FailureKind::Refused;
    }
    // What went wrong is known even where the witness cannot swear that nothing was sent, as without a body.
    let connecting = sent == Sent::No || facts.connect;
    if facts.timeout {
        return FailureKind::Timeout(if connecting {
            Phase::Connect
        } else {
            Phase::Exchange
        });
    }
    match facts {
        // A proxy is asked first: an error within the tunnel to it is the proxy's.
        _ if connecting && facts.proxy => FailureKind::Proxy,
        _ if facts.tls => FailureKind::Tls,
        _ if facts.connect => FailureKind::Connect,
        _ if facts.malformed => FailureKind::Http,
        _ if facts.lost => FailureKind::Reset,
        _ => FailureKind::Other,
    }
}

fn within_body(facts: Facts) -> FailureKind {
    if facts.timeout {
        FailureKind::Timeout(Phase::Exchange)
    } else if facts.malformed && !facts.lost {
        FailureKind::Http
    } else {
        FailureKind::Body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Facts = Facts {
        unbuildable: false,
        timeout: false,
        tls: false,
        proxy: false,
        malformed: false,
        lost: false,
        connect: false,
        hint: None,
    };

    #[test]
    fn before_the_response() {
        let connect = Facts {
            connect: true,
            ..NONE
        };
        for (facts, sent, kind) in [
            (connect, Sent::No, FailureKind::Connect),
            (
                Facts {
                    lost: true,
                    ..connect
                },
                Sent::No,
                FailureKind::Connect,
            ),
            (Facts { tls: true, ..connect }, Sent::No, FailureKind::Tls),
            // rustls reports what is no TLS as invalid data.
            (
                Facts {
                    tls: true,
                    malformed: true,
                    ..connect
                },
                Sent::No,
                FailureKind::Tls,
            ),
            (
                Facts {
                    proxy: true,
                    ..connect
                },
                Sent::No,
                FailureKind::Proxy,
            ),
            (
                Facts {
                    proxy: true,
                    lost: true,
                    ..connect
                },
                Sent::No,
                FailureKind::Proxy,
            ),
            (
                Facts {
                    timeout: true,
                    ..connect
                },
                Sent::No,
                FailureKind::Timeout(Phase::Connect),
            ),
            (
                Facts {
                    timeout: true,
                    ..NONE
                },
                Sent::Maybe,
                FailureKind::Timeout(Phase::Exchange),
            ),
            // A request without a body.
            (connect, Sent::Maybe, FailureKind::Connect),
            (
                Facts {
                    proxy: true,
                    ..connect
                },
                Sent::Maybe,
                FailureKind::Proxy,
            ),
            (
                Facts {
                    timeout: true,
                    ..connect
                },
                Sent::Maybe,
                FailureKind::Timeout(Phase::Connect),
            ),
            (Facts { lost: true, ..NONE }, Sent::Maybe, FailureKind::Reset),
            (Facts { lost: true, ..NONE }, Sent::No, FailureKind::Reset),
            (
                Facts {
                    malformed: true,
                    ..NONE
                },
                Sent::Maybe,
                FailureKind::Http,
            ),
            (
                Facts {
                    unbuildable: true,
                    ..NONE
                },
                Sent::No,
                FailureKind::Refused,
            ),
            (NONE, Sent::Maybe, FailureKind::Other),
        ] {
            assert_eq!(before_response(facts, sent), kind, "{facts:?} {sent:?}");
        }
    }

    #[test]
    fn within_the_body() {
        assert_eq!(within_body(NONE), FailureKind::Body);
        assert_eq!(within_body(Facts { lost: true, ..NONE }), FailureKind::Body);
        assert_eq!(within_body(Facts { tls: true, ..NONE }), FailureKind::Body);
        assert_eq!(
            within_body(Facts {
                malformed: true,
                ..NONE
            }),
            FailureKind::Http
        );
        assert_eq!(
            within_body(Facts {
                timeout: true,
                ..NONE
            }),
            FailureKind::Timeout(Phase::Exchange)
        );
    }
}
