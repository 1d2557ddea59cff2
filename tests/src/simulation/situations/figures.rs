//! What is counted while a situation is played, and how it compares with what a user must see.

use std::fmt;
use std::time::Duration;

/// What a user must see.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The least share of the calls that are served, in percent.
    pub served: f64,
    /// The longest that any call takes, denied ones included.
    pub worst: Duration,
    /// The longest that a call of a served stream takes.
    pub worst_served: Duration,
    /// The most token requests of one process in a minute, on the average.
    pub tokens: f64,
    /// How long after the last event, at the most, a call of a served stream may begin and fail.
    pub recovery: Duration,
    /// The most requests of its own that a call of a denied stream sends, on the average.
    pub denied_sends: f64,
    /// The most that are sent in a second, as a multiple of the calls that begin in one.
    pub rush: f64,
}

impl Bounds {
    /// Nothing goes wrong that a user would notice.
    pub const ALL_IS_WELL: Self = Self {
        served: 100.0,
        worst: Duration::from_secs(15),
        worst_served: Duration::from_secs(1),
        tokens: 1.0,
        recovery: Duration::ZERO,
        denied_sends: 2.1,
        rush: 4.0,
    };
}

/// What was counted, over one run or several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// How many runs these are.
    pub runs: u32,
    /// Calls that should succeed, and how many did.
    pub served: (u64, u64),
    /// Calls that cannot succeed, and how many did all the same.
    pub denied: (u64, u64),
    /// Requests that calls of either kind sent for themselves.
    pub own_sends: (u64, u64),
    /// Requests for tokens.
    pub token_requests: u64,
    /// Minutes that the processes lived, all together.
    pub minutes: f64,
    /// The longest call of either kind.
    pub longest: (Duration, Duration),
    /// How long after the last event a call began that should have succeeded and failed.
    pub recovery: Duration,
    /// The most sends in one second of monotonic time, over the calls that begin in one.
    pub rush: f64,
    /// Errors that showed an id, a message or a body of another call's reply.
    pub foreign: u64,
    /// Tokens that were exported as alive past their end.
    pub dead_exports: u64,
    /// Runs that found no end: calls woke each other for ever.
    pub endless: u64,
    /// An error of a call that should have succeeded, for a reader who looks for the reason.
    pub example: Option<String>,
}

impl Figures {
    /// Adds another run.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        let pair = |mine: &mut (u64, u64), theirs: (u64, u64)| {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        };
        pair(&mut self.served, other.served);
        pair(&mut self.denied, other.denied);
        pair(&mut self.own_sends, other.own_sends);
        self.token_requests += other.token_requests;
        self.minutes += other.minutes;
        self.longest.0 = self.longest.0.max(other.longest.0);
        self.longest.1 = self.longest.1.max(other.longest.1);
        self.recovery = self.recovery.max(other.recovery);
        self.rush = self.rush.max(other.rush);
        self.foreign += other.foreign;
        self.endless += other.endless;
        self.dead_exports += other.dead_exports;
        self.example = self.example.take().or(other.example);
    }

    /// The share of the calls that should succeed, in percent.
    pub fn success(&self) -> f64 {
        percent(self.served)
    }

    /// Token requests of one process in a minute.
    pub fn tokens(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let requests = self.token_requests as f64;
        requests / self.minutes
    }

    /// Requests of its own that a denied call sends.
    pub fn denied_sends(&self) -> f64 {
        per_one(self.own_sends.1, self.denied.0)
    }

    /// Requests of its own that a call sends which should succeed.
    pub fn served_sends(&self) -> f64 {
        per_one(self.own_sends.0, self.served.0)
    }

    /// What a user would complain about.
    pub fn complaints(&self, bounds: &Bounds) -> Vec<String> {
        let mut found = Vec::new();
        let mut least = |what: &str, is: f64, at_least: f64| {
            if is < at_least {
                found.push(format!("{what}: {is:.3}, and at least {at_least} is wanted"));
            }
        };
        least(
            "share of the calls that succeed, in percent",
            self.success(),
            bounds.served,
        );
        let mut most = |what: &str, is: f64, at_most: f64| {
            if is > at_most {
                found.push(format!("{what}: {is:.3}, and at most {at_most} is wanted"));
            }
        };
        let seconds = |duration: Duration| duration.as_secs_f64();
        // A run of few minutes has its first token all the same.
        let first = f64::from(self.runs) / self.minutes;
        most("token requests a minute", self.tokens(), bounds.tokens.max(first));
        most(
            "the longest call that should succeed, in s",
            seconds(self.longest.0),
            seconds(bounds.worst_served),
        );
        most(
            "the longest call, in s",
            seconds(self.longest.0.max(self.longest.1)),
            seconds(bounds.worst),
        );
        most("recovery, in s", seconds(self.recovery), seconds(bounds.recovery));
        if self.denied.0 > 0 {
            most(
                "requests of a denied call",
                self.denied_sends(),
                bounds.denied_sends,
            );
        }
        most("sends in a second, over the calls in one", self.rush, bounds.rush);
        most(
            "dead tokens exported as alive",
            per_one(self.dead_exports, 1),
            0.0,
        );
        most("runs without an end", per_one(self.endless, 1), 0.0);
        most(
            "errors with something of another call",
            per_one(self.foreign, 1),
            0.0,
        );
        if !found.is_empty()
            && let Some(example) = &self.example
        {
            found.push(format!("for example: {example}"));
        }
        found
    }

    /// What the columns of the table are called.
    pub const HEAD: &'static str =
        "succeed %  worst s  recovery s  tokens/min  sends/call  denied: sends/call  worst s  rush  foreign";
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn per_one(of: u64, all: u64) -> f64 {
    of as f64 / all.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn percent((all, succeeded): (u64, u64)) -> f64 {
    if all == 0 {
        100.0
    } else {
        succeeded as f64 * 100.0 / all as f64
    }
}

impl fmt::Display for Figures {
    /// One line of the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (served, denied) = self.longest;
        write!(
            f,
            "{:9.3}  {:7.2}  {:10.1}  {:10.2}  {:10.2}  {:18.2}  {:7.2}  {:4.1}  {:7}",
            self.success(),
            served.as_secs_f64(),
            self.recovery.as_secs_f64(),
            self.tokens(),
            self.served_sends(),
            self.denied_sends(),
            denied.as_secs_f64(),
            self.rush,
            self.foreign,
        )
    }
}
