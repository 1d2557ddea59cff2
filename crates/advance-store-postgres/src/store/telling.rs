//! Outcomes, until the application has them.

use std::time::Duration;

use advance_collector::row::CLAMP;
use advance_collector::{Event, StoreError};

use super::PostgresStore;
use crate::clock::{self, Due, SKIP, due};
use crate::transaction::Promise;
use crate::verifications;

impl PostgresStore {
    pub(super) async fn to_tell(
        &self,
        limit: usize,
        again_after: Duration,
    ) -> Result<Vec<Event>, StoreError> {
        let mut transaction = self.begin(Promise::Quick).await?;
        let untold = Due {
            table: "advance_verification",
            columns: verifications::COLUMNS,
            condition: "ending IS NOT NULL AND told < revision",
            at: "tell_due_at",
            lock: SKIP,
            beyond: CLAMP,
        };
        let [rows, now] = transaction.all([due(untold, limit), clock::ask()]).await?;
        let now = clock::heard(&now)?;
        let (mut events, mut changes) = (Vec::new(), Vec::new());
        for mut row in verifications::read_all(&rows)? {
            if let Some(event) = row.tell(again_after, now) {
                changes.push(verifications::save(&row));
                events.push(event);
            }
        }
        transaction.commit(changes).await?;
        Ok(events)
    }

    pub(super) async fn was_told(&self, event: &Event) -> Result<(), StoreError> {
        let mut transaction = self.begin(Promise::Quick).await?;
        let row = transaction.one(verifications::lock(&event.signature_id)).await?;
        let mut changes = Vec::new();
        if let Some(mut row) = verifications::read_one(&row)? {
            row.told(event.revision);
            changes.push(verifications::save(&row));
        }
        transaction.commit(changes).await
    }
}
