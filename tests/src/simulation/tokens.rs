//! The tokens of a run: when the vendor ends them, and what the client did with them.

use std::time::Duration;

use advance_sandbox::UnixMs;

/// What is known of one token.
pub(super) struct Token {
    text: String,
    /// When the vendor will no longer have it, if the vendor issued it.
    pub(super) ends: Option<UnixMs>,
    /// When the client got it.
    pub(super) got: Duration,
    pub(super) adopted: bool,
    /// When it was asked for, if it replaced one that had been rejected.
    pub(super) replaces: Option<Duration>,
    /// How often its renewal was tried.
    pub(super) renewals: u32,
}

#[derive(Default)]
pub(super) struct Tokens {
    known: Vec<Token>,
    first_rejection: Option<Duration>,
    /// The next token replaces one that was rejected.
    replacing: bool,
}

impl Tokens {
    pub(super) fn issued(&mut self, text: &str, ends: UnixMs) {
        let token = self.entry(text);
        token.ends = Some(ends);
    }

    pub(super) fn got(&mut self, text: &str, at: Duration) {
        self.entry(text).got = at;
    }

    pub(super) fn adopted(&mut self, text: &str, at: Duration) {
        self.replacing = false;
        let token = self.entry(text);
        token.got = at;
        token.adopted = true;
        token.replaces = None;
        token.renewals = 0;
    }

    pub(super) fn entry(&mut self, text: &str) -> &mut Token {
        let place = self.known.iter().position(|token| token.text == text);
        let place = place.unwrap_or_else(|| {
            self.known.push(Token {
                text: text.to_owned(),
                ends: None,
                got: Duration::ZERO,
                adopted: false,
                replaces: None,
                renewals: 0,
            });
            self.known.len() - 1
        });
        &mut self.known[place]
    }

    /// A token arrived that was asked for at `asked`; whether it came into use is known.
    pub(super) fn installed(&mut self, text: &str, asked: Duration, in_use: bool) {
        if std::mem::take(&mut self.replacing) && in_use {
            self.entry(text).replaces = Some(asked);
        }
    }

    /// The token in use was rejected. Says whether the machine has to take it for a replacement that failed at once.
    pub(super) fn dropped(&mut self, text: &str, at: Duration) -> bool {
        self.replacing = true;
        let asked = self.entry(text).replaces;
        asked.is_some_and(|asked| at.saturating_sub(asked) < Duration::from_secs(60))
    }

    /// Something was told that may have been a rejection.
    pub(super) fn perhaps_rejected(&mut self, at: Duration) {
        self.first_rejection.get_or_insert(at);
    }

    /// A rejection of this token was told. Says whether the machine may take it for a replacement that failed at once.
    pub(super) fn rejected(&mut self, text: &str, at: Duration) -> bool {
        let got = self.entry(text).got;
        let first = *self.first_rejection.get_or_insert(at);
        first <= got && at.saturating_sub(got) < Duration::from_secs(60) && first < at
    }
}

/// The token in the reply to a token request, if there is one.
pub(super) fn token_in(body: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("\"token\":\"")?;
    Some(rest.split_once('"')?.0)
}
