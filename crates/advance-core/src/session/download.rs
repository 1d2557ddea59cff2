//! Fetching a photograph: a job without the token.
//!
//! The link leads to another host than the API and is a secret by itself, so the request carries nothing else: no
//! token, no cookie, no referrer. Where it may lead is the caller's list, for the link comes out of a reply.

use http::{Response as HttpResponse, Uri};

use super::flight::{Address, Goal};
use super::headers::{is_encoded, retry_after, server_time};
use super::job::{Job, sealed};
use super::judge::{Carried, Judged, Known, Refusal, Resend};
use super::passing::{self, Passing};
use super::response::Meta;
use super::{Call, Response};
use crate::domain::{ImageLink, Picture};
use crate::error::{Error, ErrorKind, ProtocolFault};
use crate::time::Now;
use crate::transport::{Failure, may_reach};
use crate::url::{DownloadPolicy, authority_flaw};
use crate::wipe::Wiped;

/// The job of [`Call::download`]: a photograph.
#[derive(Clone, Copy, Debug)]
pub struct Download(());

impl Call<Download> {
    /// Fetches a photograph, without the token, from the hosts that the policy lists. What it costs is time: the vendor
    /// charges nothing for it.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if the link may not be followed.
    pub fn download(link: &ImageLink, policy: &DownloadPolicy) -> Result<Self, Error> {
        let address = Address {
            uri: address(link, policy)?,
            max_bytes: policy.largest(),
            insecure: policy.insecure().cloned(),
        };
        Ok(Self::of(Download(()), Goal::Picture(Box::new(address))))
    }
}

fn address(link: &ImageLink, policy: &DownloadPolicy) -> Result<Uri, Error> {
    let refuse = |rule| Err(Error::invalid("image link", rule));
    let Ok(uri) = link.expose_url().parse::<Uri>() else {
        return refuse("is not a URL");
    };
    let Some(authority) = uri.authority().filter(|_| uri.scheme().is_some()) else {
        return refuse("is not an absolute URL");
    };
    if let Some(rule) = authority_flaw(authority) {
        return refuse(rule);
    }
    if may_reach(&uri, policy.insecure()).is_err() {
        return refuse("must be https");
    }
    if !policy.allows(authority.host()) {
        return refuse(
            "leads to a host that is not on the list; add it with DownloadPolicy::host if it is to be trusted",
        );
    }
    if link.origin().is_none() {
        return refuse("must not contain spaces or control characters");
    }
    Ok(uri)
}

impl sealed::Sealed for Download {}

impl Job for Download {
    type Output = Picture;
    type Data = Picture;

    fn read(
        &self,
        came: Result<HttpResponse<Vec<u8>>, Failure>,
        now: Now,
        known: &Known,
        _carried: Carried<'_>,
    ) -> Judged<Picture> {
        judge(came, now, known)
    }

    fn output(response: Response<Picture>) -> Picture {
        response.into_data()
    }
}

/// The picture, or why there is none and whether another try may bring it. Nothing of this is charged, so what was sent
/// does not matter.
fn judge(came: Result<HttpResponse<Vec<u8>>, Failure>, now: Now, known: &Known) -> Judged<Picture> {
    let response = match came {
        Ok(response) => response,
        Err(failure) => {
            let passes = passing::failure(failure.kind());
            let kind = ErrorKind::Transport(failure.kind());
            let error = Error::picture(kind, failure.kind().explanation()).caused_by(failure);
            return Judged::free(Err(refusal(error, passes)), None);
        }
    };
    // It is no picture, and it came where a photograph of somebody's card was to come.
    let (response, body) = response.into_parts();
    let body = Wiped::new(body);
    let status = response.status;
    let refused = |kind, what| Err(refusal(Error::picture(kind, what), false));
    let result = if status.is_redirection() {
        refused(
            ErrorKind::Protocol(ProtocolFault::Redirect),
            "the host of the picture answered with a redirect, which is not followed",
        )
    } else if status == http::StatusCode::FORBIDDEN {
        refused(
            ErrorKind::ImageExpired,
            "the host of the picture refused: its link has ended, or was never good",
        )
    } else if !status.is_success() {
        let date = server_time(&response.headers);
        let here = known.skew.corrected(now.wall);
        let told = retry_after(&response.headers).map(|after| after.wait(date.unwrap_or(here)));
        let kind = ErrorKind::Protocol(ProtocolFault::Status(status.as_u16()));
        let error = Error::picture(kind, "the host of the picture refused").with_retry_after(told);
        Err(refusal(error, passing::status(status.as_u16()) != Passing::No))
    } else if is_encoded(&response.headers) {
        refused(
            ErrorKind::Protocol(ProtocolFault::Encoding),
            "the picture is compressed although nobody asked for that",
        )
    } else {
        Picture::recognise(body)
            .map(|picture| (picture, Meta::default()))
            .ok_or_else(|| {
                let what = "what came is neither a PNG nor a JPEG";
                refusal(Error::picture(ErrorKind::NotAPicture, what), false)
            })
    };
    Judged::free(result, Some(status))
}

fn refusal(error: Error, passes: bool) -> Refusal {
    let resend = if passes { Resend::Allowed } else { Resend::Never };
    Refusal {
        retry_after: error.retry_after(),
        error,
        resend,
        price: resend,
    }
}
