//! Many results as they come, for threads.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, PoisonError};

use super::Client;
use super::shared::{Account, Ledger};
use super::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::charge::Charges;
use crate::domain::SignatureId;
use crate::session::{Batch, BatchItem, BatchPolicy, BatchRest, BatchResult, BatchStep};
use crate::transport::Transport;

/// The results of a batch, each as soon as it has come: an iterator over [`BatchItem`]s, in the order in which they end.
///
/// Keep each item before you ask for the next, and a batch that is killed can be taken up with the ids that you have no
/// result of: at most [`concurrency`](crate::BatchPolicy::concurrency) of them were asked for already. Nothing is asked for
/// until the first item is, nor in advance of what is taken by more than that.
///
/// It asks on threads of its own, as many as may be under way at a time; one at a time, or where the system has no more
/// threads, on the thread that calls `next`.
///
/// To end it early, [`stop`](Self::stop) it and take what is still under way, or give it up with
/// [`into_rest`](Self::into_rest), which says what is left and what it cost. Dropping it gives it up as well: what is under
/// way ends in the background, and [`Client::charges`] alone has the cost.
#[must_use = "nothing is asked for until the first item is"]
pub struct BlockingResults<T> {
    work: Arc<Work<T>>,
    threads: Option<usize>,
}

/// What the threads of one batch share.
struct Work<T> {
    client: Client<T>,
    state: Mutex<State>,
    changed: Condvar,
    ledger: Arc<Ledger>,
}

struct State {
    batch: Batch,
    /// What a transport panicked with, or what the caller's policy did.
    panic: Option<Panic>,
}

type Panic = Box<dyn Any + Send>;

impl State {
    /// The first is told; one of a later thread is most often the same.
    fn panics(&mut self, panic: Panic) {
        self.batch.stop();
        if self.panic.is_some() {
            // It may panic again when it is dropped.
            std::mem::forget(panic);
        } else {
            self.panic = Some(panic);
        }
    }
}

impl<T: Transport + Send + Sync + 'static> BlockingResults<T> {
    pub(super) fn new(client: Client<T>, batch: Batch) -> Self {
        Self {
            work: Arc::new(Work {
                client,
                state: Mutex::new(State { batch, panic: None }),
                changed: Condvar::new(),
                ledger: Arc::default(),
            }),
            threads: None,
        }
    }

    /// Begins no more. What is under way still comes.
    pub fn stop(&mut self) {
        self.work.stop();
    }

    /// What those that ended have cost.
    pub fn charges(&self) -> Charges {
        self.work.lock().batch.charges()
    }

    /// Gives the batch up: begins no more, waits for what is under way, and says what is left and what all of it cost. What
    /// a transport panicked at was dropped; the panic is not passed on, for what has come would be lost with it.
    pub fn into_rest(self) -> BatchRest {
        self.work.stop();
        let (batch, panic) = self.work.ended();
        // It may panic again when it is dropped.
        std::mem::forget(panic);
        batch.into_rest(self.work.ledger.take())
    }

    /// All of them, in the order of the ids.
    pub(super) fn into_whole(mut self) -> BatchResult {
        let threads = self.start();
        if threads == 0 {
            while self.work.do_one() {}
        }
        let (batch, panic) = self.work.ended();
        if let Some(panic) = panic {
            resume_unwind(panic)
        }
        batch.into_result()
    }

    /// Starts the threads, once; says how many there are.
    fn start(&mut self) -> usize {
        *self.threads.get_or_insert_with(|| {
            let batch = &self.work.lock().batch;
            let wanted = batch.limit().min(batch.len());
            let wanted = if wanted == 1 { 0 } else { wanted };
            let started = (0..wanted).take_while(|_| {
                let work = Arc::clone(&self.work);
                thread::Builder::new().spawn(move || work.do_all()).is_ok()
            });
            started.count()
        })
    }
}

impl<T: Transport + Send + Sync + 'static> Iterator for BlockingResults<T> {
    type Item = BatchItem;

    /// # Panics
    /// If the transport did, or [`stop_on`](BatchPolicy::stop_on): after the last that came.
    fn next(&mut self) -> Option<BatchItem> {
        let on_threads = self.start() > 0;
        loop {
            let mut state = self.work.lock();
            if let Some(item) = state.batch.take() {
                drop(state);
                // There is room for another one.
                self.work.changed.notify_all();
                return Some(item);
            }
            if state.batch.is_over() {
                let panic = state.panic.take();
                drop(state);
                if let Some(panic) = panic {
                    resume_unwind(panic)
                }
                return None;
            }
            if on_threads {
                drop(self.work.wait(state));
            } else {
                drop(state);
                self.work.do_one();
            }
        }
    }
}

impl<T> Work<T> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.lock().batch.stop();
        self.changed.notify_all();
    }

    /// The batch, once nothing of it is under way, and what was panicked with.
    fn ended(&self) -> (Batch, Option<Panic>) {
        let mut state = self.lock();
        while !state.batch.is_over() {
            state = self.wait(state);
        }
        let panic = state.panic.take();
        let batch = std::mem::replace(&mut state.batch, Batch::new([], BatchPolicy::new()));
        (batch, panic)
    }
}

impl<T: Transport> Work<T> {
    /// No caller may wait for a thread that has panicked.
    fn do_all(&self) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| while self.do_one() {})) {
            self.lock().panics(panic);
            self.changed.notify_all();
        }
    }

    /// Asks for one, or waits until that may make sense; `false` if there is nothing left to ask for.
    fn do_one(&self) -> bool {
        let mono = self.client.transport().now().mono;
        let mut state = self.lock();
        match state.batch.step(mono) {
            BatchStep::Begin(number, id) => {
                drop(state);
                self.ask(number, id);
                true
            }
            BatchStep::Wait(left) => {
                drop(state);
                self.client.transport().sleep(left);
                true
            }
            // Those under way are for others to end, and the rest of them will find nothing left either.
            BatchStep::Full if state.batch.is_all_begun() => false,
            BatchStep::Full => {
                drop(self.wait(state));
                true
            }
            BatchStep::Finished => false,
        }
    }

    fn ask(&self, number: usize, id: SignatureId) {
        let account = Account {
            ledger: Arc::clone(&self.ledger),
            number,
        };
        // No call may wait for one that does not come.
        let asked = catch_unwind(AssertUnwindSafe(|| self.client.one_of_many(id, &account)));
        let mut state = self.lock();
        let booked = match asked {
            Ok(result) => catch_unwind(AssertUnwindSafe(|| state.batch.ended(number, result))),
            Err(panic) => {
                state.batch.lost();
                Err(panic)
            }
        };
        if let Err(panic) = booked {
            state.panics(panic);
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl<T> Drop for BlockingResults<T> {
    fn drop(&mut self) {
        self.work.stop();
    }
}

impl<T> fmt::Debug for BlockingResults<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lock is not held while a stranger's writer writes.
        let (of, charges) = {
            let state = self.work.lock();
            (state.batch.len(), state.batch.charges())
        };
        f.debug_struct("BlockingResults")
            .field("of", &of)
            .field("charges", &charges)
            .finish_non_exhaustive()
    }
}
