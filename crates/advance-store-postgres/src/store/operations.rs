//! What a store is asked.

use std::sync::Arc;
use std::time::Duration;

use advance_collector::store::Watch;
use advance_collector::{
    AsyncStore, AttemptId, Claim, Event, Intended, Intent, Nudged, Pending, Record, Rest, Settled,
    Settlement, Status, StoreError, Wanted,
};
use advance_core::SignatureId;
use async_trait::async_trait;

use super::{PostgresStore, new_rows};
use crate::columns::limit;
use crate::transaction::{Promise, Statement};
use crate::{clock, news, verifications};

#[async_trait]
impl AsyncStore for PostgresStore {
    async fn add(&self, pending: &[Pending]) -> Result<u64, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let now = clock::heard(&transaction.one(clock::ask()).await?)?;
        let insert = verifications::insert(new_rows(pending, now));
        let new = transaction.one(insert).await?.len();
        transaction.commit(Vec::new()).await?;
        Ok(new as u64)
    }

    async fn claim(&self, wanted: &Wanted) -> Result<Vec<Claim>, StoreError> {
        self.hand_out(wanted).await
    }

    async fn give_back(&self, claim: &Claim, after: Duration) -> Result<(), StoreError> {
        self.take_back(claim, after).await
    }

    async fn intend(&self, intent: &Intent) -> Result<Intended, StoreError> {
        self.take_in(intent).await
    }

    async fn settle(&self, attempt: AttemptId, settlement: &Settlement) -> Result<Settled, StoreError> {
        self.book_attempt(attempt, settlement).await
    }

    async fn sweep(&self, doubts_allowed: u32) -> Result<u64, StoreError> {
        self.find_vanished(doubts_allowed).await
    }

    async fn nudge(&self, signature_id: &SignatureId) -> Result<Nudged, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let row = verifications::lock(signature_id);
        let [row, now] = transaction.all([row, clock::ask()]).await?;
        let mut changes = Vec::new();
        let mut nudged = Nudged::Unknown;
        if let Some(mut row) = verifications::read_one(&row)? {
            nudged = row.nudge(clock::heard(&now)?);
            changes.push(verifications::save(&row));
        }
        if nudged == Nudged::Due {
            changes.push(news::tell());
        }
        transaction.commit(changes).await?;
        Ok(nudged)
    }

    async fn ask_again(&self, signature_id: &SignatureId) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let row = verifications::lock(signature_id);
        let [row, now] = transaction.all([row, clock::ask()]).await?;
        let mut changes = Vec::new();
        let mut was_unsure = false;
        if let Some(mut row) = verifications::read_one(&row)? {
            was_unsure = row.ask_again(clock::heard(&now)?);
            changes.push(verifications::save(&row));
        }
        transaction.commit(changes).await?;
        Ok(was_unsure)
    }

    async fn rest(&self) -> Result<Rest, StoreError> {
        self.what_is_left().await
    }

    async fn untold(&self, limit: usize, again_after: Duration) -> Result<Vec<Event>, StoreError> {
        self.to_tell(limit, again_after).await
    }

    async fn told(&self, event: &Event) -> Result<(), StoreError> {
        self.was_told(event).await
    }

    async fn status(&self) -> Result<Status, StoreError> {
        self.counts().await
    }

    async fn get(&self, signature_id: &SignatureId) -> Result<Option<Record>, StoreError> {
        let columns = verifications::COLUMNS;
        let query = format!("SELECT {columns} FROM advance_verification WHERE signature_id = $1");
        let found = self.records(Statement::new(query).text(signature_id.as_str()));
        Ok(found.await?.pop())
    }

    async fn list(&self, after: Option<&SignatureId>, count: usize) -> Result<Vec<Record>, StoreError> {
        let columns = verifications::COLUMNS;
        let query = format!(
            "SELECT {columns} FROM advance_verification WHERE signature_id > $1 ORDER BY signature_id LIMIT $2"
        );
        let after = after.map_or("", SignatureId::as_str);
        self.records(Statement::new(query).text(after).number(limit(count)))
            .await
    }

    async fn old(&self, age: Duration, limit: usize) -> Result<Vec<SignatureId>, StoreError> {
        self.ended_before(age, limit).await
    }

    async fn erase(&self, ids: &[SignatureId]) -> Result<u64, StoreError> {
        self.forget(ids).await
    }

    fn watch(&self, watch: &Arc<Watch>) {
        self.shared.news.watch(watch);
    }
}
