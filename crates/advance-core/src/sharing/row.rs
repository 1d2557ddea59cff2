//! What a store keeps of one key, and how it answers. A store loads a row, asks it and saves it, in one transaction.

use std::time::Duration;

use super::{Claimed, ClientId, Setback, SharedToken, TokenClaim, TokenLease, TokenWish};
use crate::secret::AccessToken;
use crate::time::UnixMillis;
use crate::wire::{Code, Period};

/// No lease is longer.
const LONGEST_LEASE: Duration = Duration::from_secs(600);

/// No setback is longer.
const LONGEST_SETBACK: Duration = Duration::from_secs(60);

/// What is left of a token at the least, so that a request with it arrives.
const MOMENT: Duration = Duration::from_secs(1);

/// How far apart two replacements are, if the client that asks has seen the token accepted.
const APART: Duration = Duration::from_secs(5);

/// The same, if it has not: it may be its own calls that are not allowed. Also if the last two were closer than [`OFTEN`]: where
/// many clients have calls that are not allowed, each new token is soon seen accepted and soon refused.
const FAR_APART: Duration = Duration::from_secs(60);

/// Replacements that cure something are not needed as often as this.
const OFTEN: Duration = Duration::from_secs(120);

/// What a store keeps of one [key](super::TokenKey). All times are by the store's clock, and `now` is what that says inside the
/// transaction.
///
/// A clock that is set back holds nothing up: no lease, pause or life is believed to be longer than it can have been.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRow {
    /// The number of the latest lease; zero if there was none.
    pub fence: u64,
    /// Who has it, if that client said who it is.
    pub leased_by: Option<ClientId>,
    /// When it was granted.
    pub leased_at: Option<UnixMillis>,
    /// When it is over; none if it was ended.
    pub leased_until: Option<UnixMillis>,
    /// The fence under which the token was published; zero if there was none.
    pub generation: u64,
    /// The token: a live secret until it ends.
    pub token: Option<AccessToken>,
    /// When it was published.
    pub issued_at: Option<UnixMillis>,
    /// When it ends.
    pub ends_at: Option<UnixMillis>,
    /// When a lease was last granted to replace a token that lived. One that brought nothing does not count, once it has ended.
    pub replaced_at: Option<UnixMillis>,
    /// The same, the time before.
    pub replaced_before: Option<UnixMillis>,
    /// The vendor's code, if it refused a token.
    pub refused_code: Option<Code>,
    /// Until when it is left alone.
    pub refused_until: Option<UnixMillis>,
}

impl TokenRow {
    /// The answer to a claim that changes nothing, so that a store need not lock the row for it. None if the claim is to be
    /// granted a lease: then lock the row, and [`claim`](Self::claim).
    pub fn look(&self, claim: &TokenClaim, now: UnixMillis) -> Option<Claimed> {
        if let Some(token) = self.token_for(claim.wish, now) {
            return Some(Claimed::Token(token));
        }
        if self.is_held(claim) {
            return None;
        }
        let longest = self.leased_until.zip(self.leased_at);
        let longest = longest.map_or(Duration::ZERO, |(until, at)| until.saturating_since(at));
        if let Some(left) = left(self.leased_until, now, longest) {
            return Some(Claimed::Wait(left));
        }
        if let Some(pause) = left(self.refused_until, now, LONGEST_SETBACK) {
            return Some(Claimed::Refused(Setback::new(self.refused_code.as_ref(), pause)));
        }
        self.kept(claim.wish, now).map(Claimed::Kept)
    }

    /// Answers a claim. Save the row afterwards if the answer is [`Claimed::Lead`]; any other changes nothing.
    pub fn claim(&mut self, claim: &TokenClaim, now: UnixMillis) -> Claimed {
        if let Some(answer) = self.look(claim, now) {
            return answer;
        }
        if self.is_held(claim) {
            if self.is_replacing() {
                self.replaced_at = Some(now);
            }
        } else {
            (self.replaced_at, self.replaced_before) = self.replacements();
            self.fence = self.fence.saturating_add(1);
            if self.refuses_the_one_here(claim.wish, now) {
                self.replaced_before = self.replaced_at;
                self.replaced_at = Some(now);
            }
        }
        if self.life_left(now).is_none() {
            // A dead secret need not be kept.
            self.token = None;
        }
        self.leased_by = claim.client;
        self.leased_at = Some(now);
        self.leased_until = Some(now.saturating_add(claim.lease.min(LONGEST_LEASE)));
        Claimed::Lead(TokenLease::new(claim.key.clone(), self.fence))
    }

    /// Takes a token that was brought under a lease. Says no, and changes nothing, if another lease was granted since.
    #[must_use = "what is published under a former lease is not kept"]
    pub fn publish(
        &mut self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        now: UnixMillis,
    ) -> bool {
        if lease.fence != self.fence || lease.fence == 0 {
            return false;
        }
        let granted = self.leased_at.unwrap_or(now);
        self.token = Some(token.clone());
        self.generation = lease.fence;
        self.issued_at = Some(now);
        self.ends_at = Some(granted.saturating_add(life.min(Period::MAX.duration())));
        self.leased_until = None;
        (self.refused_code, self.refused_until) = (None, None);
        true
    }

    /// Ends a lease that brought nothing. Says no, and changes nothing, if it is no longer the latest or has ended.
    pub fn give_back(&mut self, lease: &TokenLease, setback: Option<&Setback>, now: UnixMillis) -> bool {
        if lease.fence != self.fence || self.leased_until.is_none() {
            return false;
        }
        if setback.is_none() {
            (self.replaced_at, self.replaced_before) = self.replacements();
        }
        self.leased_until = None;
        if let Some(setback) = setback {
            self.refused_code.clone_from(&setback.code);
            self.refused_until = Some(now.saturating_add(setback.pause.min(LONGEST_SETBACK)));
        }
        true
    }

    /// The token, if it will do.
    fn token_for(&self, wish: TokenWish, now: UnixMillis) -> Option<SharedToken> {
        let left = self.life_left(now)?;
        let (former, longer_than) = match wish {
            TokenWish::Any => (None, MOMENT),
            TokenWish::Renewed { generation, left } => (generation, left.max(MOMENT)),
            TokenWish::Other { generation, .. } => (generation, MOMENT),
        };
        if former == Some(self.generation) || left <= longer_than {
            return None;
        }
        let age = now.saturating_since(self.issued_at?);
        Some(SharedToken::new(self.token.clone()?, self.generation, left, age))
    }

    /// What is left of the token, if it lives.
    fn life_left(&self, now: UnixMillis) -> Option<Duration> {
        self.token.as_ref()?;
        let (issued, ends) = (self.issued_at?, self.ends_at?);
        let left = ends.saturating_since(now).min(ends.saturating_since(issued));
        (!left.is_zero()).then_some(left)
    }

    /// Whether the client that asks holds the latest lease, over or not.
    fn is_held(&self, claim: &TokenClaim) -> bool {
        self.leased_until.is_some() && claim.client.is_some() && claim.client == self.leased_by
    }

    fn refuses_the_one_here(&self, wish: TokenWish, now: UnixMillis) -> bool {
        let TokenWish::Other { generation, .. } = wish else {
            return false;
        };
        generation == Some(self.generation) && self.life_left(now).is_some()
    }

    /// Whether the latest lease is one to replace a token, and has brought none so far.
    fn is_replacing(&self) -> bool {
        self.leased_until.is_some() && self.replaced_at.is_some() && self.replaced_at == self.leased_at
    }

    /// When a token was last replaced, and the time before, as it is if the latest lease brings nothing.
    fn replacements(&self) -> (Option<UnixMillis>, Option<UnixMillis>) {
        if self.is_replacing() {
            (self.replaced_before, None)
        } else {
            (self.replaced_at, self.replaced_before)
        }
    }

    /// How long the token stays that a client refuses, if no lease is under way.
    fn kept(&self, wish: TokenWish, now: UnixMillis) -> Option<Duration> {
        let TokenWish::Other { accepted, .. } = wish else {
            return None;
        };
        if !self.refuses_the_one_here(wish, now) {
            return None;
        }
        let (last, before) = self.replacements();
        let apart = if accepted && !is_often(last, before) {
            APART
        } else {
            FAR_APART
        };
        left(last.map(|at| at.saturating_add(apart)), now, apart)
    }
}

/// Whether these two replacements are so close that they cure nothing.
fn is_often(last: Option<UnixMillis>, before: Option<UnixMillis>) -> bool {
    last.zip(before)
        .is_some_and(|(last, before)| before <= last && last.saturating_since(before) < OFTEN)
}

/// What is left until then, if it is not over and not further away than it can have been.
fn left(until: Option<UnixMillis>, now: UnixMillis, longest: Duration) -> Option<Duration> {
    let left = until?.saturating_since(now);
    (!left.is_zero() && left <= longest).then_some(left)
}
