//! A connection that keeps to one deadline while it is made, and does not pass off a reset as an end.

use std::fmt;
use std::io;
use std::time::Instant;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use crate::mask::Mask;

/// Around every connection. ureq's talk with a proxy allows its whole connect timeout for each read; here it is a
/// total. And ureq takes a reset for the end of a body that has no announced length; here it stays an error.
pub(crate) struct Guard {
    inner: Box<dyn Transport>,
    until: Option<Instant>,
    /// On the connection that responses come by; none on what lies below TLS.
    mask: Option<Mask>,
}

/// The connection was reset or cut off.
#[derive(Debug)]
pub(crate) struct Lost(pub(crate) io::Error);

impl Guard {
    pub(crate) fn new(inner: Box<dyn Transport>, until: Option<Instant>) -> Self {
        Self {
            inner,
            until,
            mask: None,
        }
    }

    /// The same, for the connection that responses come by.
    pub(crate) fn masking(mut self) -> Self {
        self.mask = Some(Mask::Head);
        self
    }

    /// Only the gate says "connect", so later requests on this connection are not measured by its deadline.
    fn limit(&self, mut timeout: NextTimeout) -> Result<NextTimeout, Error> {
        if let (Timeout::Connect, Some(until)) = (timeout.reason, self.until) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Timeout(Timeout::Connect));
            }
            timeout.after = timeout.after.min(left.into());
        }
        Ok(timeout)
    }
}

impl Transport for Guard {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = self.limit(timeout)?;
        // What comes after a request is a head.
        if let Some(mask) = &mut self.mask {
            *mask = Mask::Head;
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = self.limit(timeout)?;
        let came = self.inner.await_input(timeout).map_err(|error| match error {
            Error::Io(error) if is_cut(error.kind()) => Error::Other(Box::new(Lost(error))),
            other => other,
        })?;
        if let Some(mask) = &mut self.mask {
            mask.hide(self.inner.buffers());
        }
        Ok(came)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Whether this kind of error means that the connection is gone.
pub(crate) fn is_cut(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
    )
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Lost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
