//! What a chain of steps brings about.

use http::Response as HttpResponse;

use super::Response;
use super::judge::{Carried, Judged, Known};
use crate::time::Now;
use crate::transport::Failure;
use crate::wire::IssuedToken;

/// What a [`Step`](super::Step) is a step of: a call of an [`Endpoint`](crate::wire::Endpoint), a
/// [`Download`](super::Download), or a [`UsableToken`](super::UsableToken).
///
/// Every endpoint is a job; implement that trait for a new one. This trait is sealed.
pub trait Job: Sized + sealed::Sealed {
    /// What it brings.
    type Output;

    /// What the reply to its own request holds.
    #[doc(hidden)]
    type Data;

    /// Reads what came back to its own request. Runs without the session.
    #[doc(hidden)]
    fn read(
        &self,
        came: Result<HttpResponse<Vec<u8>>, Failure>,
        now: Now,
        known: &Known,
        carried: Carried<'_>,
    ) -> Judged<Self::Data>;

    /// What it brings, made of what was read.
    #[doc(hidden)]
    fn output(response: Response<Self::Data>) -> Self::Output;

    /// What it brings if all it wants is a token.
    #[doc(hidden)]
    fn from_token(_token: Response<IssuedToken>) -> Option<Self::Output> {
        None
    }
}

pub(super) mod sealed {
    /// Only this crate makes jobs.
    #[expect(unnameable_types, reason = "that is what seals a trait")]
    pub trait Sealed {}
}
