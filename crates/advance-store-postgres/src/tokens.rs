//! The token that clients share: rows read and written, and no rule.

use std::time::Duration;

use advance_collector::StoreError;
use advance_core::secret::AccessToken;
use advance_core::sharing::{
    AsyncTokenStore, Claimed, ClientId, Setback, TokenClaim, TokenKey, TokenLease, TokenRow, TokenStore,
    TokenStoreError, TokenStoreErrorKind,
};
use advance_core::{Code, UnixMillis};
use async_trait::async_trait;
use tokio::time::timeout;

use crate::columns::{Reader, millis, number, text};
use crate::error::damaged;
use crate::transaction::{Promise, Statement};
use crate::{BlockingPostgresStore, PostgresStore, clock};

const COLUMNS: &str = "fence, leased_by, leased_at, leased_until, generation, token, issued_at, ends_at, replaced_at, \
    replaced_before, refused_code, refused_until";

/// The row and the time.
fn find(key: &TokenKey) -> Statement {
    let query = format!("SELECT {COLUMNS}, advance_now() FROM advance_token WHERE key = $1");
    Statement::new(query).text(key.as_str())
}

/// Makes sure that there is a row, which can be locked.
fn make(key: &TokenKey) -> Statement {
    let new = "INSERT INTO advance_token (key, fence, generation) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING";
    Statement::new(new).text(key.as_str())
}

fn lock(key: &TokenKey) -> Statement {
    let query = format!("SELECT {COLUMNS} FROM advance_token WHERE key = $1 FOR UPDATE");
    Statement::new(query).text(key.as_str())
}

fn read(from: &mut Reader<'_>) -> Result<TokenRow, StoreError> {
    let mut row = TokenRow::default();
    row.fence = from.big()?;
    row.leased_by = from.optional_big()?.map(ClientId::new);
    row.leased_at = from.optional_time()?;
    row.leased_until = from.optional_time()?;
    row.generation = from.big()?;
    let token = from.optional_text()?.map(AccessToken::new).transpose();
    // What it was refused for says nothing of its text, but the text is none that was written here.
    row.token = token.map_err(|_| damaged("token"))?;
    row.issued_at = from.optional_time()?;
    row.ends_at = from.optional_time()?;
    row.replaced_at = from.optional_time()?;
    row.replaced_before = from.optional_time()?;
    row.refused_code = from.optional_text()?.map(|code| Code::from(code.as_str()));
    row.refused_until = from.optional_time()?;
    Ok(row)
}

fn save(key: &TokenKey, row: &TokenRow) -> Statement {
    let statement = Statement::new(
        "UPDATE advance_token SET fence = $2, leased_by = $3, leased_at = $4, leased_until = $5, generation = $6, \
         token = $7, issued_at = $8, ends_at = $9, replaced_at = $10, replaced_before = $11, refused_code = $12, \
         refused_until = $13 WHERE key = $1",
    );
    statement
        .text(key.as_str())
        .number(number(row.fence))
        .optional_number(row.leased_by.map(|client| number(client.get())))
        .optional_number(row.leased_at.map(millis))
        .optional_number(row.leased_until.map(millis))
        .number(number(row.generation))
        .optional_text(row.token.as_ref().map(|token| token.expose().to_owned()))
        .optional_number(row.issued_at.map(millis))
        .optional_number(row.ends_at.map(millis))
        .optional_number(row.replaced_at.map(millis))
        .optional_number(row.replaced_before.map(millis))
        .optional_text(row.refused_code.as_ref().map(|code| text(code.as_str())))
        .optional_number(row.refused_until.map(millis))
}

impl PostgresStore {
    /// What needs no lock: the answer that most who ask are given.
    async fn look(&self, claim: &TokenClaim) -> Result<Option<Claimed>, StoreError> {
        let rows = self.ask(find(&claim.key)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut from = Reader::new(row);
        let row = read(&mut from)?;
        Ok(row.look(claim, from.time()?))
    }

    /// Changes a row, and saves it if it was changed. It survives a crash, so that no fence is given twice.
    async fn change<R>(
        &self,
        key: &TokenKey,
        change: impl FnOnce(&mut TokenRow, UnixMillis) -> R + Send,
    ) -> Result<R, StoreError> {
        let mut transaction = self.begin(Promise::Durable).await?;
        let [_, row, now] = transaction.all([make(key), lock(key), clock::ask()]).await?;
        let before = row.first().map(|row| read(&mut Reader::new(row))).transpose()?;
        let before = before.unwrap_or_default();
        let mut row = before.clone();
        let answer = change(&mut row, clock::heard(&now)?);
        let changes = if row == before {
            Vec::new()
        } else {
            vec![save(key, &row)]
        };
        transaction.commit(changes).await?;
        Ok(answer)
    }
}

/// Within the time that the client has for it.
async fn in_time<R>(
    within: Duration,
    work: impl Future<Output = Result<R, StoreError>>,
) -> Result<R, TokenStoreError> {
    match timeout(within, work).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(TokenStoreError::new(TokenStoreErrorKind::Late)),
    }
}

#[async_trait]
impl AsyncTokenStore for PostgresStore {
    async fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        in_time(within, async {
            match self.look(claim).await? {
                Some(answer) => Ok(answer),
                None => self.change(&claim.key, |row, now| row.claim(claim, now)).await,
            }
        })
        .await
    }

    async fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        let publish = self.change(&lease.key, |row, now| row.publish(lease, token, life, now));
        in_time(within, publish).await
    }

    async fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        let give_back = self.change(&lease.key, |row, now| {
            row.give_back(lease, setback, now);
        });
        in_time(within, give_back).await
    }
}

impl TokenStore for BlockingPostgresStore {
    fn claim(&self, claim: &TokenClaim, within: Duration) -> Result<Claimed, TokenStoreError> {
        let claim = claim.clone();
        self.run(|store| async move { Ok(store.claim(&claim, within).await) })?
    }

    fn publish(
        &self,
        lease: &TokenLease,
        token: &AccessToken,
        life: Duration,
        within: Duration,
    ) -> Result<bool, TokenStoreError> {
        let (lease, token) = (lease.clone(), token.clone());
        self.run(|store| async move { Ok(store.publish(&lease, &token, life, within).await) })?
    }

    fn give_back(
        &self,
        lease: &TokenLease,
        setback: Option<&Setback>,
        within: Duration,
    ) -> Result<(), TokenStoreError> {
        let (lease, setback) = (lease.clone(), setback.cloned());
        self.run(|store| async move { Ok(store.give_back(&lease, setback.as_ref(), within).await) })?
    }
}
