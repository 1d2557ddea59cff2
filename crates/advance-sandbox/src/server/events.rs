//! What a sandbox does, as it does it: for a log on a terminal, for the dashboard, for tests that wait.

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::model::Entry;

/// Events that wait for a slow reader; it then hears how many it missed.
const KEPT: usize = 1024;

/// Something that a sandbox did. Nothing in it is secret or personal.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// A request was answered, or refused, or broken off on purpose.
    Answered {
        /// The request and its reply, as in the journal. Control calls have the number 0: they are in no journal.
        #[serde(flatten)]
        entry: Box<Entry>,
        /// How long it took, with planned delays; in milliseconds when written as JSON.
        #[serde(rename = "durationMs", serialize_with = "as_millis")]
        duration: Duration,
    },
    /// The system has no more descriptors for connections: the sandbox closed those that were idle and goes on.
    OutOfDescriptors,
    /// This reader was too slow and missed so many events.
    Missed {
        /// How many.
        count: u64,
    },
}

fn as_millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1000.0)
}

/// Where the server says what it does.
#[derive(Clone, Debug)]
pub(crate) struct Feed(broadcast::Sender<Arc<Event>>);

impl Feed {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(KEPT).0)
    }

    /// Whether there is anybody to say it to. Without a reader, an event is not even made.
    pub(crate) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(crate) fn say(&self, event: Event) {
        // An error says that the last reader has just gone.
        let _ = self.0.send(Arc::new(event));
    }

    pub(crate) fn listen(&self) -> Events {
        Events(self.0.subscribe())
    }
}

/// The events of a sandbox from when this was made. Each reader hears all of them.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Arc<Event>>);

impl Events {
    /// The next event; none once the sandbox has ended. It may be cancelled without loss.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        heard(self.0.recv().await)
    }

    /// [`next`](Self::next) for a thread without an async runtime.
    pub fn next_blocking(&mut self) -> Option<Arc<Event>> {
        heard(self.0.blocking_recv())
    }
}

fn heard(event: Result<Arc<Event>, RecvError>) -> Option<Arc<Event>> {
    match event {
        Ok(event) => Some(event),
        Err(RecvError::Lagged(count)) => Some(Arc::new(Event::Missed { count })),
        Err(RecvError::Closed) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_reader_hears_how_much_it_missed_and_goes_on() {
        let feed = Feed::new();
        assert!(!feed.is_heard());
        let mut events = feed.listen();
        for _ in 0..KEPT + 3 {
            feed.say(Event::OutOfDescriptors);
        }
        let missed = events.next_blocking().unwrap();
        assert!(matches!(*missed, Event::Missed { count: 3 }), "{missed:?}");
        assert!(matches!(
            *events.next_blocking().unwrap(),
            Event::OutOfDescriptors
        ));
        drop(feed);
        while events.next_blocking().is_some() {}
        assert_eq!(
            serde_json::to_string(&Event::Missed { count: 3 }).unwrap(),
            r#"{"event":"missed","count":3}"#
        );
    }
}
