//! Many results as they come, for async code.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::AsyncClient;
use super::shared::{Account, Ledger};
use crate::charge::Charges;
use crate::domain::{SignatureId, Verification};
use crate::error::Error;
use crate::session::{Batch, BatchItem, BatchRest, BatchResult, BatchStep, Response};
use crate::transport::AsyncTransport;

/// The results of a batch, each as soon as it has come: a [`Stream`] of [`BatchItem`]s, in the order in which they end.
///
/// Keep each item before you ask for the next, and a batch that is killed can be taken up with the ids that you have no
/// result of: at most [`concurrency`](crate::BatchPolicy::concurrency) of them were asked for already. Nothing is asked for
/// until the stream is polled, nor in advance of what is taken by more than that.
///
/// To end it early, [`stop`](Self::stop) it and take what is still under way, or give it up with
/// [`into_rest`](Self::into_rest), which says what is left and what it cost. Dropping it gives it up as well; then
/// [`AsyncClient::charges`] alone has the cost.
#[must_use = "nothing is asked for until it is polled"]
pub struct Results<T> {
    client: AsyncClient<T>,
    batch: Batch,
    /// Each is polled when it is woken itself, and not whenever one of the others is.
    running: FuturesUnordered<BoxFuture<'static, Ended>>,
    pause: Option<BoxFuture<'static, ()>>,
    ledger: Arc<Ledger>,
}

type Ended = (usize, Result<Response<Verification>, Error>);

impl<T: AsyncTransport + 'static> Results<T> {
    pub(super) fn new(client: AsyncClient<T>, batch: Batch) -> Self {
        Self {
            client,
            batch,
            running: FuturesUnordered::new(),
            pause: None,
            ledger: Arc::default(),
        }
    }

    /// The next one that ends; `None` if all have ended, or will not begin.
    pub async fn next(&mut self) -> Option<BatchItem> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Begins no more. What is under way still comes.
    pub const fn stop(&mut self) {
        self.batch.stop();
    }

    /// What those that ended have cost.
    pub const fn charges(&self) -> Charges {
        self.batch.charges()
    }

    /// Gives the batch up: drops what is under way, and says what is left and what all of it cost.
    pub fn into_rest(self) -> BatchRest {
        // Each call that is dropped tells what it had cost.
        drop(self.running);
        self.batch.into_rest(self.ledger.take())
    }

    /// All of them, in the order of the ids.
    pub(super) async fn into_whole(mut self) -> BatchResult {
        // What is polled to its end leaves every item where it is.
        while poll_fn(|cx| self.poll_ended(cx)).await {}
        self.batch.into_result()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<BatchItem>> {
        loop {
            if let Some(item) = self.batch.take() {
                return Poll::Ready(Some(item));
            }
            match self.poll_ended(cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Begins what may begin, until one has ended; `false` if there is none left to end.
    ///
    /// What has ended is heard before another begins, for it may stop the batch.
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        loop {
            let alone = match self.running.poll_next_unpin(cx) {
                Poll::Ready(Some((number, result))) => {
                    self.batch.ended(number, result);
                    return Poll::Ready(true);
                }
                Poll::Ready(None) => true,
                Poll::Pending => false,
            };
            match self.batch.step(self.client.transport().now().mono) {
                BatchStep::Begin(number, id) => {
                    let mut call = self.call(number, id);
                    // It begins here and now. Another that ended first could stop the batch, and this one would still begin.
                    if let Poll::Ready((number, result)) = call.as_mut().poll(cx) {
                        self.batch.ended(number, result);
                        return Poll::Ready(true);
                    }
                    self.running.push(call);
                }
                BatchStep::Wait(left) => {
                    let client = &self.client;
                    let pause = self.pause.get_or_insert_with(|| {
                        let client = client.clone();
                        Box::pin(async move { client.transport().sleep(left).await })
                    });
                    if pause.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    self.pause = None;
                }
                // Its transport panicked, and no task is left to end it.
                BatchStep::Full if alone => return Poll::Ready(false),
                BatchStep::Full => return Poll::Pending,
                BatchStep::Finished => return Poll::Ready(false),
            }
        }
    }

    fn call(&self, number: usize, id: SignatureId) -> BoxFuture<'static, Ended> {
        let client = self.client.clone();
        let account = Account {
            ledger: Arc::clone(&self.ledger),
            number,
        };
        Box::pin(async move {
            let result = client.one_of_many(id, &account).await;
            (number, result)
        })
    }
}

impl<T: AsyncTransport + 'static> Stream for Results<T> {
    type Item = BatchItem;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<BatchItem>> {
        self.get_mut().poll_item(cx)
    }
}

impl<T> fmt::Debug for Results<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results")
            .field("of", &self.batch.len())
            .field("under_way", &self.running.len())
            .field("charges", &self.batch.charges())
            .finish_non_exhaustive()
    }
}
