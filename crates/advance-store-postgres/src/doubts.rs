//! The table of doubts.

use advance_collector::AttemptId;
use advance_collector::row::Doubt;

use crate::columns::millis;
use crate::transaction::Statement;

/// Remembers an attempt whose cost is unknown.
pub(crate) fn insert(doubt: &Doubt) -> Statement {
    Statement::new(
        "INSERT INTO advance_doubt (attempt, signature_id, kind, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .text(doubt.attempt.to_string())
    .text(doubt.signature_id.as_str())
    .text(doubt.kind.as_str())
    .number(millis(doubt.at))
}

/// Asks whose it is, if it is open.
pub(crate) fn whose(attempt: AttemptId) -> Statement {
    Statement::new("SELECT signature_id FROM advance_doubt WHERE attempt = $1 AND NOT closed")
        .text(attempt.to_string())
}

/// Closes it, if it is open, and brings a row if it was.
pub(crate) fn close(attempt: AttemptId) -> Statement {
    Statement::new("UPDATE advance_doubt SET closed = true WHERE attempt = $1 AND NOT closed RETURNING true")
        .text(attempt.to_string())
}
