//! A request body that knows whether it was asked for.
//!
//! hyper buffers the head and takes the body before it writes the first byte to the socket. So a body that was
//! not asked for proves that nothing of its request was sent: no other signal from reqwest
//! tells "still connecting" from "waiting for the reply" when time runs out. It also cannot be cloned, so no layer
//! below can send it twice.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use advance_core::transport::Sent;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Whether sending began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness(Arc<AtomicBool>);

impl Witness {
    /// The body to send, and who watches it.
    pub(crate) fn watch(body: Vec<u8>) -> (Self, Watched) {
        let witness = Self::default();
        if body.is_empty() {
            // An empty body is not asked for, so its request may be gone unnoticed.
            witness.begin();
        }
        let watched = Watched {
            witness: witness.clone(),
            body: Bytes::from(body),
        };
        (witness, watched)
    }

    pub(crate) fn sent(&self) -> Sent {
        if self.0.load(Ordering::Acquire) {
            Sent::Maybe
        } else {
            Sent::No
        }
    }

    fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// The body, in one piece.
#[derive(Debug)]
pub(crate) struct Watched {
    witness: Witness,
    body: Bytes,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.witness.begin();
        let body = std::mem::take(&mut self.body);
        Poll::Ready((!body.is_empty()).then(|| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_until_the_body_is_asked_for() {
        let (witness, mut body) = Witness::watch(b"{}".to_vec());
        assert_eq!(witness.sent(), Sent::No);
        assert_eq!(body.size_hint().exact(), Some(2));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let frame = Pin::new(&mut body).poll_frame(&mut context);
        assert!(
            matches!(frame, Poll::Ready(Some(Ok(frame))) if frame.data_ref().is_some_and(|data| data == "{}"))
        );
        assert_eq!(witness.sent(), Sent::Maybe);
        assert!(body.is_end_stream());
    }

    #[test]
    fn an_empty_body_proves_nothing() {
        assert_eq!(Witness::watch(Vec::new()).0.sent(), Sent::Maybe);
    }
}
