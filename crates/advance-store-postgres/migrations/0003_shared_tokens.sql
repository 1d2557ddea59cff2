-- The token that clients share, version 3: one row for each account, keys, server and egress. It is applied as version 1 is.
-- Times are milliseconds since 1970 by advance_now().
--
-- THE COLUMN token HOLDS A LIVE SECRET: until ends_at it is as good as the keys. Grant the table to the roles that run
-- workers and to no other: they need SELECT, INSERT and UPDATE. Backups and replicas have it too, for as long as it lives.

CREATE TABLE advance_token (
    -- The egress label, digests of the account and its keys, the server. No key can be found from it.
    key           text COLLATE "C" NOT NULL PRIMARY KEY,
    -- The number of the latest lease, the random number of the client that has it, when it was granted, and when it is over
    -- unless it was ended.
    fence         bigint NOT NULL,
    leased_by     bigint,
    leased_at     bigint,
    leased_until  bigint,
    -- The fence under which the token was published.
    generation    bigint NOT NULL,
    token         text,
    issued_at     bigint,
    ends_at       bigint,
    -- When a lease was last granted to replace a token that lived, and the time before.
    replaced_at   bigint,
    replaced_before bigint,
    -- What the vendor said to a client that asked for a token, and until when it is left alone.
    refused_code  text,
    refused_until bigint
);

INSERT INTO advance_schema (version) VALUES (3);
