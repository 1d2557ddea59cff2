-- Outcomes on their way to a receiver, version 4. Times are milliseconds since 1970 by the clock of the machine that the file
-- is on. Files from before this version may have the tables already.

CREATE TABLE IF NOT EXISTS advance_letter (
    id           TEXT    NOT NULL PRIMARY KEY,
    signature_id TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    -- JSON, without a word of the person's.
    body         TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    failures     INTEGER NOT NULL DEFAULT 0,
    written_at   INTEGER NOT NULL,
    -- When it is sent next, or was last. While it is being sent: when its lease is over.
    due_at       INTEGER NOT NULL,
    trouble      TEXT
) STRICT, WITHOUT ROWID;

-- What is sent next.
CREATE INDEX IF NOT EXISTS advance_letter_due ON advance_letter (due_at) WHERE state = 'waiting';
-- The other letters about a verification.
CREATE INDEX IF NOT EXISTS advance_letter_verification ON advance_letter (signature_id, revision);
-- How many stand where, and which.
CREATE INDEX IF NOT EXISTS advance_letter_state ON advance_letter (state, written_at);
-- What was delivered long ago.
CREATE INDEX IF NOT EXISTS advance_letter_delivered ON advance_letter (due_at) WHERE state = 'delivered';

-- Has a row while outcomes are put there.
CREATE TABLE IF NOT EXISTS advance_notify (
    since INTEGER NOT NULL PRIMARY KEY
) STRICT;
