//! The collector over either client.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use advance_collector::sink::Sink;
use advance_collector::{
    AsyncCollector, Collector, Event, Observe, OnThread, Pace, Policy, RunError, Seen, Stop, Tell,
};
use advance_store_sqlite::SqliteStore;

use super::api::{Api, Either};

/// How often to look whether it was interrupted.
pub(crate) const LOOK: Duration = Duration::from_millis(100);

/// What a run is made of.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) policy: Policy,
    pub(crate) pace: Pace,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) tell: Arc<dyn Tell>,
    pub(crate) watch: Arc<dyn Observe>,
}

impl Api {
    /// Collects until it is interrupted, or all is done.
    pub(crate) fn collect(&self, store: &Arc<SqliteStore>, work: Work) -> Result<(), RunError> {
        let sink = work.sink;
        match &self.client {
            Either::Async(runtime, client) => {
                let on_thread = OnThread::new(Arc::clone(store)).map_err(RunError::Store)?;
                let collector = AsyncCollector::new(client.clone(), on_thread, work.policy)
                    .sink(sink)
                    .tell(move |event: &Event| work.tell.tell(event))
                    .observer(move |seen: &Seen<'_>| work.watch.see(seen));
                let stop = async {
                    while !self.interrupt().asked() {
                        tokio::time::sleep(LOOK).await;
                    }
                };
                runtime.block_on(collector.run(work.pace, stop))?;
            }
            Either::Blocking(client) => {
                let collector = Collector::new(client.clone(), Arc::clone(store), work.policy)
                    .sink(sink)
                    .tell(move |event: &Event| work.tell.tell(event))
                    .observer(move |seen: &Seen<'_>| work.watch.see(seen));
                let (stop, ended, interrupt) = (Stop::new(), Stop::new(), self.interrupt().clone());
                thread::scope(|scope| {
                    scope.spawn(|| {
                        while !interrupt.asked() && !ended.is_stopped() {
                            thread::sleep(LOOK);
                        }
                        stop.stop();
                    });
                    let done = collector.run(work.pace, &stop);
                    ended.stop();
                    done
                })?;
            }
        }
        Ok(())
    }
}
