//! The table of shared tokens.

use advance_collector::StoreError;
use advance_core::secret::AccessToken;
use advance_core::sharing::{ClientId, TokenKey, TokenRow};
use advance_core::{Code, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::columns::{Reader, millis, number};
use crate::error::{damaged, failed};

/// The row of this key, if there is one.
pub(crate) fn find(connection: &Connection, key: &TokenKey) -> Result<Option<TokenRow>, StoreError> {
    const SELECT: &str = "SELECT fence, leased_by, leased_at, leased_until, generation, token, issued_at, ends_at, \
        replaced_at, replaced_before, refused_code, refused_until FROM advance_token WHERE key = ?1";
    let mut statement = connection.prepare_cached(SELECT).map_err(failed)?;
    let row = statement
        .query_row([key.as_str()], |row| Ok(read(Reader::new(row))))
        .optional()
        .map_err(failed)?;
    row.transpose()
}

fn read(mut column: Reader<'_, '_>) -> Result<TokenRow, StoreError> {
    let mut row = TokenRow::default();
    row.fence = column.big()?;
    row.leased_by = column.optional_big()?.map(ClientId::new);
    row.leased_at = column.optional_time()?;
    row.leased_until = column.optional_time()?;
    row.generation = column.big()?;
    let token = column.optional_text()?.map(AccessToken::new).transpose();
    // What it was refused for says nothing of its text, but the text is none that was written here.
    row.token = token.map_err(|_| damaged("token"))?;
    row.issued_at = column.optional_time()?;
    row.ends_at = column.optional_time()?;
    row.replaced_at = column.optional_time()?;
    row.replaced_before = column.optional_time()?;
    row.refused_code = column.optional_text()?.map(|code| Code::from(code.as_str()));
    row.refused_until = column.optional_time()?;
    Ok(row)
}

pub(crate) fn save(connection: &Connection, key: &TokenKey, row: &TokenRow) -> Result<(), StoreError> {
    const UPSERT: &str = "INSERT INTO advance_token (key, fence, leased_by, leased_at, leased_until, generation, token, \
        issued_at, ends_at, replaced_at, replaced_before, refused_code, refused_until) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
        ON CONFLICT (key) DO UPDATE SET fence = ?2, leased_by = ?3, leased_at = ?4, leased_until = ?5, generation = ?6, \
        token = ?7, issued_at = ?8, ends_at = ?9, replaced_at = ?10, replaced_before = ?11, refused_code = ?12, \
        refused_until = ?13";
    let time = |time: Option<UnixMillis>| time.map(millis);
    let mut statement = connection.prepare_cached(UPSERT).map_err(failed)?;
    statement
        .execute(params![
            key.as_str(),
            number(row.fence),
            row.leased_by.map(|client| number(client.get())),
            time(row.leased_at),
            time(row.leased_until),
            number(row.generation),
            row.token.as_ref().map(AccessToken::expose),
            time(row.issued_at),
            time(row.ends_at),
            time(row.replaced_at),
            time(row.replaced_before),
            row.refused_code.as_ref().map(Code::as_str),
            time(row.refused_until),
        ])
        .map_err(failed)?;
    Ok(())
}
