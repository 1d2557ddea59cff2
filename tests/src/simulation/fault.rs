//! Everything that goes wrong on purpose.

macro_rules! faults {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)+) => {
        /// One kind of thing that goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[$meta])* $name,)+
        }

        impl Fault {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// In a few words, for the summary.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

faults! {
    /// No server listens; nothing was sent.
    Unreachable = "connection refused",
    /// Connecting takes too long; nothing was sent.
    ConnectTimeout = "connect timeout",
    /// The request vanishes on its way.
    RequestLost = "request lost",
    /// The vendor answers, and the answer vanishes.
    ReplyLost = "reply lost",
    /// The connection is reset before a byte left.
    ResetUnsent = "reset, unsent",
    /// It is reset before the request arrived, which cannot be told from the next.
    ResetBefore = "reset before arrival",
    /// It is reset after the vendor did its work.
    ResetAfter = "reset after arrival",
    /// It is lost within the reply's body.
    BodyCut = "body cut",
    /// The certificate is not to be trusted.
    TlsBroken = "tls broken",
    /// The proxy says no.
    ProxyBroken = "proxy broken",
    /// The reply passes the limit.
    ReplyTooLarge = "reply too large",
    /// The reply is no HTTP.
    NotHttp = "not http",
    /// So slow that limits run out.
    Slow = "slow",
    /// One byte of the reply is another.
    Corrupted = "byte corrupted",
    /// The reply ends early, and its length says so.
    Truncated = "reply truncated",
    /// A redirect to somewhere else.
    Redirected = "redirect",
    /// 408, 500, 502 or 504 with a page; the vendor may have done its work.
    ErrorPage = "error page",
    /// 429 or 503 with a page; the vendor never saw the request.
    TurnedAway = "turned away",
    /// 401 or 403 with the page of a firewall.
    Forbidden = "forbidden",
    /// 200 with a login page.
    CaptivePage = "captive page",
    /// 200 with nothing.
    EmptyReply = "empty reply",
    /// Compressed, which was not asked for.
    Compressed = "compressed",
    /// The reply has no Date.
    DateLost = "date lost",
    /// The reply has an Age: it is older than it looks.
    Aged = "aged reply",
    /// `SERVICE_BUSY`, with Retry-After in any form, or without.
    Busy = "SERVICE_BUSY",
    /// `RETRY_LATER`, the same.
    RetryLater = "RETRY_LATER",
    /// `ERROR`.
    ServerError = "ERROR",
    /// `IAM_FAILED` for no reason.
    IamFailed = "IAM_FAILED",
    /// `PARAMETER_ERROR` for no reason.
    ParameterError = "PARAMETER_ERROR",
    /// A code that is about the account.
    AccountCode = "account code",
    /// A code of no document.
    UnknownCode = "unknown code",
    /// A failure that is charged.
    ChargedFailure = "charged failure",
    /// A failure that does not say what it cost.
    UnpricedFailure = "unpriced failure",
    /// `SUCCESS` without data.
    NoData = "no data",
    /// What was sent comes back where the reply has room for it.
    Echo = "echo of secrets",
    /// The vendor forgets all tokens.
    Revoked = "tokens revoked",
    /// The account is disabled for a while.
    Disabled = "account disabled",
    /// One endpoint is denied for a while: `IAM_FAILED` for any token.
    Denied = "endpoint denied",
    /// No reply comes at one endpoint for a while.
    Dead = "endpoint dead",
    /// Tokens are known some time after they were issued.
    KnownLate = "token known late",
    /// The machine sleeps.
    Asleep = "machine asleep",
    /// `expiredTime` lies for a while.
    ExpiryLie = "expiry lies",
    /// `Date` lies for a while.
    DateLie = "date lies",
    /// This machine's wall clock is set to another time.
    ClockJump = "clock jump",
    /// A caller drops its call.
    GaveUp = "caller gave up",
    /// A caller vanishes without a word.
    Vanished = "caller vanished",
    /// A caller is woken too late.
    Late = "late wake-up",
    /// The caller puts back a token that it kept, or one that is no good.
    Adopted = "token adopted",
}

/// How often each kind happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults([u64; Fault::ALL.len()]);

impl Default for Faults {
    fn default() -> Self {
        Self([0; Fault::ALL.len()])
    }
}

impl Faults {
    pub(super) const fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// How often this one happened.
    pub const fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// All together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
