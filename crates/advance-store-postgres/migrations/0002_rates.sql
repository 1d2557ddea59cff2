-- How fast requests go out, version 2: one row for each pace that workers share. It is applied as version 1 is.
--
-- A role that runs workers needs SELECT, INSERT and UPDATE on the table.

CREATE TABLE advance_rate (
    name       text COLLATE "C" NOT NULL PRIMARY KEY,
    -- When the next request would go out if all came evenly, and until when everybody is held back: microseconds since
    -- 1970 by advance_now().
    next_at    bigint NOT NULL DEFAULT 0,
    held_until bigint NOT NULL DEFAULT 0,
    -- How long the latest who asked was to wait, in microseconds.
    wait       bigint NOT NULL DEFAULT 0
) WITH (
    -- A few rows that are written thousands of times a second: their versions stay on their page, and go with the next write.
    fillfactor = 10,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0
);

INSERT INTO advance_schema (version) VALUES (2);
