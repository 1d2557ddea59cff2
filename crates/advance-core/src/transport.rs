//! The seam between the machine and a network: two traits, the limits they keep, and the one thing they judge.
//!
//! A transport answers a request with what came back, or with what kind of failure it was and whether anything may
//! have been sent. It follows no redirect, retries nothing, turns no status into an error, keeps to [`Limits`] in
//! total and hands out no URL in its errors. Everything else is the machine's.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response, StatusCode, Uri};

use crate::charge::Charge;
use crate::time::Now;
use crate::url::{InsecureHost, is_loopback};

/// What one attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// From the call of `send` to the last byte of the body: a total, not a pause between reads.
    pub within: Duration,
    /// The largest body to take, in bytes, after decompression as well as before.
    pub max_body: usize,
}

impl Limits {
    /// Limits of an attempt.
    pub const fn new(within: Duration, max_body: usize) -> Self {
        Self { within, max_body }
    }
}

/// Why an attempt brought no response.
#[derive(Clone)]
pub struct Failure {
    kind: FailureKind,
    sent: Sent,
    status: Option<StatusCode>,
    because: Option<Because>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What happened, and what to do about it.
#[derive(Clone, Copy)]
struct Because {
    what: &'static str,
    advice: &'static str,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No connection: refused, unreachable, or the name does not resolve.
    Connect,
    /// The TLS handshake failed: certificate, protocol, or no TLS at the other end.
    Tls,
    /// The proxy refused or broke the connection.
    Proxy,
    /// A limit ran out.
    Timeout(Phase),
    /// The connection was lost before the response began.
    Reset,
    /// The connection was lost within the response's body, or its length or framing was wrong.
    Body,
    /// The body passed [`Limits::max_body`].
    TooLarge,
    /// What came back is not HTTP, or breaks its rules.
    Http,
    /// Refused before anything was sent, such as plain `http` to another machine.
    Refused,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// A stable name in snake case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Timeout(_) => "timeout",
            Self::Reset => "reset",
            Self::Body => "body",
            Self::TooLarge => "too_large",
            Self::Http => "http",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }

    /// What happened, in words.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Connect => "could not connect to the server",
            Self::Tls => "the secure connection to the server could not be set up",
            Self::Proxy => "the proxy refused or broke the connection",
            Self::Timeout(Phase::Connect) => "connecting to the server took too long",
            Self::Timeout(Phase::Exchange) => "the server did not answer in time",
            Self::Reset => "the connection was lost before a reply came",
            Self::Body => "the connection was lost in the middle of the reply",
            Self::TooLarge => "the reply is larger than allowed",
            Self::Http => "what came back is not HTTP",
            Self::Refused => "the request was refused before it was sent",
            Self::Other => "the HTTP client failed",
        }
    }
}

/// What an attempt was doing when its time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Resolving, connecting, or shaking hands: no request was sent.
    Connect,
    /// Sending the request or receiving the response.
    Exchange,
}

/// Whether the server may have got the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// Certainly not: not one byte of it left.
    No,
    /// It cannot be ruled out.
    Maybe,
}

impl Sent {
    /// What the attempt may have cost.
    pub const fn charge(self) -> Charge {
        match self {
            Self::No => Charge::Free,
            Self::Maybe => Charge::Unknown,
        }
    }
}

impl Failure {
    /// A failure of this kind. Where it cannot be ruled out that the request arrived, say [`Sent::Maybe`].
    pub const fn new(kind: FailureKind, sent: Sent) -> Self {
        Self {
            kind,
            sent,
            status: None,
            because: None,
            source: None,
        }
    }

    /// Says what happened and what to do about it, in place of what its kind says. An error's text has both, so neither
    /// may hold a secret; they are words of the program's for that reason. Give every [`FailureKind::Refused`] its own.
    #[must_use]
    pub const fn because(mut self, what: &'static str, advice: &'static str) -> Self {
        self.because = Some(Because { what, advice });
        self
    }

    /// Keeps the error it came from, reachable by `source()` and `downcast_ref`. Strip URLs from it first.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Keeps the status of the response whose body did not come whole.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// What kind of failure it was.
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the server may have got the request.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// The status of the response, if its head came and its body did not come whole, and the transport says so. It is for
    /// servers whose status says all; of the vendor's replies the body decides.
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What happened, in words.
    pub const fn what(&self) -> &'static str {
        match self.because {
            Some(because) => because.what,
            None => self.kind.explanation(),
        }
    }

    /// What to do about it, if that was said.
    pub const fn advice(&self) -> Option<&'static str> {
        match self.because {
            Some(because) => Some(because.advice),
            None => None,
        }
    }

    pub(crate) fn into_source(self) -> Option<Arc<dyn StdError + Send + Sync>> {
        self.source
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.kind)
            .field("sent", &self.sent)
            .field("what", &self.what())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what())
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// A blocking way to send a request, to wait, and to tell the time.
pub trait Transport {
    /// Sends the request and brings the whole response, or says why there is none, within the limits.
    ///
    /// # Errors
    /// A [`Failure`], if no complete response came. Every status is a response.
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure>;

    /// Waits this long.
    fn sleep(&self, duration: Duration);

    /// The time by both clocks. The monotonic one has to run as the machine's own does: [`Client`](crate::Client) parks
    /// its thread until a time by it, if somebody else may wake the thread sooner (another call that asks for the token,
    /// or a [`WaitControl`](crate::WaitControl)). A test with a clock of its own drives [`Session`](crate::session::Session) instead.
    fn now(&self) -> Now;
}

/// The same for async code. Dropping a future of `send` gives the attempt up.
#[async_trait]
pub trait AsyncTransport: Send + Sync {
    /// Sends the request and brings the whole response, or says why there is none, within the limits.
    ///
    /// # Errors
    /// A [`Failure`], if no complete response came. Every status is a response.
    async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure>;

    /// Whether it can send from here at all: one that needs a certain runtime says so outside it. A wait asks before it
    /// pauses, so that the caller learns of it at once.
    ///
    /// # Errors
    /// What [`send`](Self::send) would say.
    fn ready(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Waits this long.
    async fn sleep(&self, duration: Duration);

    /// The time by both clocks.
    fn now(&self) -> Now;
}

macro_rules! forward {
    ($($owner:ty),*) => {$(
        impl<T: Transport + ?Sized> Transport for $owner {
            fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
                (**self).send(request, limits)
            }

            fn sleep(&self, duration: Duration) {
                (**self).sleep(duration);
            }

            fn now(&self) -> Now {
                (**self).now()
            }
        }

        #[async_trait]
        impl<T: AsyncTransport + ?Sized> AsyncTransport for $owner {
            async fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
                (**self).send(request, limits).await
            }

            fn ready(&self) -> Result<(), Failure> {
                (**self).ready()
            }

            async fn sleep(&self, duration: Duration) {
                (**self).sleep(duration).await;
            }

            fn now(&self) -> Now {
                (**self).now()
            }
        }
    )*};
}

forward!(Arc<T>, Box<T>);

/// Whether a transport may send this request at all: by `https`, by plain `http` to this very machine, or to the one
/// [`InsecureHost`] that the caller named and that the request carries among its extensions.
///
/// # Errors
/// [`FailureKind::Refused`] with [`Sent::No`] for anything else.
pub fn permitted<B>(request: &Request<B>) -> Result<(), Failure> {
    may_reach(request.uri(), request.extensions().get())
}

pub(crate) fn may_reach(uri: &Uri, insecure: Option<&InsecureHost>) -> Result<(), Failure> {
    let plain = |host| is_loopback(host) || insecure.is_some_and(|insecure| insecure.is(host));
    let allowed = match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => uri.host().is_some_and(plain),
        _ => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Failure::new(FailureKind::Refused, Sent::No).because(
            "the request was refused before it was sent: only https is sent, or http to this machine",
            "use an https URL; nothing was sent",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(url: &str) -> Request<()> {
        Request::get(url).body(()).unwrap()
    }

    #[test]
    fn fault_101_one_named_host_may_be_reached_and_no_other() {
        let mut request = to("http://sandbox:8080/x");
        assert!(permitted(&request).is_err());
        let sandbox = InsecureHost::dangerously_without_tls("sandbox").unwrap();
        request.extensions_mut().insert(sandbox);
        assert!(permitted(&request).is_ok());
        *request.uri_mut() = "http://other:8080/x".parse().unwrap();
        assert!(permitted(&request).is_err());
    }

    #[test]
    fn only_https_or_this_machine_is_permitted() {
        for good in [
            "https://api.advance.ai/x",
            "http://127.0.0.1:80/",
            "http://localhost/",
            "http://[::1]:9/",
        ] {
            assert!(permitted(&to(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://api.advance.ai/x",
            "http://127.0.0.1.evil.example/",
            "ftp://localhost/",
            "/x",
        ] {
            assert_eq!(
                permitted(&to(bad)).unwrap_err().kind(),
                FailureKind::Refused,
                "{bad}"
            );
        }
    }

    #[test]
    fn debug_of_a_failure_leaves_the_source_out() {
        let failure = Failure::new(FailureKind::Other, Sent::Maybe).with_source("https://host/?token=hidden");
        assert!(!format!("{failure:?} {failure}").contains("hidden"));
        assert!(failure.source().is_some());
    }
}
