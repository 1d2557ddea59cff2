//! The machine under test, as the world holds it: a session that is driven by hand, or a client.

use std::fmt;
use std::time::Duration;

use advance_core::session::{Call, Event, ExportedToken, Waited};
use advance_core::transport::Limits;
use advance_core::{Charges, Error, GenerateUrl, GetResult, Now, Response, WaitControl, WaitPolicy};
use http::Request;

use super::hand::{Outcome, Summary};

/// What a caller asks of the machine.
pub(super) enum Asked {
    Url(Call<GenerateUrl>),
    Result(Call<GetResult>),
    Token,
    /// A result that is waited for. Only a client heeds the handle.
    Wait(Box<WaitPolicy>, Option<WaitControl>),
}

/// What comes of it.
#[expect(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Done {
    Call(Result<Summary, Error>),
    Wait(Waited),
}

impl Done {
    pub(super) fn of<T>(result: Result<Response<T>, Error>) -> Self {
        Self::Call(result.map(|response| Summary::of(&response)))
    }
}

/// What a call asks of the world next.
#[expect(clippy::large_enum_variant, reason = "each lives for a moment")]
pub(super) enum Turn {
    Send(Box<Request<Vec<u8>>>, Limits),
    Sleep(Duration),
    /// Sleep no longer than this, and only while there is no news of the token.
    WaitForToken(Duration),
    Done(Done),
    /// It was to go on, and does not.
    Stuck,
}

/// A call, or a wait, is named by its number in the world.
pub(super) trait Machine {
    fn begin(&mut self, call: usize, asked: Asked, now: Now) -> Turn;

    /// This came of the call's request.
    fn answered(&mut self, call: usize, now: Now, outcome: Outcome) -> Turn;

    /// It has slept long enough, or there is news of the token.
    fn waited(&mut self, call: usize, now: Now) -> Turn;

    /// It begins its wait for a token in earnest; `false` if there is news already.
    fn waits_on(&mut self, call: usize, now: Now) -> bool;

    /// Whether what was done to a wait's handle woke it. A thread that was not shows that by going on no more.
    fn is_woken(&self, call: usize) -> bool;

    /// Its caller drops it.
    fn gives_up(&mut self, call: usize, now: Now);

    /// Its caller is never heard of again, and has dropped nothing.
    fn vanishes(&mut self, call: usize);

    /// Which of these, who wait for a token, are woken by what happened last.
    fn take_woken(&mut self, waiting: &[usize]) -> Vec<usize>;

    fn take_events(&mut self) -> Vec<Event>;

    fn export_token(&self, now: Now) -> Option<ExportedToken>;

    fn adopt_token(&mut self, stored: ExportedToken, now: Now) -> bool;

    fn charges(&self) -> Charges;

    /// What a program could write to its log.
    fn shown(&self) -> &dyn fmt::Debug;
}
