-- The versions that were replaced, each of them once: the newest stands in "{payments}". A trigger moves them here, so they are
-- kept whichever release or program writes, the release before included, which knows nothing of this.

-- Who made the version, and what it is beside an ordinary one. A release that does not know these columns leaves them as they
-- were: they are about the version `origin_version`, and about no other.
ALTER TABLE "{payments}" ADD COLUMN origin_version INTEGER;
-- 'erased', or NULL.
ALTER TABLE "{payments}" ADD COLUMN kind           TEXT;
ALTER TABLE "{payments}" ADD COLUMN subject        TEXT;
ALTER TABLE "{payments}" ADD COLUMN client_id      TEXT;
ALTER TABLE "{payments}" ADD COLUMN request_id     TEXT;

CREATE TABLE "{payments}_past" (
    -- The number of the change that replaced the version, out of one sequence with "{payments}".seq. So these numbers, and those
    -- of the payments, are the order of all events.
    change          INTEGER PRIMARY KEY,
    -- The payment.
    seq             INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    deleted         INTEGER NOT NULL,
    organisation_id TEXT    NOT NULL,
    origin_version  INTEGER,
    kind            TEXT,
    subject         TEXT,
    client_id       TEXT,
    request_id      TEXT,
    -- Last, because it may overflow the page. Empty if it was erased.
    attributes      TEXT    NOT NULL,
    UNIQUE (seq, version)
) STRICT;

-- A release that deletes without a version of its own gets one here, so that a payment has each version once.
CREATE TRIGGER "{payments}_keep"
AFTER UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}"
BEGIN
    UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{payments}';
    INSERT INTO "{payments}_past" (
        change, seq, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, attributes
    )
    SELECT sequence.seq, old.seq, old.version, old.modified_on, old.deleted, old.organisation_id,
        old.origin_version, old.kind, old.subject, old.client_id, old.request_id, old.attributes
    FROM sqlite_sequence AS sequence WHERE sequence.name = '{payments}';
    UPDATE "{payments}" SET version = old.version + 1 WHERE seq = old.seq AND new.version <= old.version;
END;

-- The same for the payments of tenants.

ALTER TABLE "{payments}_tenants" ADD COLUMN origin_version INTEGER;
ALTER TABLE "{payments}_tenants" ADD COLUMN kind           TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN subject        TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN client_id      TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN request_id     TEXT;

CREATE TABLE "{payments}_tenants_past" (
    change          INTEGER PRIMARY KEY,
    tenant          TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    deleted         INTEGER NOT NULL,
    organisation_id TEXT    NOT NULL,
    origin_version  INTEGER,
    kind            TEXT,
    subject         TEXT,
    client_id       TEXT,
    request_id      TEXT,
    attributes      TEXT    NOT NULL,
    UNIQUE (seq, version)
) STRICT;

-- A feed walks along these, and along "{payments}_tenants_live".
CREATE INDEX "{payments}_tenants_past_of" ON "{payments}_tenants_past" (tenant, change);
CREATE INDEX "{payments}_tenants_gone" ON "{payments}_tenants" (tenant, seq) WHERE deleted;

CREATE TRIGGER "{payments}_tenants_keep"
AFTER UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}_tenants"
BEGIN
    UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{payments}_tenants';
    INSERT INTO "{payments}_tenants_past" (
        change, tenant, seq, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, attributes
    )
    SELECT sequence.seq, old.tenant, old.seq, old.version, old.modified_on, old.deleted, old.organisation_id,
        old.origin_version, old.kind, old.subject, old.client_id, old.request_id, old.attributes
    FROM sqlite_sequence AS sequence WHERE sequence.name = '{payments}_tenants';
    UPDATE "{payments}_tenants" SET version = old.version + 1 WHERE seq = old.seq AND new.version <= old.version;
END;
