-- The changes of payments, and the versions that they replaced, each of them once: the newest stands in "{payments}". A trigger
-- writes them, so they are kept whichever release or program changes a payment, the release before included, which knows nothing
-- of this. It also sees to it that the versions of a payment have consecutive numbers: that release deletes without a version of
-- its own.

-- Who made the version, and what it is beside an ordinary one. A release that does not know these columns leaves them as they
-- were: they are about the version `origin_version`, and about no other.
ALTER TABLE "{payments}" ADD COLUMN origin_version INTEGER;
-- 'erased', or NULL.
ALTER TABLE "{payments}" ADD COLUMN kind           TEXT;
ALTER TABLE "{payments}" ADD COLUMN subject        TEXT;
ALTER TABLE "{payments}" ADD COLUMN client_id      TEXT;
ALTER TABLE "{payments}" ADD COLUMN request_id     TEXT;
-- The first and the last change of the payment in "{payments}_past", NULL if it was never changed.
ALTER TABLE "{payments}" ADD COLUMN first_change   INTEGER;
ALTER TABLE "{payments}" ADD COLUMN last_change    INTEGER;

CREATE TABLE "{payments}_past" (
    -- The number of the change, out of one sequence with "{payments}".seq. So these numbers, and those of the payments, are the order
    -- of all events.
    change          INTEGER PRIMARY KEY,
    -- The payment, and the number of the change before, NULL if this is its first.
    seq             INTEGER NOT NULL,
    previous        INTEGER,
    -- The version that the change made, without its content.
    version         INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    deleted         INTEGER NOT NULL,
    organisation_id TEXT    NOT NULL,
    origin_version  INTEGER,
    kind            TEXT,
    subject         TEXT,
    client_id       TEXT,
    request_id      TEXT,
    -- How many bytes its attributes have.
    length          INTEGER NOT NULL,
    -- The version before the first change, without its content: an object in JSON. NULL in all other rows.
    oldest          TEXT,
    -- The attributes that were replaced. Last, because they may overflow the page. Empty if they were erased.
    attributes      TEXT    NOT NULL
) STRICT;

-- One in 16 changes of a payment: the others are found along "previous". An index of all would cost a change as much as the rest
-- of it, because the changes of a moment are in as many places of such an index as there are payments.
CREATE INDEX "{payments}_past_some" ON "{payments}_past" (seq, version) WHERE version % 16 = 0;

CREATE TRIGGER "{payments}_keep"
AFTER UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}"
BEGIN
    UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{payments}';
    INSERT INTO "{payments}_past" (
        change, seq, previous, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, length, oldest, attributes
    )
    SELECT sequence.seq, old.seq, old.last_change, old.version + 1, new.modified_on, new.deleted, new.organisation_id,
        new.origin_version, new.kind, new.subject, new.client_id, new.request_id, octet_length(new.attributes),
        iif(old.last_change IS NULL, json_object(
            'version', old.version, 'modified_on', old.modified_on, 'deleted', old.deleted,
            'organisation_id', old.organisation_id, 'origin_version', old.origin_version, 'kind', old.kind,
            'subject', old.subject, 'client_id', old.client_id, 'request_id', old.request_id
        ), NULL),
        old.attributes
    FROM sqlite_sequence AS sequence WHERE sequence.name = '{payments}';
    UPDATE "{payments}" SET
        version = old.version + 1, first_change = coalesce(old.first_change, last_insert_rowid()), last_change = last_insert_rowid()
    WHERE seq = old.seq;
END;

-- The same for the payments of tenants.

ALTER TABLE "{payments}_tenants" ADD COLUMN origin_version INTEGER;
ALTER TABLE "{payments}_tenants" ADD COLUMN kind           TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN subject        TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN client_id      TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN request_id     TEXT;
ALTER TABLE "{payments}_tenants" ADD COLUMN first_change   INTEGER;
ALTER TABLE "{payments}_tenants" ADD COLUMN last_change    INTEGER;

CREATE TABLE "{payments}_tenants_past" (
    change          INTEGER PRIMARY KEY,
    tenant          TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    previous        INTEGER,
    version         INTEGER NOT NULL,
    modified_on     INTEGER NOT NULL,
    deleted         INTEGER NOT NULL,
    organisation_id TEXT    NOT NULL,
    origin_version  INTEGER,
    kind            TEXT,
    subject         TEXT,
    client_id       TEXT,
    request_id      TEXT,
    length          INTEGER NOT NULL,
    oldest          TEXT,
    attributes      TEXT    NOT NULL
) STRICT;

CREATE INDEX "{payments}_tenants_past_some" ON "{payments}_tenants_past" (seq, version) WHERE version % 16 = 0;

-- A feed walks along these, and along "{payments}_tenants_live".
CREATE INDEX "{payments}_tenants_past_of" ON "{payments}_tenants_past" (tenant, change);
CREATE INDEX "{payments}_tenants_gone" ON "{payments}_tenants" (tenant, seq) WHERE deleted;

CREATE TRIGGER "{payments}_tenants_keep"
AFTER UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}_tenants"
BEGIN
    UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{payments}_tenants';
    INSERT INTO "{payments}_tenants_past" (
        change, tenant, seq, previous, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, length, oldest, attributes
    )
    SELECT sequence.seq, old.tenant, old.seq, old.last_change, old.version + 1, new.modified_on, new.deleted, new.organisation_id,
        new.origin_version, new.kind, new.subject, new.client_id, new.request_id, octet_length(new.attributes),
        iif(old.last_change IS NULL, json_object(
            'version', old.version, 'modified_on', old.modified_on, 'deleted', old.deleted,
            'organisation_id', old.organisation_id, 'origin_version', old.origin_version, 'kind', old.kind,
            'subject', old.subject, 'client_id', old.client_id, 'request_id', old.request_id
        ), NULL),
        old.attributes
    FROM sqlite_sequence AS sequence WHERE sequence.name = '{payments}_tenants';
    UPDATE "{payments}_tenants" SET
        version = old.version + 1, first_change = coalesce(old.first_change, last_insert_rowid()), last_change = last_insert_rowid()
    WHERE seq = old.seq;
END;
