-- The payments of tenants. Those of the anonymous tenant stay in "{payments}", so that the release before finds there what
-- it knows, and nothing else.
CREATE TABLE "{payments}_tenants" (
    -- The order of creation, of all tenants together. AUTOINCREMENT: a number is never used again.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- An organisation, never empty. It is not organisation_id: that is a part of the payment's content.
    tenant          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    -- Microseconds since 1970-01-01T00:00:00Z.
    created_on      INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    -- 1: a tombstone. It keeps the id taken.
    deleted         INTEGER NOT NULL DEFAULT 0,
    organisation_id TEXT    NOT NULL,
    -- JSON as the client wrote it. Text, because it comes back byte for byte; last, because it may overflow the page.
    attributes      TEXT    NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

-- Lists walk along this, so they see neither tombstones nor the payments of others.
CREATE INDEX "{payments}_tenants_live" ON "{payments}_tenants" (tenant, seq) WHERE NOT deleted;

-- Random bytes that all processes share. The first that opens the store writes them.
CREATE TABLE "{payments}_secrets" (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;
