-- Outcomes on their way to a receiver, version 4. It is applied as version 1 is. Times are milliseconds since 1970 by
-- advance_now(). No name, number or picture of a person is in here.
--
-- A role that runs workers needs SELECT, INSERT, UPDATE and DELETE on both tables.

CREATE TABLE advance_letter (
    -- The name by which receivers know it again.
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    -- No reference: a verification may be forgotten for its age while its letter still waits.
    signature_id text COLLATE "C" NOT NULL,
    revision     bigint  NOT NULL,
    -- JSON.
    body         text    NOT NULL,
    state        text    NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    failures     bigint  NOT NULL DEFAULT 0,
    written_at   bigint  NOT NULL,
    -- When it is sent next, or was last. While it is being sent: when its lease is over.
    due_at       bigint  NOT NULL,
    trouble      text
) WITH (
    -- A row is written three times in its first seconds and never again.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);

-- What is sent next.
CREATE INDEX advance_letter_due ON advance_letter (due_at, id) WHERE state = 'waiting';
-- The other letters about a verification.
CREATE INDEX advance_letter_verification ON advance_letter (signature_id, revision);
-- How many stand where, and which.
CREATE INDEX advance_letter_state ON advance_letter (state, written_at, id);
-- What was delivered long ago.
CREATE INDEX advance_letter_delivered ON advance_letter (due_at) WHERE state = 'delivered';

-- Has a row while outcomes are put there.
CREATE TABLE advance_notify (
    -- There is one row at the most.
    singleton boolean NOT NULL PRIMARY KEY CHECK (singleton),
    since     bigint  NOT NULL
);

INSERT INTO advance_schema (version) VALUES (4);
