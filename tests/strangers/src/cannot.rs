//! What no transport over these crates can do, and why: what is left of the suite's words when all others were followed.

type Cannot = (&'static str, &'static str);

pub const ATTOHTTPC: [Cannot; 9] = [
    (
        "garbage_for_a_status_line",
        "it takes `HTTP/7.3` for HTTP and hands out no version",
    ),
    (
        "early_hints_and_continue",
        "it hands out `100 Continue` as the response",
    ),
    (
        "header_without_end",
        "it reports a line that is too long as a connection that was lost",
    ),
    (
        "bodies_of_every_framing",
        "it fails at a chunked body with trailers",
    ),
    ("the_request_arrives_as_it_was_given", USER_AGENT),
    (
        "tls_cut_within_the_body",
        "it takes a connection that was cut for the end of the body",
    ),
    ("proxy_that_hangs", NO_PHASES),
    ("proxy_that_dribbles", NO_PHASES),
    ("proxy_that_closes", WHO_CLOSED),
];

pub const ISAHC: [Cannot; 11] = [
    (
        "close_within_the_head",
        "it hands out a head that was cut as a whole response",
    ),
    (
        "malformed_chunk_size",
        "it reports a malformed chunk as a connection that was lost",
    ),
    (
        "body_too_large_by_its_length",
        "it hands out no head before the body has begun",
    ),
    ("the_request_arrives_as_it_was_given", USER_AGENT),
    ("self_signed_certificate", NO_REASON),
    ("expired_certificate", NO_REASON),
    ("certificate_of_another_host", NO_REASON),
    ("certificate_of_an_unknown_authority", NO_REASON),
    ("proxy_that_closes", WHO_CLOSED),
    (
        "connection_lost_while_used_again",
        "it sends a request again if a connection of its pool is lost; only a transport that gives up the pool \
         (`connection_cache_size(0)`, and no claim of one) does not",
    ),
    (
        "length_and_chunks_end_the_connection",
        "it uses a connection again that has lost its framing; the same way out",
    ),
];

const USER_AGENT: &str = "it adds a `User-Agent`, and nothing turns that off";
const NO_PHASES: &str = "it does not say whether the time ran out before the tunnel stood or after";
const WHO_CLOSED: &str = "it does not say whether the proxy closed the connection or the server";
const NO_REASON: &str = "the certificate is refused, but isahc does not hand out curl's reason, so the error cannot tell what to do";
