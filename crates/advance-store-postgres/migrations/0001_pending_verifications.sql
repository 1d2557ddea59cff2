-- What advance-collector keeps, version 1. The library applies this file by itself unless it is told not to; by hand:
--
--   psql --single-transaction --set ON_ERROR_STOP=1 --file 0001_pending_verifications.sql DATABASE
--
-- Times are milliseconds since 1970 by the clock of the database; only link_ends_at and the ends inside links are the
-- vendor's. No name, number or picture of a person is in here.
--
-- A role that runs workers needs: USAGE on the schema; SELECT, INSERT, UPDATE, DELETE on the tables of this file;
-- EXECUTE on advance_now.

CREATE TABLE advance_schema (
    version    integer     NOT NULL PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The one clock: leases, due times and rates go by nothing else.
CREATE FUNCTION advance_now() RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE
    AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE TABLE advance_verification (
    -- In the order of its bytes, whatever the language of the database.
    signature_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    state           text    NOT NULL CHECK (state IN ('waiting', 'asking', 'done', 'unsure', 'failed')),
    -- While it waits: when it may be claimed. While it is asked about: when its sender counts as vanished.
    due_at          bigint  NOT NULL,
    -- The number of its latest claim.
    fence           bigint  NOT NULL DEFAULT 0,
    -- Its latest attempt: 32 hexadecimal digits.
    attempt         text COLLATE "C",
    polls           bigint  NOT NULL DEFAULT 0,
    barren          bigint  NOT NULL DEFAULT 0,
    pauses          bigint  NOT NULL DEFAULT 0,
    doubts          bigint  NOT NULL DEFAULT 0,
    charges_free    bigint  NOT NULL DEFAULT 0,
    charges_pay     bigint  NOT NULL DEFAULT 0,
    charges_unknown bigint  NOT NULL DEFAULT 0,
    added_at        bigint  NOT NULL,
    link_ends_at    bigint,
    ended_at        bigint,
    -- How it ended: finished, link_expired, timed_out, too_dear, failed, unsure.
    ending          text,
    verdict         text,
    -- Separated by spaces.
    reasons         text,
    code            text,
    transaction_id  text,
    -- Whether the reply reached the sink.
    kept            boolean NOT NULL DEFAULT false,
    -- One more with each outcome, and the latest that the application was told.
    revision        bigint  NOT NULL DEFAULT 0,
    told            bigint  NOT NULL DEFAULT 0,
    tell_due_at     bigint  NOT NULL,
    tell_tries      bigint  NOT NULL DEFAULT 0
) WITH (
    -- A row is written four to five times in its first minutes and never again: room for its next versions beside it, and
    -- a vacuum that does not wait for a fifth of a large table to be dead.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);

CREATE INDEX advance_verification_due     ON advance_verification (due_at) WHERE state = 'waiting';
CREATE INDEX advance_verification_lease   ON advance_verification (due_at) WHERE state = 'asking';
CREATE INDEX advance_verification_attempt ON advance_verification (attempt) WHERE state = 'asking';
CREATE INDEX advance_verification_untold  ON advance_verification (tell_due_at) WHERE ending IS NOT NULL AND told < revision;
CREATE INDEX advance_verification_ended   ON advance_verification (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE advance_picture (
    signature_id text COLLATE "C" NOT NULL REFERENCES advance_verification ON DELETE CASCADE,
    kind         text    NOT NULL CHECK (kind IN ('image', 'cropped_image')),
    state        text    NOT NULL CHECK (state IN ('waiting', 'asking', 'kept', 'lost')),
    due_at       bigint  NOT NULL,
    fence        bigint  NOT NULL DEFAULT 0,
    attempt      text COLLATE "C",
    -- Whether the latest attempt may cost something, since it asks for another link.
    may_cost     boolean NOT NULL DEFAULT false,
    -- A secret, and gone as soon as the picture is kept or lost.
    link         text,
    received_at  bigint  NOT NULL,
    tries        bigint  NOT NULL DEFAULT 0,
    asked_again  bigint  NOT NULL DEFAULT 0,
    sha256       text,
    bytes        bigint,
    lost         text,
    PRIMARY KEY (signature_id, kind)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

CREATE INDEX advance_picture_due     ON advance_picture (due_at) WHERE state = 'waiting';
CREATE INDEX advance_picture_lease   ON advance_picture (due_at) WHERE state = 'asking';
CREATE INDEX advance_picture_attempt ON advance_picture (attempt) WHERE state = 'asking';

-- Attempts that were given up with their cost unknown.
CREATE TABLE advance_doubt (
    attempt      text COLLATE "C" NOT NULL PRIMARY KEY,
    signature_id text COLLATE "C" NOT NULL REFERENCES advance_verification ON DELETE CASCADE,
    kind         text    NOT NULL CHECK (kind IN ('result', 'image', 'cropped_image')),
    at           bigint  NOT NULL,
    -- Whether its sender came back after all, and what it brought was booked.
    closed       boolean NOT NULL DEFAULT false
);

CREATE INDEX advance_doubt_verification ON advance_doubt (signature_id);

-- What verifications cost that were erased or pruned.
CREATE TABLE advance_forgotten (
    -- There is one row.
    singleton       boolean NOT NULL PRIMARY KEY CHECK (singleton),
    charges_free    bigint  NOT NULL,
    charges_pay     bigint  NOT NULL,
    charges_unknown bigint  NOT NULL
);

INSERT INTO advance_forgotten VALUES (true, 0, 0, 0);

INSERT INTO advance_schema (version) VALUES (1);
