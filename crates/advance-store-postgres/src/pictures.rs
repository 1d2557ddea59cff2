//! The table of pictures: rows read and written, and no rule.

use advance_collector::row::PictureRow;
use advance_collector::{StoreError, WantedPicture};
use advance_core::{ImageLink, UnixMillis};

use crate::columns::{Reader, millis, number, text};
use crate::transaction::Statement;
use crate::verifications::id;

pub(crate) const COLUMNS: &str = "signature_id, kind, state, due_at, fence, attempt, may_cost, link, received_at, \
    tries, asked_again, sha256, bytes, lost";

/// Asks for the pictures of these verifications, and locks them if `lock` says so. `image` stands before
/// `cropped_image`, as in a reply.
pub(crate) fn of(ids: Vec<String>, lock: bool) -> Statement {
    let lock = if lock { "FOR UPDATE" } else { "" };
    let query = format!(
        "SELECT {COLUMNS} FROM advance_picture WHERE signature_id = ANY($1) ORDER BY signature_id, kind DESC {lock}"
    );
    Statement::new(query).texts(ids)
}

/// The rows that came.
pub(crate) fn read_all(rows: &[tokio_postgres::Row]) -> Result<Vec<PictureRow>, StoreError> {
    rows.iter().map(|row| read(Reader::new(row))).collect()
}

fn read(mut from: Reader<'_>) -> Result<PictureRow, StoreError> {
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
pub(crate) fn save(row: &PictureRow) -> Statement {
    let statement = format!(
        "INSERT INTO advance_picture ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (signature_id, kind) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, \
         fence = excluded.fence, attempt = excluded.attempt, may_cost = excluded.may_cost, link = excluded.link, \
         received_at = excluded.received_at, tries = excluded.tries, asked_again = excluded.asked_again, \
         sha256 = excluded.sha256, bytes = excluded.bytes, lost = excluded.lost"
    );
    Statement::new(statement)
        .text(row.signature_id.as_str())
        .text(row.kind.as_str())
        .text(row.state.as_str())
        .number(millis(row.due))
        .number(number(row.fence))
        .optional_text(row.attempt.map(|attempt| attempt.to_string()))
        .flag(row.may_cost)
        .optional_text(row.link.as_ref().map(|link| text(link.expose_url())))
        .number(millis(row.received))
        .number(row.tries.into())
        .number(row.asked_again.into())
        .optional_text(row.sha256.clone())
        .optional_number(row.bytes.map(number))
        .optional_text(row.lost.as_deref().map(text))
}
