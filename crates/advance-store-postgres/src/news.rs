//! Nudges of other processes, heard at once: LISTEN and NOTIFY. What is missed is found by polling.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use advance_collector::store::Watch;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::connect::Connector;
use crate::transaction::Statement;

/// Tells all who listen, once the transaction is committed.
pub(crate) fn tell() -> Statement {
    Statement::new("SELECT pg_notify('advance_news', '')")
}

/// The first pause after the connection was lost; it doubles up to a minute.
const PAUSE: Duration = Duration::from_secs(1);

/// Those who watch, and the task that listens for them, which begins with the first.
pub(crate) struct News {
    connector: Option<Arc<Connector>>,
    runtime: Handle,
    watchers: Arc<Mutex<Vec<Weak<Watch>>>>,
    task: Mutex<Option<AbortHandle>>,
}

impl News {
    /// News by way of this connector, or none.
    pub(crate) fn new(connector: Option<Connector>, runtime: Handle) -> Self {
        Self {
            connector: connector.map(Arc::new),
            runtime,
            watchers: Arc::default(),
            task: Mutex::default(),
        }
    }

    pub(crate) fn watch(&self, watch: &Arc<Watch>) {
        let Some(connector) = &self.connector else { return };
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.push(Arc::downgrade(watch));
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_none() {
            let listening = listen(Arc::clone(connector), Arc::clone(&self.watchers));
            *task = Some(self.runtime.spawn(listening).abort_handle());
        }
    }
}

impl Drop for News {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task.take() {
            task.abort();
        }
    }
}

async fn listen(connector: Arc<Connector>, watchers: Arc<Mutex<Vec<Weak<Watch>>>>) {
    let mut pause = PAUSE;
    loop {
        let (alive, ended) = oneshot::channel::<()>();
        let told = Arc::clone(&watchers);
        let listening = connector.listen(move || {
            // Dropped with this when the connection has ended.
            let _ = &alive;
            call(&told);
        });
        if let Ok(client) = listening.await
            && client.batch_execute("LISTEN advance_news").await.is_ok()
        {
            pause = PAUSE;
            // Something may have come before.
            call(&watchers);
            drop(ended.await);
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE * 60);
    }
}

fn call(watchers: &Mutex<Vec<Weak<Watch>>>) {
    let watchers: Vec<_> = watchers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .filter_map(Weak::upgrade)
        .collect();
    for watcher in watchers {
        watcher();
    }
}
