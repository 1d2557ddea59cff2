-- The token that clients share, one row for each account, keys, server and egress. Times are milliseconds since 1970 by the
-- clock of the machine that the file is on.
--
-- THE COLUMN token HOLDS A LIVE SECRET: until ends_at it is as good as the keys. Protect the file as you protect them.

CREATE TABLE advance_token (
    -- The egress label, digests of the account and its keys, the server. No key can be found from it.
    key           TEXT    NOT NULL PRIMARY KEY,
    -- The number of the latest lease, the random number of the client that has it, when it was granted, and when it is over
    -- unless it was ended.
    fence         INTEGER NOT NULL,
    leased_by     INTEGER,
    leased_at     INTEGER,
    leased_until  INTEGER,
    -- The fence under which the token was published.
    generation    INTEGER NOT NULL,
    token         TEXT,
    issued_at     INTEGER,
    ends_at       INTEGER,
    -- When a lease was last granted to replace a token that lived, and the time before.
    replaced_at   INTEGER,
    replaced_before INTEGER,
    -- What the vendor said to a client that asked for a token, and until when it is left alone.
    refused_code  TEXT,
    refused_until INTEGER
) STRICT, WITHOUT ROWID;
