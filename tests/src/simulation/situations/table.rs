//! The situations, one after the other, each with what a user must see in it.

use std::time::Duration;

use super::figures::Bounds;

/// A world to live in, and what must come of it.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// In a few words.
    pub name: &'static str,
    /// The row of `FAULTS.md` that it shows.
    pub row: &'static str,
    /// How long calls begin.
    pub span: Duration,
    /// How long tokens are asked to live, in seconds.
    pub period: u64,
    /// Who calls what, and how often.
    pub streams: &'static [Stream],
    /// What happens, and when, by the monotonic clock.
    pub events: &'static [(Duration, Event)],
    /// From which token on (the first is 1) each node knows a token only so long after its issue.
    pub lag: (u64, &'static [Duration]),
    /// Of a thousand requests, how many meet a node that knows no token at all.
    pub bad_nodes: u64,
    /// When tokens die, which may differ from what was told.
    pub dies_after: Option<Duration>,
    /// Each new token ends all older ones.
    pub exclusive: bool,
    /// How a request with a bad token, or a denied one, is answered.
    pub refusal: Refusal,
    /// What a user must see.
    pub bounds: Bounds,
}

/// Calls of one kind, at a fixed rate.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    /// How long from one to the next.
    pub every: Duration,
    /// What they ask for.
    pub asks: Asks,
    /// What becomes of them at the vendor.
    pub fate: Fate,
    /// Which process they belong to: each has a session of its own.
    pub process: usize,
    /// When the first of them begins.
    pub begins: Duration,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A link.
    Link,
    /// A link for another country.
    LinkElsewhere,
    /// A result.
    Result,
}

/// What becomes of the calls of a stream, a good token provided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They succeed.
    Served,
    /// They are not allowed, and never will be.
    Denied,
    /// They meet `ERROR` every time.
    Dead,
    /// They vanish: no reply comes.
    Silent,
    /// Of a thousand, so many meet `SERVICE_BUSY`.
    Shaky(u64),
}

/// How the vendor refuses a request for its token, or for its right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `IAM_FAILED` with HTTP 200.
    Envelope,
    /// The same with this status.
    Status(u16),
    /// This status, with a page.
    Page(u16),
    /// `IAM_FAILED` with `Retry-After`, in seconds.
    RetryAfter(u64),
    /// `IAM_FAILED` with a price that is not documented.
    Price(&'static str),
}

/// Something that happens at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// All tokens that were issued are no longer good.
    Revoke,
    /// The account is disabled; whether generate-token says so.
    Disable {
        /// It does.
        told: bool,
    },
    /// It is enabled again; whether the tokens from before and from meanwhile are good again.
    Enable {
        /// They are.
        alive: bool,
    },
    /// generate-token answers 503 with a page.
    TokensDown,
    /// It works again.
    TokensUp,
    /// The wall clock of every process is set to another time, by so many milliseconds.
    Jump(i64),
    /// The machine sleeps so long: the wall clock goes on, and the monotonic one stands still.
    Sleep(Duration),
    /// The first process keeps a copy of its token.
    Keep,
    /// It puts that copy back.
    Adopt,
}

const fn calls(per_second: u64, asks: Asks, fate: Fate) -> Stream {
    Stream {
        every: Duration::from_micros(1_000_000 / per_second),
        asks,
        fate,
        process: 0,
        begins: Duration::ZERO,
    }
}

const fn of_process(process: usize, stream: Stream) -> Stream {
    Stream { process, ..stream }
}

const RESULTS: &[Stream] = &[calls(50, Asks::Result, Fate::Served)];
const BESIDE_A_DENIED_ENDPOINT: &[Stream] = &[
    calls(40, Asks::Result, Fate::Served),
    calls(10, Asks::Link, Fate::Denied),
];
const BESIDE_A_DENIED_COUNTRY: &[Stream] = &[
    calls(40, Asks::Link, Fate::Served),
    calls(10, Asks::LinkElsewhere, Fate::Denied),
];

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Nothing special about it.
const PLAIN: Situation = Situation {
    name: "",
    row: "",
    span: s(120),
    period: 3_600,
    streams: RESULTS,
    events: &[],
    lag: (1, &[]),
    bad_nodes: 0,
    dies_after: None,
    exclusive: false,
    refusal: Refusal::Envelope,
    bounds: Bounds::ALL_IS_WELL,
};

const fn named(name: &'static str, row: &'static str) -> Situation {
    Situation { name, row, ..PLAIN }
}

const WELL: Bounds = Bounds::ALL_IS_WELL;

/// A denied endpoint may cost a token a minute, in the long run.
const BESIDE_DENIED: Bounds = Bounds { tokens: 1.2, ..WELL };

/// Two hours of sleep after every half minute awake.
const NAPS: [(Duration, Event); 23] = {
    let mut naps = [(Duration::ZERO, Event::Sleep(s(7_200))); 23];
    let mut nap = 0;
    while nap < naps.len() {
        naps[nap].0 = s(30 * (nap as u64 + 1));
        nap += 1;
    }
    naps
};

/// All there are.
pub const SITUATIONS: &[Situation] = &[
    named("all is well", "–"),
    Situation {
        streams: BESIDE_A_DENIED_ENDPOINT,
        span: s(300),
        bounds: BESIDE_DENIED,
        ..named("a denied endpoint", "80")
    },
    Situation {
        streams: BESIDE_A_DENIED_COUNTRY,
        span: s(300),
        bounds: BESIDE_DENIED,
        ..named("a denied country", "80")
    },
    Situation {
        streams: &[
            calls(20, Asks::Result, Fate::Served),
            Stream {
                every: s(10),
                ..calls(1, Asks::Link, Fate::Denied)
            },
        ],
        span: s(300),
        bounds: Bounds {
            denied_sends: 2.7,
            ..BESIDE_DENIED
        },
        ..named("a denied call every ten seconds", "80")
    },
    Situation {
        streams: &[calls(10, Asks::Link, Fate::Denied)],
        span: s(600),
        bounds: Bounds {
            denied_sends: 2.3,
            rush: 15.0,
            ..BESIDE_DENIED
        },
        ..named("only denied calls", "80")
    },
    Situation {
        lag: (1, &[ms(60)]),
        bounds: Bounds {
            worst_served: s(2),
            ..WELL
        },
        ..named("tokens known 60 ms late", "81")
    },
    Situation {
        lag: (1, &[s(1)]),
        bounds: Bounds {
            worst_served: s(3),
            ..WELL
        },
        ..named("tokens known 1 s late", "81")
    },
    Situation {
        lag: (1, &[s(10)]),
        bounds: Bounds {
            worst_served: s(13),
            rush: 12.0,
            ..WELL
        },
        ..named("tokens known 10 s late", "81")
    },
    Situation {
        lag: (1, &[s(10)]),
        period: 120,
        span: s(600),
        bounds: Bounds {
            worst_served: s(13),
            rush: 12.0,
            ..WELL
        },
        ..named("tokens known 10 s late, of 2 min", "81")
    },
    Situation {
        lag: (2, &[s(10)]),
        period: 600,
        span: s(700),
        streams: &[calls(20, Asks::Result, Fate::Served)],
        ..named("from the second on, of 10 min", "81")
    },
    Situation {
        lag: (2, &[Duration::ZERO, s(10)]),
        period: 600,
        span: s(700),
        streams: &[calls(20, Asks::Result, Fate::Served)],
        ..named("the same on half of the nodes", "81")
    },
    Situation {
        lag: (1, &[Duration::ZERO, s(10)]),
        bounds: Bounds {
            served: 97.0,
            worst_served: s(13),
            recovery: s(20),
            tokens: 2.0,
            ..WELL
        },
        ..named("a cold start, half of the nodes late", "81")
    },
    Situation {
        lag: (1, &[Duration::ZERO, s(10)]),
        streams: &[calls(1, Asks::Result, Fate::Served)],
        span: s(600),
        bounds: Bounds {
            served: 98.0,
            worst_served: s(13),
            recovery: s(60),
            tokens: 1.0,
            rush: 12.0,
            ..WELL
        },
        ..named("the same, a call a second", "81")
    },
    Situation {
        bad_nodes: 10,
        span: s(300),
        bounds: Bounds {
            served: 99.5,
            recovery: s(300),
            // Who meets three of them in a row pauses.
            worst_served: s(5),
            ..WELL
        },
        ..named("one bad node of a hundred", "82")
    },
    Situation {
        bad_nodes: 50,
        span: s(300),
        bounds: Bounds {
            served: 97.0,
            recovery: s(300),
            tokens: 3.0,
            worst_served: s(5),
            ..WELL
        },
        ..named("one of twenty", "82")
    },
    Situation {
        bad_nodes: 250,
        span: s(300),
        bounds: Bounds {
            served: 94.0,
            recovery: s(300),
            tokens: 6.7,
            worst_served: s(5),
            ..WELL
        },
        ..named("one of four", "82")
    },
    Situation {
        events: &[(s(60), Event::Revoke)],
        ..named("revoked", "83")
    },
    Situation {
        events: &[(s(60), Event::Revoke), (s(65), Event::Revoke)],
        bounds: Bounds {
            served: 99.9,
            tokens: 1.5,
            recovery: s(1),
            ..WELL
        },
        ..named("revoked, and again 5 s later", "83")
    },
    Situation {
        events: &[(s(60), Event::Revoke), (s(62), Event::Revoke)],
        bounds: Bounds {
            served: 99.9,
            worst_served: s(5),
            // All have waited for the five seconds to be over.
            rush: 8.0,
            tokens: 1.5,
            recovery: s(1),
            ..WELL
        },
        ..named("revoked, and again 2 s later", "83")
    },
    Situation {
        streams: BESIDE_A_DENIED_ENDPOINT,
        events: &[(s(100), Event::Revoke)],
        span: s(180),
        bounds: Bounds {
            served: 99.9,
            tokens: 1.8,
            worst_served: s(6),
            recovery: s(1),
            ..WELL
        },
        ..named("revoked beside a denied endpoint", "80, 83")
    },
    Situation {
        streams: BESIDE_A_DENIED_COUNTRY,
        events: &[(s(100), Event::Revoke)],
        span: s(180),
        bounds: Bounds {
            served: 97.0,
            tokens: 2.4,
            worst_served: s(6),
            recovery: s(5),
            ..WELL
        },
        ..named("revoked beside a denied country", "80, 83")
    },
    Situation {
        lag: (2, &[s(5)]),
        events: &[(s(60), Event::Revoke)],
        bounds: Bounds {
            served: 99.9,
            worst_served: s(8),
            rush: 12.0,
            recovery: s(1),
            ..WELL
        },
        ..named("revoked, the next known 5 s late", "81, 83")
    },
    Situation {
        events: &[
            (s(60), Event::Disable { told: true }),
            (s(360), Event::Enable { alive: true }),
        ],
        span: s(420),
        bounds: Bounds {
            tokens: 12.0,
            recovery: s(6),
            served: 99.0,
            ..WELL
        },
        ..named("disabled for 5 min", "83")
    },
    Situation {
        events: &[
            (s(60), Event::Disable { told: true }),
            (s(360), Event::Enable { alive: false }),
        ],
        span: s(420),
        bounds: Bounds {
            tokens: 12.0,
            recovery: s(6),
            served: 97.0,
            worst_served: s(6),
            ..WELL
        },
        ..named("disabled for 5 min, old tokens dead", "83")
    },
    Situation {
        events: &[
            (s(60), Event::Disable { told: false }),
            (s(360), Event::Enable { alive: true }),
        ],
        span: s(420),
        bounds: Bounds {
            recovery: s(6),
            served: 99.0,
            tokens: 2.0,
            rush: 12.0,
            denied_sends: 4.0,
            worst_served: s(13),
            ..WELL
        },
        ..named("disabled, and tokens are issued", "83")
    },
    Situation {
        events: &[
            (s(60), Event::Disable { told: false }),
            (s(360), Event::Enable { alive: false }),
        ],
        span: s(480),
        bounds: Bounds {
            recovery: s(61),
            served: 50.0,
            tokens: 2.0,
            rush: 12.0,
            denied_sends: 4.0,
            worst_served: s(13),
            ..WELL
        },
        ..named("the same, those tokens dead later", "83")
    },
    Situation {
        streams: BESIDE_A_DENIED_ENDPOINT,
        events: &[(s(30), Event::TokensDown), (s(630), Event::TokensUp)],
        span: s(660),
        bounds: Bounds { tokens: 2.0, ..WELL },
        ..named("token endpoint down, an endpoint denied", "83a")
    },
    Situation {
        streams: &[
            calls(20, Asks::Result, Fate::Served),
            Stream {
                begins: s(7),
                ..of_process(1, calls(20, Asks::Result, Fate::Served))
            },
        ],
        exclusive: true,
        span: s(300),
        bounds: Bounds {
            tokens: 6.0,
            worst_served: s(15),
            rush: 12.0,
            ..WELL
        },
        ..named("two processes end each other's tokens", "83a")
    },
    Situation {
        streams: &[
            calls(20, Asks::Result, Fate::Served),
            of_process(1, calls(20, Asks::Result, Fate::Served)),
        ],
        exclusive: true,
        span: s(300),
        bounds: Bounds {
            served: 99.0,
            tokens: 6.0,
            worst: s(25),
            worst_served: s(25),
            recovery: s(20),
            rush: 12.0,
            ..WELL
        },
        ..named("two that begin at the same moment", "83a")
    },
    Situation {
        dies_after: Some(s(20)),
        span: s(300),
        bounds: Bounds { tokens: 3.3, ..WELL },
        ..named("tokens that die after 20 s of an hour", "83a")
    },
    Situation {
        dies_after: Some(s(60)),
        period: 120,
        span: s(600),
        bounds: Bounds { tokens: 1.2, ..WELL },
        ..named("tokens that die at half of their life", "83a")
    },
    Situation {
        refusal: Refusal::Page(401),
        events: &[(s(60), Event::Revoke)],
        ..named("revoked, and told by a 401 page", "84")
    },
    Situation {
        refusal: Refusal::Status(403),
        events: &[(s(60), Event::Revoke)],
        ..named("revoked, and told with status 403", "84")
    },
    Situation {
        streams: BESIDE_A_DENIED_ENDPOINT,
        refusal: Refusal::Page(401),
        span: s(300),
        bounds: BESIDE_DENIED,
        ..named("denied by a 401 page", "84")
    },
    Situation {
        streams: &[
            calls(10, Asks::Link, Fate::Shaky(50)),
            calls(40, Asks::Result, Fate::Dead),
        ],
        span: s(300),
        bounds: Bounds {
            served: 99.9,
            worst_served: s(3),
            recovery: s(300),
            ..WELL
        },
        ..named("another endpoint is dead", "85")
    },
    Situation {
        streams: &[
            calls(10, Asks::Link, Fate::Shaky(50)),
            Stream {
                every: ms(500),
                ..calls(1, Asks::Result, Fate::Silent)
            },
        ],
        span: s(300),
        bounds: Bounds {
            served: 99.9,
            worst_served: s(3),
            worst: s(46),
            recovery: s(300),
            ..WELL
        },
        ..named("another endpoint is silent", "85")
    },
    Situation {
        streams: &[calls(10, Asks::Link, Fate::Shaky(200))],
        span: s(300),
        bounds: Bounds {
            // Three in a row are to be expected of one in 125 calls.
            served: 98.5,
            worst_served: s(3),
            recovery: s(300),
            ..WELL
        },
        ..named("one request of five meets SERVICE_BUSY", "85")
    },
    Situation {
        streams: BESIDE_A_DENIED_ENDPOINT,
        refusal: Refusal::RetryAfter(10),
        span: s(180),
        bounds: Bounds {
            worst: s(31),
            ..BESIDE_DENIED
        },
        ..named("denied, with Retry-After", "80")
    },
    Situation {
        refusal: Refusal::Price("DISCOUNT"),
        events: &[(s(60), Event::Revoke)],
        bounds: Bounds {
            served: 99.0,
            recovery: s(1),
            ..WELL
        },
        ..named("revoked, at a price that is not known", "83")
    },
    Situation {
        streams: &[calls(5, Asks::Result, Fate::Served)],
        events: &NAPS,
        span: s(720),
        bounds: Bounds {
            worst_served: s(2),
            ..WELL
        },
        ..named("asleep for 2 h, 23 times", "87")
    },
    Situation {
        events: &[
            (s(60), Event::Jump(86_000_000)),
            (s(90), Event::Jump(-172_000_000)),
            (s(120), Event::Jump(86_000_000)),
        ],
        span: s(180),
        bounds: Bounds { tokens: 2.0, ..WELL },
        ..named("the wall clock jumps by a day", "62, 88")
    },
    Situation {
        events: &[
            (s(10), Event::Keep),
            (s(60), Event::Revoke),
            (s(70), Event::Adopt),
        ],
        ..named("revoked, and adopted again", "83")
    },
];
