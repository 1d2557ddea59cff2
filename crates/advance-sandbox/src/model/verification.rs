//! One verification, from its link to its end.

use std::time::Duration;

use super::bounded::Measured;
use super::ending::{Ending, Ready};
use super::failure::Failure;
use super::outcome::Outcome;
use super::scenario::{Oddity, Script};
use super::time::UnixMs;

/// What is known of one verification.
#[derive(Clone)]
pub(super) struct Verification {
    /// Access key of the account that began it.
    pub(super) owner: String,
    pub(super) return_url: String,
    pub(super) fail_return_url: String,
    pub(super) user_id: Option<String>,
    pub(super) began: UnixMs,
    pub(super) link_expires: UnixMs,
    /// How long checking takes once the person has finished.
    pub(super) lag: Duration,
    pub(super) polls: u32,
    ending: Option<Ending>,
    ready: Ready,
    /// What its `userId` asked for besides an ending.
    script: Option<Script>,
    /// Whether a finished result was delivered before.
    pub(super) delivered: bool,
}

/// What one poll finds.
pub(super) enum Poll {
    Fails(Failure),
    Unfinished,
    Finished { ending: Ending, first: bool },
}

impl Measured for Verification {
    fn size(&self) -> usize {
        let text = self.owner.len() + self.return_url.len() + self.fail_return_url.len();
        let user_id = self.user_id.as_ref().map_or(0, String::len);
        size_of::<Self>() + 64 + text + user_id + self.ending.as_ref().map_or(0, Ending::size)
    }
}

impl Verification {
    pub(super) fn new(owner: String, (return_url, fail_return_url): (&str, &str), began: UnixMs) -> Self {
        Self {
            owner,
            return_url: return_url.to_owned(),
            fail_return_url: fail_return_url.to_owned(),
            user_id: None,
            began,
            link_expires: began,
            lag: Duration::ZERO,
            polls: 0,
            ending: None,
            ready: Ready::Now,
            script: None,
            delivered: false,
        }
    }

    /// Does what its `userId` asks for.
    pub(super) fn follow(&mut self, script: Script) {
        match script {
            Script::Ends(outcome, ready) => self.end(outcome.into(), ready),
            Script::Late(lag) => self.lag = lag,
            Script::LinkExpired => self.link_expires = self.began,
            Script::Fails(..) | Script::Odd(_) => {
                self.end(Outcome::Ok.into(), Ready::Now);
                self.script = Some(script);
            }
            Script::TokenLate(_) => {}
        }
    }

    pub(super) fn oddity(&self) -> Option<Oddity> {
        match self.script {
            Some(Script::Odd(oddity)) => Some(oddity),
            _ => None,
        }
    }

    /// A later ending replaces an earlier one. Polls are counted from here.
    pub(super) fn end(&mut self, ending: Ending, ready: Ready) {
        self.ending = Some(ending);
        self.ready = match ready {
            Ready::Poll(number) => Ready::Poll(number.saturating_sub(1)),
            other => other,
        };
    }

    /// The person has finished at the page. Checking takes as long as its scenario says.
    pub(super) fn finish(&mut self, ending: Ending, now: UnixMs) {
        self.end(
            ending,
            if self.lag.is_zero() {
                Ready::Now
            } else {
                Ready::At(now.after(self.lag))
            },
        );
    }

    /// How it ends, whether or not that can be heard yet.
    pub(super) fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// How it ended, once that can be heard.
    pub(super) fn ended(&self, now: UnixMs) -> Option<&Ending> {
        self.ending.as_ref().filter(|_| match self.ready {
            Ready::Now | Ready::Poll(0) => true,
            Ready::At(moment) => moment <= now,
            Ready::Poll(_) | Ready::Never => false,
        })
    }

    pub(super) fn poll(&mut self, now: UnixMs) -> Poll {
        self.polls = self.polls.saturating_add(1);
        if let Some(Script::Fails(_, when, failure)) = &self.script
            && when.hits(self.polls.into(), || 1.0)
        {
            return Poll::Fails(failure.clone());
        }
        let Some(ending) = self.ended(now).cloned() else {
            if let Ready::Poll(early) = &mut self.ready {
                *early = early.saturating_sub(1);
            }
            return Poll::Unfinished;
        };
        Poll::Finished {
            ending,
            first: !std::mem::replace(&mut self.delivered, true),
        }
    }
}
