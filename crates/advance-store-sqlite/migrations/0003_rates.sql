-- How fast requests go out: one row for each pace that processes share. Times are microseconds since 1970 by the clock of
-- the machine that the file is on.

CREATE TABLE advance_rate (
    name       TEXT    NOT NULL PRIMARY KEY,
    -- When the next request would go out if all came evenly, and until when everybody is held back.
    next_at    INTEGER NOT NULL,
    held_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
