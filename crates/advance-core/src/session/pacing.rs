//! How often tokens are replaced: what does not cure is not tried again for a minute.

use std::time::Duration;

/// How far apart two replacements are at the least.
const APART: Duration = Duration::from_secs(5);

/// The same, if the last two were not much further apart: two processes may be ending each other's tokens.
const FURTHER_APART: Duration = Duration::from_secs(11);

/// How long a replacement that cured nothing is not tried again.
const MINUTE: Duration = Duration::from_secs(60);

/// The same, if no token came and the path is known to have worked: then something is wrong that a token may mend.
const BRIEF: Duration = Duration::from_secs(10);

/// What a replacement that does not cure its call uses up a minute of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Of this path, on which the doubted token was accepted before.
    Path(&'static str),
    /// Of what all other paths share.
    Shared,
}

/// Why there is no replacement now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The last one was too short a while ago: this long is left.
    Apart(Duration),
    /// The last one cured nothing.
    Minute,
}

/// When tokens were replaced, by the clock that cannot jump.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    last: Option<Duration>,
    /// The last one followed the one before it soon.
    soon: bool,
    used: Vec<(Scope, Duration)>,
}

impl Pacing {
    pub(super) fn may(&self, scope: Scope, mono: Duration) -> Result<(), Held> {
        if self
            .used
            .iter()
            .any(|(other, until)| *other == scope && *until > mono)
        {
            return Err(Held::Minute);
        }
        self.may_after_the_last(mono)
    }

    /// Whether the last one was long enough ago, cure or not.
    pub(super) fn may_after_the_last(&self, mono: Duration) -> Result<(), Held> {
        let apart = if self.soon { FURTHER_APART } else { APART };
        match self.last.map(|last| last.saturating_add(apart)) {
            Some(until) if until > mono => Err(Held::Apart(until.saturating_sub(mono))),
            _ => Ok(()),
        }
    }

    /// Whether a replacement began at this very moment.
    pub(super) fn began_at(&self, mono: Duration) -> bool {
        self.last == Some(mono)
    }

    /// A replacement begins. Unless it cures, it has used up a minute.
    pub(super) fn begins(&mut self, scope: Scope, mono: Duration) {
        let since = self.last.map(|last| mono.saturating_sub(last));
        self.soon = since.is_some_and(|since| since < FURTHER_APART + APART);
        self.last = Some(mono);
        self.used_until(scope, mono.saturating_add(MINUTE));
    }

    /// No token came, and the server did not say why.
    pub(super) fn fails(&mut self, scope: Scope, mono: Duration) {
        if let Scope::Path(_) = scope {
            self.used_until(scope, mono.saturating_add(BRIEF));
        }
    }

    /// The server said why there is no token, and keeps the session from asking by that.
    pub(super) fn is_refused(&mut self, scope: Scope) {
        self.soon = false;
        self.gives_back(scope);
    }

    /// It was none after all.
    pub(super) fn takes_back(&mut self, scope: Scope) {
        (self.last, self.soon) = (None, false);
        self.gives_back(scope);
    }

    /// It cured a call: the minute is given back.
    pub(super) fn gives_back(&mut self, scope: Scope) {
        self.used.retain(|(other, _)| *other != scope);
    }

    fn used_until(&mut self, scope: Scope, until: Duration) {
        self.gives_back(scope);
        self.used.push((scope, until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;
    const HERE: Scope = Scope::Path("/here");

    #[test]
    fn what_cures_nothing_uses_up_a_minute_of_its_own() {
        let mut pacing = Pacing::default();
        pacing.begins(HERE, S(100));
        assert_eq!(pacing.may(HERE, S(159)), Err(Held::Minute));
        assert_eq!(pacing.may(Scope::Shared, S(105)), Ok(()));
        assert_eq!(pacing.may(HERE, S(160)), Ok(()));
        pacing.begins(Scope::Shared, S(200));
        pacing.fails(Scope::Shared, S(201));
        assert_eq!(pacing.may(Scope::Shared, S(259)), Err(Held::Minute));
    }

    #[test]
    fn what_cures_gives_it_back_and_two_are_apart_all_the_same() {
        let mut pacing = Pacing::default();
        pacing.begins(HERE, S(100));
        pacing.gives_back(HERE);
        assert_eq!(pacing.may(HERE, S(103)), Err(Held::Apart(S(2))));
        assert_eq!(pacing.may(Scope::Shared, S(104)), Err(Held::Apart(S(1))));
        assert_eq!(pacing.may(HERE, S(105)), Ok(()));
    }

    #[test]
    fn the_third_in_a_row_comes_later_unless_the_server_said_why() {
        let mut pacing = Pacing::default();
        for at in [100, 105] {
            pacing.begins(HERE, S(at));
            pacing.gives_back(HERE);
        }
        assert_eq!(pacing.may(HERE, S(110)), Err(Held::Apart(S(6))));
        assert_eq!(pacing.may(HERE, S(116)), Ok(()));
        pacing.is_refused(HERE);
        assert_eq!(pacing.may(HERE, S(110)), Ok(()));
    }

    #[test]
    fn a_path_that_worked_is_tried_again_soon_if_no_token_came() {
        let mut pacing = Pacing::default();
        pacing.begins(HERE, S(100));
        pacing.fails(HERE, S(101));
        assert_eq!(pacing.may(HERE, S(110)), Err(Held::Minute));
        assert_eq!(pacing.may(HERE, S(111)), Ok(()));
    }
}
