//! What must hold on every seed, by name.

use std::fmt;

macro_rules! invariants {
    ($($name:ident = $text:literal: $meaning:literal,)+) => {
        /// What must hold on every seed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Invariant {
            $(#[doc = $meaning] $name,)+
        }

        impl Invariant {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it says.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)+
                }
            }
        }
    };
}

invariants! {
    BoundedTime = "bounded-time":
        "A call ends within its total time, and no attempt may outlast it.",
    BoundedSends = "bounded-sends":
        "A call sends its own request at most attempts + 24 times, and asks for tokens a bounded number of times.",
    TwoPerWindow = "two-per-window":
        "At most two token requests are made to renew one token.",
    OneAsker = "one-asker":
        "No two token requests are under way at the same time, unless the first has passed its limit.",
    OneReAcquisition = "one-re-acquisition":
        "A call asks for another token only once, and only after two refusals, the first by the one in use.",
    NoChargedResend = "no-charged-resend":
        "What was charged is never sent again, and what may have been charged only by the caller's word.",
    TrueCharges = "true-charges":
        "What a call and a session say they cost is what the vendor's ledger says, as far as a reply could tell.",
    NoLostWakeUp = "no-lost-wake-up":
        "No call waits for a token while there is one, or while none asks for one.",
    NoDeadlock = "no-deadlock":
        "Every call comes to its end.",
    NoEarlySurrender = "no-early-surrender":
        "A call gives up only for a reason: a limit, its policy, the budget, or the server's word.",
    CalmSucceeds = "calm-succeeds":
        "A call that begins when nothing goes wrong any more succeeds.",
    LateRejection = "late-rejection":
        "A refusal takes the token from no call: the next one has it, as long as the one that was refused lives.",
    RetryAfter = "retry-after":
        "A call does not repeat a request before the server will have it, nor long after.",
    NoSecretShown = "no-secret-shown":
        "No key, token or signature is shown by an error, its sources, an event or the session.",
    OneColdRequest = "one-cold-request":
        "While nothing goes wrong there is one token request for all, and the next not before the token ends soon.",
    NoDeadTokenSent = "no-dead-token-sent":
        "A token is not used past its end.",
    AnswersAreKept = "answers-are-kept":
        "An answer that arrives ends its call with success.",
    RenewalIsOptional = "renewal-is-optional":
        "A failed renewal is not a failed call while the old token lives.",
    LongerLife = "longer-life":
        "A token that arrives does not shorten the life of one that no call was refused with.",
    SharedVerdict = "shared-verdict":
        "The server's refusal to issue a token is heard by everybody who waited for it, without asking again.",
    OneRepair = "one-repair":
        "A call repairs the clock once.",
    BudgetBites = "budget-bites":
        "There are no more retries of an endpoint than its budget has; one that succeeds gives back what it took.",
    WaitsEnd = "waits-end":
        "A wait ends when a poll from after its link's end is answered, soon after that in any case, or with its caller's time.",
    PollPace = "poll-pace":
        "A wait asks when its pause is over, or at once when it is nudged; after a nudge its pauses are short again.",
    WaitsAreEnded = "waits-are-ended":
        "A wait that is cancelled sends no more, and ends as soon as nothing of it is under way.",
    WholeBatch = "whole-batch":
        "A batch has an outcome for every id, in the order given, and each is that id's own.",
    BatchLimits = "batch-limits":
        "No more of a batch is under way than its limit, and no two begin sooner than its interval.",
    OwnVerdict = "own-verdict":
        "A call that is denied ends with the server's word for that.",
    FewTokens = "few-tokens":
        "Where one thing is wrong, few tokens are asked for.",
    OneStory = "one-story":
        "What the events tell of a call is one story: it begins, its attempts begin and end in turn, and it ends once.",
    AsDocumented = "as-documented":
        "A request is what the vendor's document asks for, and the token travels nowhere else.",
    OwnWords = "own-words":
        "What the end of a call says of the vendor's reply came to that call.",
    PacedReplacements = "paced-replacements":
        "Two replacements of a token begin five seconds apart at the least.",
    PatientWithYouth = "patient-with-youth":
        "A token that was issued less than twelve seconds ago, after one that was good, is not replaced for refusals.",
    OthersAreEvidence = "others-are-evidence":
        "A token is not replaced while a request that was sent after the first refusal was accepted with it.",
    BothClocks = "both-clocks":
        "A token that is over by the wall clock is not used before its renewal was tried.",
    UsersSucceed = "users-succeed":
        "A call succeeds if nothing happens to it but what the machine promises to mend.",
    CoolDown = "cool-down":
        "After a refusal that does not pass, no call asks for a token for a while.",
}

/// An invariant that did not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// What happened, and when.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n  {}",
            self.invariant.name(),
            self.invariant.meaning(),
            self.what
        )
    }
}

pub(crate) type Checked = Result<(), Violation>;

/// Passes if it holds.
pub(crate) fn ensure(invariant: Invariant, holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds {
        return Ok(());
    }
    Err(Violation {
        invariant,
        what: what(),
    })
}
