//! The table of verifications: rows read and written, and no rule.

use advance_collector::row::Row;
use advance_collector::{Conclusion, Pending, StoreError};
use advance_core::{Charges, Outcome, SignatureId, TransactionId, UnixMillis};
use rusqlite::{Connection, Params, params};

use crate::columns::{Reader, millis, number};
use crate::error::{damaged, failed};

const COLUMNS: &str = "signature_id, state, due_at, fence, attempt, polls, barren, pauses, doubts, charges_free, \
    charges_pay, charges_unknown, added_at, link_ends_at, ended_at, ending, verdict, reasons, code, \
    transaction_id, kept, revision, told, tell_due_at, tell_tries";

/// The rows that this condition finds.
pub(crate) fn find(
    connection: &Connection,
    condition: &str,
    params: impl Params,
) -> Result<Vec<Row>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM advance_verification {condition}");
    let mut statement = connection.prepare_cached(&query).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(Reader::new(row))?);
    }
    Ok(found)
}

/// The row of this id.
pub(crate) fn get(connection: &Connection, signature_id: &str) -> Result<Option<Row>, StoreError> {
    Ok(find(connection, "WHERE signature_id = ?1", [signature_id])?.pop())
}

fn read(mut from: Reader<'_, '_>) -> Result<Row, StoreError> {
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

fn conclusion(from: &mut Reader<'_, '_>) -> Result<Option<Conclusion>, StoreError> {
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

/// Writes a new row, unless there is one. Says whether it did.
pub(crate) fn insert(connection: &Connection, row: &Row) -> Result<bool, StoreError> {
    let statement = "INSERT INTO advance_verification (signature_id, state, due_at, added_at, link_ends_at, tell_due_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    let new = statement.execute(params![
        row.signature_id.as_str(),
        row.state.as_str(),
        millis(row.due),
        millis(row.added),
        row.link_ends.map(millis),
        millis(row.tell_due),
    ]);
    Ok(new.map_err(failed)? == 1)
}

/// Writes what may have changed.
pub(crate) fn save(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let statement = "UPDATE advance_verification SET state = ?2, due_at = ?3, fence = ?4, attempt = ?5, polls = ?6, \
        barren = ?7, pauses = ?8, doubts = ?9, charges_free = ?10, charges_pay = ?11, charges_unknown = ?12, \
        ended_at = ?13, ending = ?14, verdict = ?15, reasons = ?16, code = ?17, transaction_id = ?18, kept = ?19, \
        revision = ?20, told = ?21, tell_due_at = ?22, tell_tries = ?23 WHERE signature_id = ?1";
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    let conclusion = row.conclusion.as_ref();
    statement
        .execute(params![
            row.signature_id.as_str(),
            row.state.as_str(),
            millis(row.due),
            number(row.fence),
            row.attempt.map(|attempt| attempt.to_string()),
            row.polls,
            row.barren,
            row.pauses,
            row.doubts,
            number(row.charges.free),
            number(row.charges.pay),
            number(row.charges.unknown),
            row.ended.map(millis),
            conclusion.map(|conclusion| conclusion.ending.as_str()),
            conclusion.and_then(|conclusion| Some(conclusion.verdict?.as_str())),
            conclusion.map(|conclusion| conclusion.reasons.join(" ")),
            conclusion.and_then(|conclusion| conclusion.code.as_deref()),
            conclusion.and_then(|conclusion| Some(conclusion.transaction_id.as_ref()?.as_str())),
            conclusion.is_some_and(|conclusion| conclusion.kept),
            row.revision,
            row.told,
            millis(row.tell_due),
            row.tell_tries,
        ])
        .map_err(failed)?;
    Ok(())
}

/// Deletes a row, and adds its cost to that of those before.
pub(crate) fn forget(connection: &Connection, row: &Row, more_unknown: u64) -> Result<(), StoreError> {
    let charges = row.charges_when_erased();
    let sum = "UPDATE advance_forgotten SET charges_free = charges_free + ?1, charges_pay = charges_pay + ?2, \
        charges_unknown = charges_unknown + ?3";
    let mut sum = connection.prepare_cached(sum).map_err(failed)?;
    sum.execute([
        number(charges.free),
        number(charges.pay),
        number(charges.unknown + more_unknown),
    ])
    .map_err(failed)?;
    let id = row.signature_id.as_str();
    for table in ["advance_picture", "advance_doubt", "advance_verification"] {
        let delete = format!("DELETE FROM {table} WHERE signature_id = ?1");
        let mut delete = connection.prepare_cached(&delete).map_err(failed)?;
        delete.execute([id]).map_err(failed)?;
    }
    Ok(())
}
