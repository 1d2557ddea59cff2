//! A job that wants a token in hand and nothing else.

use std::convert::Infallible;

use http::Response as HttpResponse;

use super::flight::Goal;
use super::job::{Job, sealed};
use super::judge::{Carried, Judged, Known, Refusal};
use super::{Call, Response};
use crate::error::Error;
use crate::time::Now;
use crate::transport::Failure;
use crate::wire::IssuedToken;

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
