//! The schema, version by version. Each version is a file that a person can read and apply by hand.

use advance_collector::StoreError;
use tokio_postgres::{Client, IsolationLevel};

use crate::error::{failed, other_version};

/// Every version, oldest first. What was published stays as it is: a change is another file.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_pending_verifications.sql"),
    include_str!("../migrations/0002_rates.sql"),
    include_str!("../migrations/0003_shared_tokens.sql"),
    include_str!("../migrations/0004_letters.sql"),
];

/// Names the lock that migrations of one database take, one after the other.
const LOCK: i64 = 0x0061_6476_616e_6365;

/// The schema has this library's version, or another one that it cannot use.
pub(crate) async fn check(client: &Client) -> Result<(), StoreError> {
    match version(client).await? {
        at if at == MIGRATIONS.len() => Ok(()),
        at => Err(other_version(at, MIGRATIONS.len())),
    }
}

/// Brings the schema to this library's version, in one transaction.
pub(crate) async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    if version(client).await? == MIGRATIONS.len() {
        return Ok(());
    }
    // What another process made while this one waited for the lock is seen at no higher level.
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::ReadCommitted)
        .read_only(false);
    let transaction = transaction.start().await.map_err(failed)?;
    transaction
        .batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await
        .map_err(failed)?;
    // Another process may have been faster.
    let at = version(transaction.client()).await?;
    let missing = MIGRATIONS
        .get(at..)
        .ok_or_else(|| other_version(at, MIGRATIONS.len()))?;
    for script in missing {
        transaction.batch_execute(script).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

/// How many versions were applied.
async fn version(client: &Client) -> Result<usize, StoreError> {
    // Asked by way of a table: without one, a session may go by what it knew before another made it.
    let is_there = "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('advance_schema'))";
    let there = client.query_typed_one(is_there, &[]).await.map_err(failed)?;
    if !there.try_get::<_, bool>(0).map_err(failed)? {
        return Ok(0);
    }
    let latest = "SELECT coalesce(max(version), 0) FROM advance_schema";
    let latest = client.query_typed_one(latest, &[]).await.map_err(failed)?;
    let latest: i32 = latest.try_get(0).map_err(failed)?;
    Ok(usize::try_from(latest).unwrap_or(0))
}
