//! A job that wants a token in hand and nothing else.

use std::convert::Infallible;
use std::time::Duration;

use http::Response as HttpResponse;

use super::flight::Goal;
use super::job::{Job, sealed};
use super::judge::{Carried, Judged, Known, Refusal};
use super::{Call, CallId, Event, Response, Session};
use crate::charge::Charges;
use crate::error::Error;
use crate::time::Now;
use crate::transport::Failure;
use crate::wire::{Code, Endpoint as _, GenerateToken, IssuedToken};

/// The job of [`Call::token`]: a usable access token, requested only if none is held.
#[derive(Clone, Copy, Debug)]
pub struct UsableToken(());

impl Call<UsableToken> {
    /// Asks for a usable access token. A session that holds one gives it out without a request, and then the response
    /// has no body.
    pub const fn token() -> Self {
        Self::of(UsableToken(()), Goal::Token)
    }
}

impl Session {
    /// What a call for a token does that finds one in hand: most do, and need no flight for it. Nothing if it has to ask, or
    /// to look closer.
    pub(crate) fn token_at_hand(
        &mut self,
        total: Option<Duration>,
        now: Now,
    ) -> Option<Response<IssuedToken>> {
        let total = total.unwrap_or(self.config.retry.total_time());
        let (token, left) = self.token.fresh(now).filter(|_| !total.is_zero())?;
        let issued = IssuedToken {
            token: token.clone(),
            expired_time: self.skew.corrected(now.wall).saturating_add(left),
        };
        let call = CallId(self.next_call());
        let path = GenerateToken::PATH;
        self.note(|| Event::CallBegun {
            call,
            path,
            wait: None,
        });
        self.note(|| Event::CallEnded {
            call,
            path,
            took: Duration::ZERO,
            sends: 0,
            charges: Charges::NONE,
            code: Some(Code::Success),
            transaction_id: None,
            error: None,
        });
        Some(Response {
            clock_offset: self.skew.offset(),
            ..Response::of(issued)
        })
    }
}

impl sealed::Sealed for UsableToken {}

impl Job for UsableToken {
    type Output = Response<IssuedToken>;
    type Data = Infallible;

    /// It sends nothing of its own, so there is nothing to read.
    fn read(
        &self,
        _came: Result<HttpResponse<Vec<u8>>, Failure>,
        _now: Now,
        _known: &Known,
        _carried: Carried<'_>,
    ) -> Judged<Infallible> {
        Judged::free(Err(Refusal::never(Error::missing_data())), None)
    }

    fn output(response: Response<Infallible>) -> Response<IssuedToken> {
        match *response.data() {}
    }

    fn from_token(token: Response<IssuedToken>) -> Option<Response<IssuedToken>> {
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{AccessToken, Credentials};
    use crate::session::{Config, ExportedToken, Step};
    use crate::time::UnixMillis;

    /// A session that holds a token for an hour, and records what happens.
    fn session() -> Session {
        let mut session = Session::new(Config::new(), Credentials::new("a", "b").unwrap(), 7);
        let ends = UnixMillis::new(1_700_003_600_000);
        assert!(session.adopt_token(ExportedToken::new(AccessToken::new("t").unwrap(), ends), at(0)));
        session.record_events(true);
        session
    }

    fn at(seconds: u64) -> Now {
        Now {
            wall: UnixMillis::new(1_700_000_000_000 + seconds * 1_000),
            mono: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn a_token_at_hand_is_what_a_call_for_it_brings() {
        let (mut short, mut long) = (session(), session());
        let given = short.token_at_hand(None, at(60)).unwrap();
        let Step::Done(Ok(called)) = long.begin(Call::token(), at(60)) else {
            panic!("there is a token");
        };
        assert_eq!(given.data(), called.data());
        assert_eq!(
            (given.sends(), given.charges(), given.raw()),
            (called.sends(), called.charges(), called.raw())
        );
        let [short, long] = [&mut short, &mut long].map(Session::take_events);
        assert_eq!(format!("{short:?}"), format!("{long:?}"));
        assert_eq!(short.len(), 2);
    }

    #[test]
    fn what_needs_a_closer_look_is_left_to_a_call() {
        let mut session = session();
        // Due for renewal, over, and no time at all.
        for (seconds, total) in [(3_599, None), (3_600, None), (60, Some(Duration::ZERO))] {
            assert!(session.token_at_hand(total, at(seconds)).is_none(), "{seconds}");
        }
        assert!(session.take_events().is_empty());
        assert!(session.token_at_hand(None, at(60)).is_some());
    }
}
