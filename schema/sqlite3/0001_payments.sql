-- The payments. `{payments}` stands for the name given by --repo-schema-payments.
CREATE TABLE "{payments}" (
    -- The order of creation. AUTOINCREMENT: a number is never used again, not even after everything was deleted.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE,
    version         INTEGER NOT NULL,
    -- Microseconds since 1970-01-01T00:00:00Z.
    created_on      INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    -- 1: a tombstone. It keeps the id taken.
    deleted         INTEGER NOT NULL DEFAULT 0,
    organisation_id TEXT    NOT NULL,
    -- JSON as the client wrote it. Text, because it comes back byte for byte; last, because it may overflow the page.
    attributes      TEXT    NOT NULL
) STRICT;

-- Lists walk along this, so they never see tombstones.
CREATE INDEX "{payments}_live" ON "{payments}" (seq) WHERE NOT deleted;
