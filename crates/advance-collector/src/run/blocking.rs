//! The runner for threads.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

use advance_core::{Client, SignatureId, Transport};

use super::shift::{PRUNED_AT_ONCE, TOLD_AT_ONCE};
use super::terms::{TELL_AGAIN, Terms};
use super::{Observe, Pace, RunError, Seen, Shift, Stop, Tell, Turn};
use crate::job::{Report, Step};
use crate::sink::Sink;
use crate::store::Watch;
use crate::{Claim, Nudged, Pending, Policy, Store, StoreError, Wanted};

/// Collects verifications with threads. Several may work on one store, in one process or in many.
pub struct Collector<T, S> {
    client: Client<T>,
    store: S,
    terms: Terms,
}

impl<T, S> fmt::Debug for Collector<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector")
            .field("policy", &self.terms.policy)
            .finish_non_exhaustive()
    }
}

impl<T: Transport + Send + Sync, S: Store> Collector<T, S> {
    /// A collector of this account's verifications, over this store. It keeps no reply and no picture until it is given a
    /// [sink](Self::sink).
    pub fn new(client: Client<T>, store: S, policy: Policy) -> Self {
        Self {
            client,
            store,
            terms: Terms::new(policy),
        }
    }

    /// Gives replies and pictures to this sink.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.terms.sink = Arc::new(sink);
        self
    }

    /// Tells outcomes here. Without it they stay in the store until another runner tells them.
    #[must_use]
    pub fn tell(mut self, tell: impl Tell + 'static) -> Self {
        self.terms.tell = Some(Arc::new(tell));
        self
    }

    /// Lets this observer see what the runner does.
    #[must_use]
    pub fn observer(mut self, observer: impl Observe + 'static) -> Self {
        self.terms.observer = Some(Arc::new(observer));
        self
    }

    /// The store underneath.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Remembers a verification. One that is known already stays as it is. Says whether it is new.
    ///
    /// # Errors
    /// Of the store.
    pub fn add(&self, pending: &Pending) -> Result<bool, StoreError> {
        Ok(self.store.add(std::slice::from_ref(pending))? == 1)
    }

    /// The person is back: asks about this verification now.
    ///
    /// # Errors
    /// Of the store.
    pub fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        self.store.nudge(signature_id)
    }

    /// Forgets a verification, in the store and in the sink. Says whether there was one.
    ///
    /// # Errors
    /// Of the store, or [`Other`](crate::StoreErrorKind::Other) with the sink's.
    pub fn erase(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        self.terms.forget(signature_id)?;
        Ok(self.store.erase(std::slice::from_ref(signature_id))? == 1)
    }

    /// Works on one verification if it is due: asks about it, or fetches its pictures. For a queue that an application has
    /// already: calling this twice for one id, at the same time or after a crash, sends nothing twice.
    ///
    /// # Errors
    /// Of the store.
    pub fn work_on(&self, signature_id: &SignatureId) -> Result<Vec<Report>, StoreError> {
        self.store.sweep(self.terms.policy.doubts)?;
        let claims = self.store.claim(&Terms::only(signature_id))?;
        Ok(claims.into_iter().map(|claim| self.work(claim)).collect())
    }

    /// Works until it is stopped, or until all is done if the pace says so. What is under way then is seen to its end.
    ///
    /// # Errors
    /// A [`RunError`], if going on makes no sense.
    pub fn run(&self, pace: Pace, stop: &Stop) -> Result<(), RunError> {
        thread::scope(|scope| {
            let (jobs, queue) = channel();
            let (words, heard) = channel();
            let queue = Arc::new(Mutex::new(queue));
            // The threads' own: if all of them are gone, nothing more is heard.
            let words = Arc::new(Mutex::new(words));
            let untold = Arc::new(AtomicBool::new(true));
            let watch = watch(Arc::clone(&untold), Arc::downgrade(&words));
            for _ in 0..pace.concurrency.get() {
                let (queue, words) = (Arc::clone(&queue), Arc::clone(&words));
                scope.spawn(move || self.serve(&queue, &words));
            }
            drop(words);
            self.store.watch(&watch);
            self.shift(pace, stop, &jobs, &Heard { words: heard, untold })
        })
    }

    fn serve(&self, queue: &Mutex<Receiver<Claim>>, words: &Mutex<Sender<Word>>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(claim) = next else { return };
            let report = self.work(claim);
            if !say(words, Word::Ended(report)) {
                return;
            }
        }
    }

    fn shift(&self, pace: Pace, stop: &Stop, jobs: &Sender<Claim>, heard: &Heard) -> Result<(), RunError> {
        let mut shift = self.terms.shift(pace);
        let mut failed = None;
        loop {
            if stop.is_stopped() {
                shift.stop();
            }
            while let Ok(word) = heard.words.try_recv() {
                self.hear(&word, heard, &mut shift);
            }
            let turn = shift.turn(self.mono());
            let done = match turn {
                Turn::Begin(claim) => {
                    // The threads live as long as this loop.
                    drop(jobs.send(claim));
                    Ok(())
                }
                Turn::Wait(pause) => {
                    match heard.words.recv_timeout(pause) {
                        Ok(word) => self.hear(&word, heard, &mut shift),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => shift.stop(),
                    }
                    Ok(())
                }
                Turn::Done => return failed.map_or(Ok(()), Err),
                turn => self.carry_out(pace, turn, &mut shift),
            };
            if let Err(error) = done {
                shift.stop();
                failed = failed.or(Some(error));
            }
        }
    }

    fn hear(&self, word: &Word, heard: &Heard, shift: &mut Shift) {
        match word {
            Word::Ended(report) => self.terms.worked(shift, report, self.mono()),
            Word::News => {
                heard.untold.store(true, Ordering::SeqCst);
                shift.news(self.mono());
            }
        }
    }

    fn carry_out(&self, pace: Pace, turn: Turn, shift: &mut Shift) -> Result<(), RunError> {
        let done = match turn {
            Turn::Token => {
                let token = self.client.token();
                return self.terms.token(shift, token, self.mono());
            }
            Turn::Sweep => {
                let found = self.store.sweep(self.terms.policy.doubts);
                found.map(|found| self.terms.swept(shift, found, self.mono()))
            }
            Turn::Claim(limit) => self
                .store
                .claim(&Wanted::new(limit, pace.claims))
                .map(|claims| shift.claimed(claims, self.mono())),
            Turn::Look => self
                .store
                .rest()
                .map(|rest| shift.rest(self.terms.rest(rest), self.mono())),
            Turn::Tell => self.tell_all(shift),
            Turn::Prune => self.prune(shift),
            Turn::GiveBack(claim) => self.store.give_back(&claim, std::time::Duration::ZERO),
            Turn::Begin(_) | Turn::Wait(_) | Turn::Done => Ok(()),
        };
        let Err(error) = done else { return Ok(()) };
        self.terms.store_failed(shift, error, self.mono())
    }

    fn tell_all(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(tell) = &self.terms.tell else {
            shift.told(&[], 0, self.mono());
            return Ok(());
        };
        let events = self.store.untold(TOLD_AT_ONCE, TELL_AGAIN)?;
        let mut told = 0;
        for event in &events {
            if self.terms.try_to_tell(&**tell, event) {
                self.store.told(event)?;
                self.terms.show(&Seen::Told(event));
                told += 1;
            }
        }
        shift.told(&events, told, self.mono());
        Ok(())
    }

    fn prune(&self, shift: &mut Shift) -> Result<(), StoreError> {
        let Some(age) = self.terms.policy.retention else {
            return Ok(());
        };
        let old = self.store.old(age, PRUNED_AT_ONCE)?;
        let (forgotten, failed) = self.terms.forget_all(old);
        self.store.erase(&forgotten)?;
        self.terms.pruned(shift, &forgotten, self.mono());
        failed
    }

    /// Works off one claim.
    fn work(&self, claim: Claim) -> Report {
        let transport = self.client.transport();
        let mut step = self.terms.begin(claim, transport.now());
        loop {
            step = match step {
                Step::Intend(intent, next) => next.intended(self.store.intend(&intent), transport.now()),
                Step::Ask(call, next) => next.answered(self.client.call_with(call), transport.now()),
                Step::Fetch(link, next) => {
                    next.fetched(self.client.download_with(&link, &self.terms.policy.download))
                }
                Step::Keep(keepsake, next) => next.kept(self.terms.sink.keep(&keepsake)),
                Step::Settle(attempt, settlement, next) => {
                    next.settled(self.store.settle(attempt, &settlement))
                }
                Step::Pause(pause, next) => {
                    transport.sleep(pause);
                    next.resume()
                }
                Step::Done(report) => return report,
            }
        }
    }

    fn mono(&self) -> std::time::Duration {
        self.client.transport().now().mono
    }
}

/// What reaches the runner's own thread.
enum Word {
    /// One of those under way has ended.
    Ended(Report),
    /// Another process has made something due.
    News,
}

struct Heard {
    words: Receiver<Word>,
    /// Whether no news is on its way, so that the next is to be sent.
    untold: Arc<AtomicBool>,
}

/// Says whether the runner is still there.
fn say(words: &Mutex<Sender<Word>>, word: Word) -> bool {
    let words = words.lock().unwrap_or_else(PoisonError::into_inner);
    words.send(word).is_ok()
}

fn watch(untold: Arc<AtomicBool>, words: Weak<Mutex<Sender<Word>>>) -> Arc<Watch> {
    Arc::new(move || {
        if untold.swap(false, Ordering::SeqCst)
            && let Some(words) = words.upgrade()
        {
            // A runner that has ended has no use for it.
            let _ = say(&words, Word::News);
        }
    })
}
