//! What goes out: a reply at once, a reply in drops, or events without end.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::line::later;

pub(super) type NextPiece = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// The body of a reply.
pub(super) enum Body {
    Whole(Option<Bytes>),
    /// So many bytes at a time.
    Drops {
        rest: Bytes,
        drop: usize,
        every: Duration,
        next: Pin<Box<Sleep>>,
    },
    /// A part of what was announced.
    Cut {
        part: Option<Bytes>,
        length: u64,
        /// Whether the part has had the time to go out.
        gone: bool,
    },
    /// Makes the future of the next piece, again and again.
    Stream {
        make: Box<dyn FnMut() -> NextPiece + Send>,
        next: Option<NextPiece>,
    },
}

impl Body {
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    /// Half of `bytes`, and then the end.
    pub(super) fn cut(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        let mut part = Bytes::from(bytes);
        part.truncate(part.len() / 2);
        Self::Cut {
            part: Some(part),
            length,
            gone: false,
        }
    }

    pub(super) fn stream(make: impl FnMut() -> NextPiece + Send + 'static) -> Self {
        Self::Stream {
            make: Box::new(make),
            next: None,
        }
    }

    pub(super) fn drops(bytes: impl Into<Bytes>, drop: usize, every: Duration) -> Self {
        Self::Drops {
            rest: bytes.into(),
            drop: drop.max(1),
            every,
            next: Box::pin(sleep(Duration::ZERO)),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = match self.get_mut() {
            Self::Whole(bytes) => bytes.take().filter(|bytes| !bytes.is_empty()),
            Self::Drops { rest, .. } if rest.is_empty() => None,
            Self::Drops {
                rest,
                drop,
                every,
                next,
            } => {
                ready!(next.as_mut().poll(context));
                *next = Box::pin(sleep_until(later(*every)));
                let size = (*drop).min(rest.len());
                Some(rest.split_to(size))
            }
            Self::Cut { part, gone, .. } => match part.take() {
                Some(part) => Some(part),
                None if *gone => return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
                None => {
                    *gone = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            },
            Self::Stream { make, next } => {
                let piece = ready!(next.get_or_insert_with(&mut *make).as_mut().poll(context));
                *next = None;
                piece
            }
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Drops { rest, .. } => rest.is_empty(),
            Self::Cut { .. } | Self::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Drops { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Cut { length, .. } => SizeHint::with_exact(*length),
            Self::Stream { .. } => SizeHint::default(),
        }
    }
}

/// Why a request's body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than it may be.
    TooLarge,
    /// It broke off, or took too long, or is no body.
    Broken,
}

/// Reads a request's body of at most `most` bytes until `deadline`.
pub(super) async fn read(
    mut body: hyper::body::Incoming,
    most: usize,
    deadline: Instant,
) -> Result<Vec<u8>, Unread> {
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLarge);
    }
    let mut read = Vec::new();
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        match tokio::time::timeout_at(deadline, frame).await {
            Ok(None) => return Ok(read),
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if read.len() + data.len() > most {
                    return Err(Unread::TooLarge);
                }
                read.extend_from_slice(&data);
            }
            Ok(Some(Err(_))) | Err(_) => return Err(Unread::Broken),
        }
    }
}
