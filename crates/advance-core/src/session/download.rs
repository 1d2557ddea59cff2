//! Fetching a photograph: the same kind of machine as a call, without the token.
//!
//! The link leads to another host than the API and is a secret by itself, so the request carries nothing else: no
//! token, no cookie, no referrer. Where it may lead is the caller's list, for the link comes out of a reply.

use std::net::Ipv6Addr;
use std::time::Duration;

use http::{HeaderValue, Method, Request, Response as HttpResponse, Uri};
use zeroize::Zeroizing;

use super::headers::{is_encoded, retry_after, server_time};
use super::session::{Session, Ticket};
use super::skew::Skew;
use super::step::Until;
use crate::domain::{ImageLink, Picture};
use crate::error::{Error, ErrorKind, ProtocolFault};
use crate::time::{Now, UnixMillis};
use crate::transport::{Failure, FailureKind, Limits, permitted};
use crate::wire::authority_flaw;

/// Where pictures may be fetched from, and how large they may be.
///
/// ```
/// use advance_core::DownloadPolicy;
///
/// let policy = DownloadPolicy::new().host("pictures.example")?.max_bytes(4 << 20);
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DownloadPolicy {
    /// Lower-case; one that begins with a dot stands for every name that ends like this.
    hosts: Vec<String>,
    max_bytes: usize,
}

impl DownloadPolicy {
    /// From the hosts of the documented samples, `*.aliyuncs.com`, and from `*.advance.ai`; up to 16 MiB.
    pub fn new() -> Self {
        Self {
            hosts: vec![".aliyuncs.com".into(), ".advance.ai".into()],
            max_bytes: 16 << 20,
        }
    }

    /// From nowhere yet; up to 16 MiB.
    pub const fn nowhere() -> Self {
        Self {
            hosts: Vec::new(),
            max_bytes: 16 << 20,
        }
    }

    /// From this host too, on any port: a name or an address, with `*.` in front for every name below it. IPv6 may
    /// stand in brackets or not. A host that is this very machine may be asked over plain `http`, any other only over
    /// `https`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if this is no host, or has a port.
    pub fn host(mut self, host: &str) -> Result<Self, Error> {
        let Some(entry) = entry_of(host) else {
            let port = host
                .rsplit_once(':')
                .filter(|(host, port)| entry_of(host).is_some() && port.bytes().all(|b| b.is_ascii_digit()));
            let rule = match port {
                Some(_) => "must be without a port: it is trusted on all of them",
                None => "must be a host name or address, with *. in front for all names below it",
            };
            return Err(Error::invalid("host", rule));
        };
        self.hosts.push(entry);
        Ok(self)
    }

    /// The largest picture to take, in bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    fn allows(&self, host: &str) -> bool {
        let Some(host) = host_of(host) else {
            return false;
        };
        self.hosts.iter().any(|known| {
            if known.starts_with('.') {
                host.ends_with(known)
            } else {
                host == *known
            }
        })
    }
}

/// A host as the list has it; a dot in front stands for `*.`.
fn entry_of(text: &str) -> Option<String> {
    match text.strip_prefix("*.") {
        Some(name) => name_of(name).map(|name| format!(".{name}")),
        None => host_of(text),
    }
}

/// A host in the one notation in which hosts are compared: lower case, IPv6 in its shortest form and in brackets.
fn host_of(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare.unwrap_or(text).parse::<Ipv6Addr>() {
        Ok(ip) => Some(format!("[{ip}]")),
        Err(_) => name_of(text),
    }
}

/// A name, or an IPv4 address. A dot at the end would make another name of it for whoever compares texts.
fn name_of(text: &str) -> Option<String> {
    let plain = |label: &str| {
        let mut bytes = label.bytes();
        !label.is_empty() && bytes.all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    text.split('.').all(plain).then(|| text.to_ascii_lowercase())
}

impl Default for DownloadPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// What to do next in a download; as [`Step`](super::Step) for a call.
#[allow(clippy::large_enum_variant, reason = "each lives for a moment")]
#[must_use = "a download goes on only if its step is carried out"]
pub enum DownloadStep {
    /// Send this within these limits, and tell the outcome.
    Send(Request<Vec<u8>>, Limits, DownloadAwaiting),
    /// Wait, and come back.
    Wait(Until, DownloadPause),
    /// The download has ended.
    Done(Result<Picture, Error>),
}

/// A download whose request is under way.
#[must_use = "a download goes on only if the outcome of its request is told"]
pub struct DownloadAwaiting(Box<Download>);

/// A download whose reply was read, and has yet to be taken to the session.
#[must_use = "a download goes on only if its reply is taken to the session"]
pub struct DownloadAnswered {
    download: Box<Download>,
    judged: Result<Picture, (Error, bool)>,
}

/// A download that waits before it tries again.
#[must_use = "a download goes on only if it is resumed after its wait"]
pub struct DownloadPause(Box<Download>);

/// A download holds no lease and is not charged.
const NOTHING_TO_GIVE_UP: Ticket = Ticket::NONE;

struct Download {
    uri: Uri,
    max_bytes: usize,
    began: Duration,
    tries: u32,
    skew: Skew,
}

impl Session {
    /// Begins to fetch a picture.
    pub fn begin_download(&mut self, link: &ImageLink, policy: &DownloadPolicy, now: Now) -> DownloadStep {
        match address(link, policy) {
            Ok(uri) => {
                let download = Download {
                    uri,
                    max_bytes: policy.max_bytes,
                    began: now.mono,
                    tries: 0,
                    skew: self.skew,
                };
                Box::new(download).send(self, now)
            }
            Err(error) => DownloadStep::Done(Err(error)),
        }
    }
}

fn address(link: &ImageLink, policy: &DownloadPolicy) -> Result<Uri, Error> {
    let refuse = |rule| Err(Error::invalid("image link", rule));
    let Ok(uri) = link.expose_url().parse::<Uri>() else {
        return refuse("is not a URL");
    };
    let Some(authority) = uri.authority() else {
        return refuse("is not an absolute URL");
    };
    if let Some(rule) = authority_flaw(authority) {
        return refuse(rule);
    }
    if permitted(&uri).is_err() {
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

impl DownloadAwaiting {
    #[expect(clippy::unused_self, reason = "as its siblings")]
    pub(crate) const fn ticket(&self) -> Ticket {
        NOTHING_TO_GIVE_UP
    }

    /// The download goes on with what came back, or with what kept it from coming.
    pub fn resume(
        self,
        session: &mut Session,
        now: Now,
        outcome: Result<HttpResponse<Vec<u8>>, Failure>,
    ) -> DownloadStep {
        self.read(now, outcome).resume(session, now)
    }

    /// Reads what came back, without the session; as [`Awaiting::read`](super::Awaiting::read).
    pub fn read(self, now: Now, outcome: Result<HttpResponse<Vec<u8>>, Failure>) -> DownloadAnswered {
        DownloadAnswered {
            judged: judge(outcome, self.0.skew.corrected(now.wall)),
            download: self.0,
        }
    }
}

impl DownloadAnswered {
    /// The download goes on with what was read.
    pub fn resume(self, session: &mut Session, now: Now) -> DownloadStep {
        match self.judged {
            Ok(picture) => {
                session.budget.refund();
                DownloadStep::Done(Ok(picture))
            }
            Err((error, false)) => DownloadStep::Done(Err(error)),
            Err((error, true)) => self.download.again(session, now, error),
        }
    }
}

impl DownloadPause {
    #[expect(clippy::unused_self, reason = "as its siblings")]
    pub(crate) const fn ticket(&self) -> Ticket {
        NOTHING_TO_GIVE_UP
    }

    /// The download goes on after its wait.
    pub fn resume(self, session: &mut Session, now: Now) -> DownloadStep {
        self.0.send(session, now)
    }
}

impl Download {
    fn send(self: Box<Self>, session: &Session, now: Now) -> DownloadStep {
        let config = session.config();
        let left = config
            .retry
            .total_time()
            .saturating_sub(now.mono.saturating_sub(self.began));
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(
            http::header::ACCEPT,
            HeaderValue::from_static("image/png, image/jpeg"),
        );
        headers.insert(http::header::USER_AGENT, config.user_agent.clone());
        DownloadStep::Send(
            request,
            Limits::new(config.attempt.min(left), self.max_bytes),
            DownloadAwaiting(self),
        )
    }

    fn again(mut self: Box<Self>, session: &mut Session, now: Now, error: Error) -> DownloadStep {
        self.tries = self.tries.saturating_add(1);
        let spent = now.mono.saturating_sub(self.began);
        let entropy = session.entropy.next();
        let told = error.retry_after();
        match session.config().retry.delay(self.tries, spent, told, entropy) {
            Some(wait) if session.budget.take() => {
                DownloadStep::Wait(Until::Elapsed(wait), DownloadPause(self))
            }
            _ => DownloadStep::Done(Err(error)),
        }
    }
}

/// The picture, or why there is none and whether another try may bring it.
fn judge(outcome: Result<HttpResponse<Vec<u8>>, Failure>, now: UnixMillis) -> Result<Picture, (Error, bool)> {
    let response = outcome.map_err(|failure| {
        let passing = matches!(
            failure.kind(),
            FailureKind::Connect | FailureKind::Timeout(_) | FailureKind::Reset | FailureKind::Body
        );
        // Nothing of this is charged, so what was sent does not matter.
        (
            Error::picture(ErrorKind::Transport(failure.kind()), failure.kind().explanation())
                .caused_by(failure),
            passing,
        )
    })?;
    // Whatever it is, it came where a photograph of somebody's card was to come.
    let (response, body) = response.into_parts();
    let body = Zeroizing::new(body);
    let status = response.status;
    let code = status.as_u16();
    if status.is_redirection() {
        let what = "the host of the picture answered with a redirect, which is not followed";
        return Err((
            Error::picture(ErrorKind::Protocol(ProtocolFault::Redirect), what),
            false,
        ));
    }
    if code == 403 {
        let what = "the host of the picture refused: its link has ended, or was never good";
        return Err((Error::picture(ErrorKind::ImageExpired, what), false));
    }
    if !status.is_success() {
        let kind = ErrorKind::Protocol(ProtocolFault::Status(code));
        let passing = matches!(code, 408 | 429 | 500 | 502..=504);
        let (headers, date) = (&response.headers, server_time(&response.headers));
        let told = retry_after(headers).map(|after| after.wait(date.unwrap_or(now)));
        let error = Error::picture(kind, "the host of the picture refused").with_retry_after(told);
        return Err((error, passing));
    }
    if is_encoded(&response.headers) {
        let what = "the picture is compressed although nobody asked for that";
        return Err((
            Error::picture(ErrorKind::Protocol(ProtocolFault::Encoding), what),
            false,
        ));
    }
    Picture::recognise(body).ok_or_else(|| {
        (
            Error::picture(ErrorKind::NotAPicture, "what came is neither a PNG nor a JPEG"),
            false,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::secret::Credentials;

    #[test]
    fn a_download_that_is_given_up_is_nobodys_call() {
        let mut session = Session::new(Config::new(), Credentials::new("a", "b").unwrap(), 1);
        session.record_events(true);
        session.abandon(NOTHING_TO_GIVE_UP);
        assert!(session.take_events().is_empty());
    }
}
