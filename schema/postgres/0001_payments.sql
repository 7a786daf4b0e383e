-- The payments. `{payments}` stands for the name given by --repo-schema-payments.
CREATE TABLE "{payments}" (
    -- The order of creation. Numbers are never used again: not after a rollback, not after everything was deleted.
    -- The sequence has a name of our own, because inserts and lists look at how far it has come.
    seq             bigint      GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "{payments}_order"),
    id              text        COLLATE "C" PRIMARY KEY,
    version         bigint      NOT NULL,
    created_on      timestamptz NOT NULL,
    modified_on     timestamptz NOT NULL,
    -- A tombstone. It keeps the id taken.
    deleted         boolean     NOT NULL DEFAULT false,
    organisation_id text        NOT NULL,
    -- JSON as the client wrote it. Text, because it comes back byte for byte.
    attributes      text        NOT NULL
);

-- Lists walk along this, so they never see tombstones. `seq` has no other index: the planner cannot choose wrongly.
CREATE INDEX "{payments}_live" ON "{payments}" (seq) WHERE NOT deleted;
