//! The runs. A new one is an entry here; a new kind of reply is a line in `replies`.

use std::time::Duration;

#[allow(
    clippy::wildcard_imports,
    reason = "the table is written in the words of the alphabet"
)]
use super::replies::*;
use super::scope::{Asks, Depth, Nodes, Policy, Scope, Start, Trouble};

const fn departures(most: usize) -> Depth {
    Depth::Departures(most)
}

/// Every kind of reply to a token request.
const TOKEN: &[Reply] = &[
    OK, BRIEF, DEAD, ERROR, BUSY_TOLD, PARAMETER, DISABLED, IAM, SORRY, FORBIDDEN, CUT, UNREACHED, RESET,
];

/// Every kind of reply to get-result and generate-url.
const OWN: &[Reply] = &[
    OK, PAID, NO_DATA, IAM, IAM_PAID, UNKNOWN_ID, ERROR, BUSY_TOLD, SORRY, FORBIDDEN, CUT, UNREACHED, RESET,
];

/// The rest, for the runs of one call.
const ALL_TOKEN: &[Reply] = &[
    OK,
    BRIEF,
    DEAD,
    NO_DATA,
    ERROR,
    BUSY,
    BUSY_TOLD,
    LATER_LONG,
    TOO_MANY,
    PARAMETER,
    ECHO,
    DISABLED,
    IAM,
    BALANCE,
    UNDOCUMENTED,
    SORRY,
    SORRY_TOLD,
    BROKEN,
    FORBIDDEN,
    REDIRECT,
    CUT,
    EMPTY,
    UNREACHED,
    RESET,
    HALF,
    UNTRUSTED,
];
const ALL_OWN: &[Reply] = &[
    OK,
    PAID,
    UNPRICED,
    NO_DATA,
    NO_DATA_PAID,
    IAM,
    IAM_PAID,
    IAM_TOLD,
    UNKNOWN_ID,
    ERROR,
    ERROR_PAID,
    BUSY,
    BUSY_TOLD,
    LATER_LONG,
    TOO_MANY,
    PARAMETER,
    ECHO,
    DISABLED,
    BALANCE,
    UNDOCUMENTED,
    SORRY,
    SORRY_TOLD,
    BROKEN,
    FORBIDDEN,
    REDIRECT,
    CUT,
    EMPTY,
    UNREACHED,
    RESET,
    HALF,
    UNTRUSTED,
];

/// Few words, for the runs whose subject is something else.
const FEW_TOKEN: &[Reply] = &[OK, ERROR, DISABLED, RESET];
const FEW_OWN: &[Reply] = &[OK, IAM, BUSY_TOLD, RESET];

/// What every run begins with, for those that differ in little.
const PLAIN: Scope = Scope {
    name: "",
    covers: "",
    depth: (departures(0), departures(0)),
    asks: &[],
    start: Start::Cold,
    token: FEW_TOKEN,
    own: FEW_OWN,
    vendor: Nodes::Say,
    troubles: &[],
    policy: Policy::DEFAULT,
    gap: Duration::ZERO,
    succeed: &[],
};

/// All of them.
pub const SCOPES: &[Scope] = &[
    Scope {
        name: "one-cold",
        covers: "one get-result without a token; 26 kinds of reply to generate-token, 31 to its own; the policy as it is",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result],
        token: ALL_TOKEN,
        own: ALL_OWN,
        ..PLAIN
    },
    Scope {
        name: "one-window",
        covers: "the same while the token is due for renewal; ten seconds in all",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result],
        start: Start::Window,
        token: ALL_TOKEN,
        own: ALL_OWN,
        policy: Policy::DEFAULT.times(10, 5),
        ..PLAIN
    },
    Scope {
        name: "two-cold-each",
        covers: "two get-results at once without a token, each life to its end; 13 kinds of reply to each request; one attempt, ten seconds in all",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result, Asks::Result],
        token: TOKEN,
        own: OWN,
        policy: Policy::DEFAULT.attempts(1).times(10, 5),
        ..PLAIN
    },
    Scope {
        name: "two-window-each",
        covers: "the same while the token is due for renewal",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result, Asks::Result],
        start: Start::Window,
        token: TOKEN,
        own: OWN,
        policy: Policy::DEFAULT.attempts(1).times(10, 5),
        ..PLAIN
    },
    Scope {
        name: "two-cold-again",
        covers: "two get-results at once without a token, each life to its end; one reply of each class; two attempts, ten seconds in all",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result, Asks::Result],
        policy: Policy::DEFAULT.attempts(2).times(10, 5),
        ..PLAIN
    },
    Scope {
        name: "two-window-again",
        covers: "the same while the token is due for renewal",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result, Asks::Result],
        start: Start::Window,
        policy: Policy::DEFAULT.attempts(2).times(10, 5),
        ..PLAIN
    },
    Scope {
        name: "two-cold",
        covers: "two get-results at once without a token; 13 kinds of reply to each request; two attempts",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Result],
        token: TOKEN,
        own: OWN,
        policy: Policy::DEFAULT.attempts(2),
        ..PLAIN
    },
    Scope {
        name: "two-window",
        covers: "the same while the token is due for renewal",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Result],
        start: Start::Window,
        token: TOKEN,
        own: OWN,
        policy: Policy::DEFAULT.attempts(2),
        ..PLAIN
    },
    Scope {
        name: "two-warm",
        covers: "get-result and generate-url at once with a token that was accepted; 13 kinds of reply",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link],
        start: Start::Warm,
        token: TOKEN,
        own: OWN,
        ..PLAIN
    },
    Scope {
        name: "three-cold",
        covers: "get-result, generate-url and a token by hand at once; four kinds of reply",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link, Asks::Token],
        ..PLAIN
    },
    Scope {
        name: "given-up",
        covers: "two calls, each given up at any point, without a token and with one in its window; four kinds of reply",
        depth: (departures(3), Depth::Complete),
        asks: &[Asks::Result, Asks::Link],
        troubles: &[(Trouble::GivesUp, 2)],
        ..PLAIN
    },
    Scope {
        name: "given-up-window",
        covers: "the same while the token is due for renewal",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link],
        start: Start::Window,
        troubles: &[(Trouble::GivesUp, 2)],
        ..PLAIN
    },
    Scope {
        name: "late-transport",
        covers: "two calls over a transport that notices three seconds late that a limit is over, so that replies outlive their lease",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Result],
        troubles: &[(Trouble::IsLate, 2)],
        ..PLAIN
    },
    Scope {
        name: "hurry",
        covers: "two calls with three seconds in all and two for an attempt: deadlines, backoffs and limits race replies",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link],
        token: &[OK, ERROR, BUSY_TOLD, RESET],
        policy: Policy::DEFAULT.times(3, 2),
        ..PLAIN
    },
    Scope {
        name: "retry-after",
        covers: "three calls that are told to come later, in seconds, in more than a minute, by a page and by a status",
        depth: (departures(3), departures(4)),
        asks: &[Asks::Result, Asks::Link, Asks::Result],
        token: &[OK, BUSY_TOLD, LATER_LONG, TOO_MANY, SORRY_TOLD],
        own: &[OK, IAM_TOLD, BUSY_TOLD, LATER_LONG, TOO_MANY, SORRY_TOLD],
        ..PLAIN
    },
    Scope {
        name: "clock",
        covers: "two calls while the wall clock jumps an hour either way at any point",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link],
        token: &[OK, PARAMETER, ERROR, DISABLED],
        own: &[OK, IAM, RESET],
        troubles: &[(Trouble::Jumps(3_600), 1), (Trouble::Jumps(-3_600), 1)],
        ..PLAIN
    },
    Scope {
        name: "asleep",
        covers: "three calls, a second apart or at once, on a machine that sleeps two hours at any two points",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link, Asks::Result],
        start: Start::Warm,
        token: &[OK, ERROR],
        own: &[OK, IAM, RESET],
        troubles: &[(Trouble::Sleeps(7_200), 2)],
        gap: Duration::from_secs(1),
        ..PLAIN
    },
    Scope {
        name: "denied",
        covers: "get-result is denied for good, two generate-urls are not and have to succeed",
        depth: (departures(5), Depth::Complete),
        asks: &[Asks::Link, Asks::Result, Asks::Link],
        token: &[],
        own: &[],
        vendor: Nodes::Know {
            after: Duration::ZERO,
            deny: Some(Asks::Result),
        },
        succeed: &[Asks::Link],
        ..PLAIN
    },
    Scope {
        name: "only-denied",
        covers: "three get-results that are denied for good, with no other traffic; the token endpoint fails at times",
        depth: (departures(4), Depth::Complete),
        asks: &[Asks::Result, Asks::Result, Asks::Result],
        start: Start::Warm,
        token: &[ERROR],
        own: &[],
        vendor: Nodes::Know {
            after: Duration::ZERO,
            deny: Some(Asks::Result),
        },
        ..PLAIN
    },
    Scope {
        name: "lagging",
        covers: "a vendor that knows a token three seconds after its issue: three calls succeed",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Result, Asks::Link, Asks::Result],
        token: &[],
        own: &[],
        vendor: Nodes::Know {
            after: Duration::from_secs(3),
            deny: None,
        },
        succeed: &[Asks::Link, Asks::Result],
        ..PLAIN
    },
    Scope {
        name: "revoked",
        covers: "the token is revoked at any point: three calls succeed",
        depth: (departures(5), Depth::Complete),
        asks: &[Asks::Result, Asks::Link, Asks::Result],
        start: Start::Warm,
        token: &[],
        own: &[],
        vendor: Nodes::Know {
            after: Duration::ZERO,
            deny: None,
        },
        troubles: &[(Trouble::Revokes, 1)],
        succeed: &[Asks::Link, Asks::Result],
        ..PLAIN
    },
    Scope {
        name: "revoked-again",
        covers: "tokens are revoked between calls that are twelve seconds apart: each call succeeds",
        depth: (departures(5), Depth::Complete),
        asks: &[Asks::Result, Asks::Result, Asks::Result],
        start: Start::Warm,
        token: &[],
        own: &[],
        vendor: Nodes::Know {
            after: Duration::ZERO,
            deny: None,
        },
        troubles: &[(Trouble::RevokesBetween, 3)],
        gap: Duration::from_secs(12),
        succeed: &[Asks::Result],
        ..PLAIN
    },
    Scope {
        name: "budget",
        covers: "three calls to two endpoints with one retry in stock for each",
        depth: (departures(4), Depth::Complete),
        asks: &[Asks::Result, Asks::Link, Asks::Link],
        start: Start::Warm,
        own: &[OK, ERROR, UNREACHED],
        policy: Policy {
            budget: 1,
            ..Policy::DEFAULT
        },
        ..PLAIN
    },
    Scope {
        name: "charged",
        covers: "two calls that may be charged twice by their caller's word; seven kinds of reply with and without a price",
        depth: (departures(4), Depth::Complete),
        asks: &[Asks::Result, Asks::Link],
        start: Start::Warm,
        own: &[OK, PAID, UNPRICED, ERROR_PAID, IAM_PAID, HALF, RESET],
        policy: Policy {
            maybe_charged: true,
            ..Policy::DEFAULT
        },
        ..PLAIN
    },
    Scope {
        name: "wait",
        covers: "a wait for a link of ten minutes beside a call; unfinished, charged, odd and failing polls; given up at any point",
        depth: (departures(2), departures(4)),
        asks: &[Asks::Wait, Asks::Result],
        start: Start::Warm,
        own: &[UNFINISHED, OK, UNFINISHED_PAID, IAM, UNKNOWN_ID, BUSY_TOLD, RESET],
        troubles: &[(Trouble::GivesUp, 1)],
        ..PLAIN
    },
    Scope {
        name: "batch",
        covers: "a batch of eight results, two at a time, without a token; five kinds of reply",
        depth: (departures(2), departures(4)),
        asks: &[Asks::Batch(8)],
        own: &[OK, PAID, IAM, BUSY_TOLD, RESET],
        ..PLAIN
    },
    Scope {
        name: "download",
        covers: "a picture beside a get-result; eight kinds of reply; each given up at any point",
        depth: (departures(3), departures(5)),
        asks: &[Asks::Picture, Asks::Result],
        own: &[
            PICTURE, EXPIRED, SORRY_TOLD, BROKEN, REDIRECT, EMPTY, UNREACHED, RESET,
        ],
        troubles: &[(Trouble::GivesUp, 1)],
        ..PLAIN
    },
];
