-- What advance-collector keeps. Times are milliseconds since 1970 by the clock of the machine that the file is on; only
-- link_ends_at and the ends inside links are the vendor's. No name, number or picture of a person is in here.

CREATE TABLE advance_verification (
    signature_id    TEXT    NOT NULL PRIMARY KEY,
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'asking', 'done', 'unsure', 'failed')),
    -- While it waits: when it may be claimed. While it is asked about: when its sender counts as vanished.
    due_at          INTEGER NOT NULL,
    -- The number of its latest claim.
    fence           INTEGER NOT NULL DEFAULT 0,
    -- Its latest attempt: 32 hexadecimal digits.
    attempt         TEXT,
    polls           INTEGER NOT NULL DEFAULT 0,
    barren          INTEGER NOT NULL DEFAULT 0,
    pauses          INTEGER NOT NULL DEFAULT 0,
    doubts          INTEGER NOT NULL DEFAULT 0,
    charges_free    INTEGER NOT NULL DEFAULT 0,
    charges_pay     INTEGER NOT NULL DEFAULT 0,
    charges_unknown INTEGER NOT NULL DEFAULT 0,
    added_at        INTEGER NOT NULL,
    link_ends_at    INTEGER,
    ended_at        INTEGER,
    -- How it ended: finished, link_expired, timed_out, too_dear, failed, unsure.
    ending          TEXT,
    verdict         TEXT,
    -- Separated by spaces.
    reasons         TEXT,
    code            TEXT,
    transaction_id  TEXT,
    -- 1 if the reply reached the sink.
    kept            INTEGER NOT NULL DEFAULT 0,
    -- One more with each outcome, and the latest that the application was told.
    revision        INTEGER NOT NULL DEFAULT 0,
    told            INTEGER NOT NULL DEFAULT 0,
    tell_due_at     INTEGER NOT NULL,
    tell_tries      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX advance_verification_due     ON advance_verification (due_at) WHERE state = 'waiting';
CREATE INDEX advance_verification_lease   ON advance_verification (due_at) WHERE state = 'asking';
CREATE INDEX advance_verification_attempt ON advance_verification (attempt) WHERE state = 'asking';
CREATE INDEX advance_verification_untold  ON advance_verification (tell_due_at) WHERE ending IS NOT NULL AND told < revision;
CREATE INDEX advance_verification_ended   ON advance_verification (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE advance_picture (
    signature_id TEXT    NOT NULL REFERENCES advance_verification ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('image', 'cropped_image')),
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'asking', 'kept', 'lost')),
    due_at       INTEGER NOT NULL,
    fence        INTEGER NOT NULL DEFAULT 0,
    attempt      TEXT,
    -- 1 if the latest attempt may cost something, since it asks for another link.
    may_cost     INTEGER NOT NULL DEFAULT 0,
    -- A secret, and gone as soon as the picture is kept or lost.
    link         TEXT,
    received_at  INTEGER NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0,
    asked_again  INTEGER NOT NULL DEFAULT 0,
    sha256       TEXT,
    bytes        INTEGER,
    lost         TEXT,
    PRIMARY KEY (signature_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX advance_picture_due     ON advance_picture (due_at) WHERE state = 'waiting';
CREATE INDEX advance_picture_lease   ON advance_picture (due_at) WHERE state = 'asking';
CREATE INDEX advance_picture_attempt ON advance_picture (attempt) WHERE state = 'asking';

-- Attempts that were given up with their cost unknown.
CREATE TABLE advance_doubt (
    attempt      TEXT    NOT NULL PRIMARY KEY,
    signature_id TEXT    NOT NULL REFERENCES advance_verification ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('result', 'image', 'cropped_image')),
    at           INTEGER NOT NULL,
    -- 1 if its sender came back after all, and what it brought was booked.
    closed       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX advance_doubt_verification ON advance_doubt (signature_id);

-- What verifications cost that were erased or pruned.
CREATE TABLE advance_forgotten (
    only            INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    charges_free    INTEGER NOT NULL,
    charges_pay     INTEGER NOT NULL,
    charges_unknown INTEGER NOT NULL
) STRICT;

INSERT INTO advance_forgotten VALUES (1, 0, 0, 0);
