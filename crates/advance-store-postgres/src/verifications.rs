//! The table of verifications: rows read and written, and no rule.

use advance_collector::row::Row;
use advance_collector::{Conclusion, Pending, StoreError};
use advance_core::{Charges, Outcome, SignatureId, TransactionId, UnixMillis};

use crate::clock::SKIP;
use crate::columns::{Reader, millis, number, text};
use crate::error::damaged;
use crate::transaction::Statement;

pub(crate) const COLUMNS: &str = "signature_id, state, due_at, fence, attempt, polls, barren, pauses, doubts, \
    charges_free, charges_pay, charges_unknown, added_at, link_ends_at, ended_at, ending, verdict, reasons, code, \
    transaction_id, kept, revision, told, tell_due_at, tell_tries";

/// Asks for the row of this id, and locks it.
pub(crate) fn lock(signature_id: &SignatureId) -> Statement {
    let query = format!("SELECT {COLUMNS} FROM advance_verification WHERE signature_id = $1 FOR UPDATE");
    Statement::new(query).text(signature_id.as_str())
}

/// Asks for those rows of these ids that no other holds, and locks them.
pub(crate) fn lock_free(ids: Vec<String>) -> Statement {
    let query = format!(
        "SELECT {COLUMNS} FROM advance_verification WHERE signature_id = ANY($1) ORDER BY signature_id {SKIP}"
    );
    Statement::new(query).texts(ids)
}

/// The rows that came.
pub(crate) fn read_all(rows: &[tokio_postgres::Row]) -> Result<Vec<Row>, StoreError> {
    rows.iter().map(|row| read(Reader::new(row))).collect()
}

/// The row that came, if one did.
pub(crate) fn read_one(rows: &[tokio_postgres::Row]) -> Result<Option<Row>, StoreError> {
    rows.first().map(|row| read(Reader::new(row))).transpose()
}

fn read(mut from: Reader<'_>) -> Result<Row, StoreError> {
    let signature_id = id(from.text()?)?;
    let mut row = Row::new(&Pending::of(signature_id), UnixMillis::new(0));
    row.state = from.word("state")?;
    row.due = from.time()?;
    row.fence = from.big()?;
    row.attempt = from.optional_word("attempt")?;
    row.polls = from.small()?;
    row.barren = from.small()?;
    row.pauses = from.small()?;
    row.doubts = from.small()?;
    row.charges = Charges {
        free: from.big()?,
        pay: from.big()?,
        unknown: from.big()?,
    };
    row.added = from.time()?;
    row.link_ends = from.optional_time()?;
    row.ended = from.optional_time()?;
    row.conclusion = conclusion(&mut from)?;
    row.revision = from.small()?;
    row.told = from.small()?;
    row.tell_due = from.time()?;
    row.tell_tries = from.small()?;
    Ok(row)
}

fn conclusion(from: &mut Reader<'_>) -> Result<Option<Conclusion>, StoreError> {
    let ending = from.optional_word("ending")?;
    let verdict = from.optional_text()?;
    let reasons = from.optional_text()?;
    let code = from.optional_text()?;
    let transaction_id = from.optional_text()?;
    let kept = from.flag()?;
    let Some(ending) = ending else { return Ok(None) };
    let mut conclusion = Conclusion::of(ending);
    conclusion.verdict = verdict.as_deref().map(outcome).transpose()?;
    let reasons = reasons.unwrap_or_default();
    conclusion.reasons = reasons.split_whitespace().map(str::to_owned).collect();
    conclusion.code = code;
    conclusion.transaction_id = transaction_id.as_deref().map(TransactionId::from);
    conclusion.kept = kept;
    Ok(Some(conclusion))
}

fn outcome(word: &str) -> Result<Outcome, StoreError> {
    [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::NeedsReview,
        Outcome::NotFinished,
    ]
    .into_iter()
    .find(|outcome| outcome.as_str() == word)
    .ok_or_else(|| damaged("verdict"))
}

pub(crate) fn id(text: String) -> Result<SignatureId, StoreError> {
    SignatureId::new(text).map_err(|_| damaged("signature_id"))
}

/// Writes new rows, unless they are there. Their order is that of their ids, so that two who add the same do not wait
/// for each other in a circle.
pub(crate) fn insert(mut rows: Vec<Row>) -> Statement {
    rows.sort_by(|one, other| one.signature_id.cmp(&other.signature_id));
    let ids = rows.iter().map(|row| row.signature_id.as_str().to_owned());
    let states = rows.iter().map(|row| row.state.as_str().to_owned());
    let statement = Statement::new(
        "INSERT INTO advance_verification (signature_id, state, due_at, added_at, link_ends_at, tell_due_at) \
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true",
    );
    statement
        .texts(ids.collect())
        .texts(states.collect())
        .numbers(rows.iter().map(|row| millis(row.due)).collect())
        .numbers(rows.iter().map(|row| millis(row.added)).collect())
        .optional_numbers(rows.iter().map(|row| row.link_ends.map(millis)).collect())
        .numbers(rows.iter().map(|row| millis(row.tell_due)).collect())
}

/// Writes what may have changed.
pub(crate) fn save(row: &Row) -> Statement {
    let statement = Statement::new(
        "UPDATE advance_verification SET state = $2, due_at = $3, fence = $4, attempt = $5, polls = $6, barren = $7, \
         pauses = $8, doubts = $9, charges_free = $10, charges_pay = $11, charges_unknown = $12, ended_at = $13, \
         ending = $14, verdict = $15, reasons = $16, code = $17, transaction_id = $18, kept = $19, revision = $20, \
         told = $21, tell_due_at = $22, tell_tries = $23 WHERE signature_id = $1",
    );
    let conclusion = row.conclusion.as_ref();
    let verdict = conclusion.and_then(|conclusion| conclusion.verdict);
    let code = conclusion.and_then(|conclusion| conclusion.code.as_deref());
    let transaction_id = conclusion.and_then(|conclusion| conclusion.transaction_id.as_ref());
    statement
        .text(row.signature_id.as_str())
        .text(row.state.as_str())
        .number(millis(row.due))
        .number(number(row.fence))
        .optional_text(row.attempt.map(|attempt| attempt.to_string()))
        .number(row.polls.into())
        .number(row.barren.into())
        .number(row.pauses.into())
        .number(row.doubts.into())
        .number(number(row.charges.free))
        .number(number(row.charges.pay))
        .number(number(row.charges.unknown))
        .optional_number(row.ended.map(millis))
        .optional_text(conclusion.map(|conclusion| conclusion.ending.to_string()))
        .optional_text(verdict.map(|verdict| verdict.as_str().to_owned()))
        .optional_text(conclusion.map(|conclusion| text(&conclusion.reasons.join(" "))))
        .optional_text(code.map(text))
        .optional_text(transaction_id.map(|id| text(id.as_str())))
        .flag(conclusion.is_some_and(|conclusion| conclusion.kept))
        .number(row.revision.into())
        .number(row.told.into())
        .number(millis(row.tell_due))
        .number(row.tell_tries.into())
}

/// Deletes these rows and what belongs to them, and adds their cost to that of those before.
pub(crate) fn forget(rows: &[Row], more_unknown: u64) -> Vec<Statement> {
    let mut charges = Charges::NONE;
    for row in rows {
        charges += row.charges_when_erased();
    }
    let ids = rows.iter().map(|row| row.signature_id.as_str().to_owned());
    // The one row that all who forget must write comes last, so that it is locked for a moment only.
    vec![
        Statement::new("DELETE FROM advance_verification WHERE signature_id = ANY($1)").texts(ids.collect()),
        Statement::new(
            "UPDATE advance_forgotten SET charges_free = charges_free + $1, charges_pay = charges_pay + $2, \
             charges_unknown = charges_unknown + $3",
        )
        .number(number(charges.free))
        .number(number(charges.pay))
        .number(number(charges.unknown + more_unknown)),
    ]
}
