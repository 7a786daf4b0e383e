-- The payments of tenants. Those of the anonymous tenant stay in "{payments}", so that the release before finds there what
-- it knows, and nothing else.
CREATE TABLE "{payments}_tenants" (
    -- The order of creation, of all tenants together. Numbers are never used again: not after a rollback, not after
    -- everything was deleted. The sequence has a name of our own, because inserts and lists look at how far it has come.
    seq             bigint      GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "{payments}_tenants_order"),
    -- An organisation, never empty. It is not organisation_id: that is a part of the payment's content.
    tenant          text        COLLATE "C" NOT NULL,
    id              text        COLLATE "C" NOT NULL,
    version         bigint      NOT NULL,
    created_on      timestamptz NOT NULL,
    modified_on     timestamptz NOT NULL,
    -- A tombstone. It keeps the id taken.
    deleted         boolean     NOT NULL DEFAULT false,
    organisation_id text        NOT NULL,
    -- JSON as the client wrote it. Text, because it comes back byte for byte.
    attributes      text        NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Lists walk along this, so they see neither tombstones nor the payments of others. `seq` has no other index, and the
-- collation is not that of the key, although both compare bytes: a lookup by id, which says nothing of a collation, cannot go
-- along this index. While the table has no statistics the planner would do that, and keep the plan when a tenant has many.
CREATE INDEX "{payments}_tenants_live" ON "{payments}_tenants" (tenant COLLATE "POSIX", seq) WHERE NOT deleted;

-- Random bytes that all processes share. The first that opens the store writes them.
CREATE TABLE "{payments}_secrets" (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);
