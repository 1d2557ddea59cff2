//! The collector over either client.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use advance_collector::sink::Sink;
use advance_collector::{
    AsyncCollector, AsyncStore, Collector, Event, Observe, OnThread, Pace, Policy, RunError, Seen, Stop,
    Store, StoreError, Tell,
};
#[cfg(feature = "postgres")]
use advance_store_postgres::PostgresOptions;
use advance_store_sqlite::SqliteStore;
use tokio::runtime::Runtime;

use super::api::{Api, Either};

/// How often to look whether it was interrupted.
pub(crate) const LOOK: Duration = Duration::from_millis(100);

/// A store that is open.
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn Store>,
    #[cfg(feature = "postgres")]
    database: Option<PostgresOptions>,
}

impl Kept {
    pub(crate) fn file(store: SqliteStore) -> Self {
        Self {
            store: Arc::new(store),
            #[cfg(feature = "postgres")]
            database: None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn database(options: PostgresOptions) -> Result<Self, StoreError> {
        Ok(Self {
            store: Arc::new(options.clone().connect_blocking()?),
            database: Some(options),
        })
    }

    /// The store for tasks: a database has connections for them, a file gets a thread.
    fn tasks(&self, runtime: &Runtime) -> Result<Arc<dyn AsyncStore>, StoreError> {
        #[cfg(feature = "postgres")]
        if let Some(options) = &self.database {
            return Ok(Arc::new(runtime.block_on(options.clone().connect())?));
        }
        #[cfg(not(feature = "postgres"))]
        let _ = runtime;
        Ok(Arc::new(OnThread::new(Arc::clone(&self.store))?))
    }
}

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
    pub(crate) fn collect(&self, kept: &Kept, work: Work) -> Result<(), RunError> {
        let sink = work.sink;
        match &self.client {
            Either::Async(runtime, client) => {
                let store = kept.tasks(runtime).map_err(RunError::Store)?;
                let collector = AsyncCollector::new(client.clone(), store, work.policy)
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
                let collector = Collector::new(client.clone(), Arc::clone(&kept.store), work.policy)
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
