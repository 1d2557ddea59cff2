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
    /// A request with it was refused, or may have been.
    pub(super) refused: bool,
    /// How often its renewal was tried.
    pub(super) renewals: u32,
}

#[derive(Default)]
pub(super) struct Tokens {
    known: Vec<Token>,
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
        let token = self.entry(text);
        token.got = at;
        token.adopted = true;
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
                refused: false,
                renewals: 0,
            });
            self.known.len() - 1
        });
        &mut self.known[place]
    }
}

/// The token in the reply to a token request, if there is one.
pub(super) fn token_in(body: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("\"token\":\"")?;
    Some(rest.split_once('"')?.0)
}
