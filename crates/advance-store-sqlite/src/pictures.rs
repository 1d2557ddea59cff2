//! The table of pictures: rows read and written, and no rule.

use advance_collector::row::PictureRow;
use advance_collector::{StoreError, WantedPicture};
use advance_core::{ImageLink, UnixMillis};
use rusqlite::{Connection, Params, params};

use crate::columns::{Reader, millis, number};
use crate::error::failed;
use crate::verifications::id;

const COLUMNS: &str = "signature_id, kind, state, due_at, fence, attempt, may_cost, link, received_at, tries, \
    asked_again, sha256, bytes, lost";

/// The rows that this condition finds.
pub(crate) fn find(
    connection: &Connection,
    condition: &str,
    params: impl Params,
) -> Result<Vec<PictureRow>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM advance_picture {condition}");
    let mut statement = connection.prepare_cached(&query).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(Reader::new(row))?);
    }
    Ok(found)
}

/// The pictures of this verification.
pub(crate) fn of(connection: &Connection, signature_id: &str) -> Result<Vec<PictureRow>, StoreError> {
    // `image` stands before `cropped_image`, as in a reply.
    find(
        connection,
        "WHERE signature_id = ?1 ORDER BY kind DESC",
        [signature_id],
    )
}

fn read(mut from: Reader<'_, '_>) -> Result<PictureRow, StoreError> {
    let signature_id = id(from.text()?)?;
    let kind = from.word("kind")?;
    let nowhere = WantedPicture::new(kind, ImageLink::from(""));
    let mut row = PictureRow::new(signature_id, &nowhere, UnixMillis::new(0));
    row.state = from.word("state")?;
    row.due = from.time()?;
    row.fence = from.big()?;
    row.attempt = from.optional_word("attempt")?;
    row.may_cost = from.flag()?;
    row.link = from.optional_text()?.as_deref().map(ImageLink::from);
    row.received = from.time()?;
    row.tries = from.small()?;
    row.asked_again = from.small()?;
    row.sha256 = from.optional_text()?;
    row.bytes = from.optional_big()?;
    row.lost = from.optional_text()?;
    Ok(row)
}

/// Writes a row, in the place of one of the same picture.
pub(crate) fn save(connection: &Connection, row: &PictureRow) -> Result<(), StoreError> {
    let statement = format!(
        "INSERT OR REPLACE INTO advance_picture ({COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    );
    let mut statement = connection.prepare_cached(&statement).map_err(failed)?;
    statement
        .execute(params![
            row.signature_id.as_str(),
            row.kind.as_str(),
            row.state.as_str(),
            millis(row.due),
            number(row.fence),
            row.attempt.map(|attempt| attempt.to_string()),
            row.may_cost,
            row.link.as_ref().map(ImageLink::expose_url),
            millis(row.received),
            row.tries,
            row.asked_again,
            row.sha256,
            row.bytes.map(number),
            row.lost,
        ])
        .map_err(failed)?;
    Ok(())
}
