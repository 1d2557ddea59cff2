//! A connection that can be made to fail, and that does not wait for ever for a client that does not read.

use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::stream::Stream;

/// What is to become of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// After so many further bytes it is closed, or reset.
    Cut { after: usize, reset: bool },
    /// These bytes go out instead of the reply, then it is closed.
    Garbage(&'static [u8]),
    /// It is reset when the client uses it again.
    Stale,
    /// It is reset once the reply has gone out.
    Over { replied: bool },
}

/// The end of a connection that its requests hold.
#[derive(Debug, Default)]
pub(super) struct Grip {
    fate: Mutex<Option<Fate>>,
    busy: AtomicBool,
}

impl Grip {
    /// Takes effect with the next byte that is written.
    pub(super) fn decide(&self, fate: Fate) {
        *self.fate() = Some(fate);
    }

    fn fate(&self) -> MutexGuard<'_, Option<Fate>> {
        self.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }
}

/// A connection with a [`Grip`].
pub(super) struct Line {
    stream: Stream,
    grip: Arc<Grip>,
    patience: Duration,
    /// Runs while the client reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Line {
    pub(super) fn new(stream: Stream, grip: Arc<Grip>, patience: Duration) -> Self {
        Self {
            stream,
            grip,
            patience,
            stalled: None,
        }
    }

    fn reset(stream: &TcpStream) -> io::Error {
        // If it cannot be reset it is closed, which the client notices as well.
        let _ = stream.set_zero_linger();
        io::Error::from(ErrorKind::ConnectionReset)
    }

    /// Resets it now, without the goodbye that comes when it is shut down.
    fn end(&self) -> io::Error {
        self.grip.decide(Fate::Cut {
            after: 0,
            reset: true,
        });
        Self::reset(self.stream.tcp())
    }

    /// How much of `wanted` bytes may be written.
    fn allowance(&mut self, wanted: usize) -> io::Result<usize> {
        match *self.grip.fate() {
            Some(Fate::Cut {
                after: 0,
                reset: true,
            }) => Err(Self::reset(self.stream.tcp())),
            Some(Fate::Cut {
                after: 0,
                reset: false,
            }) => Err(ErrorKind::BrokenPipe.into()),
            Some(Fate::Cut { after, .. }) => Ok(wanted.min(after)),
            _ => Ok(wanted),
        }
    }

    fn write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        let garbage = match *line.grip.fate() {
            Some(Fate::Garbage(garbage)) => Some(garbage),
            _ => None,
        };
        if let Some(garbage) = garbage {
            // As much of it as the system takes at once will do.
            let _ = ready!(Pin::new(&mut line.stream).poll_write(context, garbage))?;
            line.grip.decide(Fate::Cut {
                after: 0,
                reset: false,
            });
            return Poll::Ready(Ok(bytes.len()));
        }
        let allowed = line.allowance(bytes.len())?;
        let bytes = bytes.get(..allowed).unwrap_or(bytes);
        match Pin::new(&mut line.stream).poll_write(context, bytes) {
            Poll::Ready(written) => {
                line.stalled = None;
                if let Ok(written) = &written {
                    match &mut *line.grip.fate() {
                        Some(Fate::Cut { after, .. }) => *after = after.saturating_sub(*written),
                        Some(Fate::Over { replied }) => *replied = true,
                        _ => {}
                    }
                }
                Poll::Ready(written)
            }
            Poll::Pending => {
                let patience = line.patience;
                let stalled = line.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
                ready!(stalled.as_mut().poll(context));
                Poll::Ready(Err(ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if *self.grip.fate() == Some(Fate::Over { replied: true }) && !self.grip.is_busy() {
            return Poll::Ready(Err(self.end()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().len() > before;
        if read && *self.grip.fate() == Some(Fate::Stale) && !self.grip.is_busy() {
            return Poll::Ready(Err(self.end()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(Fate::Cut { reset: true, .. }) = *self.grip.fate() {
            return Poll::Ready(Err(Self::reset(self.stream.tcp())));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A moment from now that no timer refuses.
pub(super) fn later(by: Duration) -> Instant {
    Instant::now() + by.min(Duration::from_secs(86_400 * 365))
}
