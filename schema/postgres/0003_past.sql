-- The versions that were replaced, and the order of all changes. Each version is stored once: the newest is the row of the
-- payment, and a trigger moves what a change replaces into "{payments}_past". A trigger, because the release before this one
-- may write beside this one and after it, and knows no history.
--
-- Locks on the table are held for moments: no row is read or written. They give up soon, because every other statement queues
-- behind a lock that is waited for.
SET LOCAL lock_timeout = '5s';

-- Who made the version, as far as that is known. These columns are about the version `origin_version`, and mean nothing if
-- `version` is another: the release before leaves them as they were.
ALTER TABLE "{payments}"
    ADD COLUMN subject text, ADD COLUMN client_id text, ADD COLUMN request_id text, ADD COLUMN origin_version bigint,
    -- 'erased', or NULL if the other columns say what the change did. Belongs to `origin_version`, too.
    ADD COLUMN kind text;
ALTER TABLE "{payments}_tenants"
    ADD COLUMN subject text, ADD COLUMN client_id text, ADD COLUMN request_id text, ADD COLUMN origin_version bigint,
    ADD COLUMN kind text;

CREATE TABLE "{payments}_past" (
    -- The number of the change that replaced the version, from the sequence of `seq`: the order of all events. A creation has
    -- the number `seq`.
    change          bigint      NOT NULL,
    id              text        COLLATE "C" NOT NULL,
    version         bigint      NOT NULL,
    modified_on     timestamptz NOT NULL,
    deleted         boolean     NOT NULL,
    organisation_id text        NOT NULL,
    -- NULL if it is not known who made the version.
    subject         text,
    client_id       text,
    request_id      text,
    kind            text,
    -- Empty if it was erased.
    attributes      text        NOT NULL,
    PRIMARY KEY (id, version)
);
-- The feed walks along this.
CREATE UNIQUE INDEX "{payments}_feed" ON "{payments}_past" (change);

CREATE TABLE "{payments}_tenants_past" (
    change          bigint      NOT NULL,
    tenant          text        COLLATE "C" NOT NULL,
    id              text        COLLATE "C" NOT NULL,
    version         bigint      NOT NULL,
    modified_on     timestamptz NOT NULL,
    deleted         boolean     NOT NULL,
    organisation_id text        NOT NULL,
    subject         text,
    client_id       text,
    request_id      text,
    kind            text,
    attributes      text        NOT NULL,
    PRIMARY KEY (tenant, id, version)
);
-- The collation is not that of the key, so that a lookup by id cannot go along this index: see "{payments}_tenants_live".
CREATE UNIQUE INDEX "{payments}_tenants_feed" ON "{payments}_tenants_past" (tenant COLLATE "POSIX", change);

-- Keeps the version that an update replaces. PostgreSQL has locked the row by now, so the numbers of the changes of a payment
-- ascend with its versions. The change announces itself before it draws its number, as an insert does: the statements of a
-- function run one after the other, in this order. One announcement serves all changes of a transaction, because it holds
-- the smallest number, and so a large transaction does not fill the server's table of locks.
CREATE FUNCTION "{payments}_keep"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $keep$
DECLARE
    announced CONSTANT text := 'payments.announced_' || TG_RELID;
    is_known CONSTANT boolean := OLD.origin_version IS NOT DISTINCT FROM OLD.version;
BEGIN
    -- The release before deletes without a version and a time of its own.
    IF NEW.version <= OLD.version THEN
        NEW.version := OLD.version + 1;
        IF NEW.modified_on <= OLD.modified_on THEN
            NEW.modified_on := greatest(OLD.modified_on, clock_timestamp());
        END IF;
    END IF;
    IF coalesce(current_setting(announced, true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(TG_RELID::int, (came_to % 2147483648)::int)
        FROM (SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "{payments}_order") AS numbers (came_to);
        PERFORM set_config(announced, 'true', true);
    END IF;
    INSERT INTO "{payments}_past" (
        change, id, version, modified_on, deleted, organisation_id, subject, client_id, request_id, kind, attributes
    ) VALUES (
        nextval('"{payments}_order"'), OLD.id, OLD.version, OLD.modified_on, OLD.deleted, OLD.organisation_id,
        CASE WHEN is_known THEN OLD.subject END, CASE WHEN is_known THEN OLD.client_id END,
        CASE WHEN is_known THEN OLD.request_id END, CASE WHEN is_known THEN OLD.kind END, OLD.attributes
    );
    RETURN NEW;
END
$keep$;
CREATE FUNCTION "{payments}_tenants_keep"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $keep$
DECLARE
    announced CONSTANT text := 'payments.announced_' || TG_RELID;
    is_known CONSTANT boolean := OLD.origin_version IS NOT DISTINCT FROM OLD.version;
BEGIN
    IF NEW.version <= OLD.version THEN
        NEW.version := OLD.version + 1;
        IF NEW.modified_on <= OLD.modified_on THEN
            NEW.modified_on := greatest(OLD.modified_on, clock_timestamp());
        END IF;
    END IF;
    IF coalesce(current_setting(announced, true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(TG_RELID::int, (came_to % 2147483648)::int)
        FROM (SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "{payments}_tenants_order")
            AS numbers (came_to);
        PERFORM set_config(announced, 'true', true);
    END IF;
    INSERT INTO "{payments}_tenants_past" (
        change, tenant, id, version, modified_on, deleted, organisation_id, subject, client_id, request_id, kind,
        attributes
    ) VALUES (
        nextval('"{payments}_tenants_order"'), OLD.tenant, OLD.id, OLD.version, OLD.modified_on, OLD.deleted,
        OLD.organisation_id, CASE WHEN is_known THEN OLD.subject END, CASE WHEN is_known THEN OLD.client_id END,
        CASE WHEN is_known THEN OLD.request_id END, CASE WHEN is_known THEN OLD.kind END, OLD.attributes
    );
    RETURN NEW;
END
$keep$;
-- A later migration that fills in a column of its own changes no payment.
CREATE TRIGGER "{payments}_keep"
    BEFORE UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}"
    FOR EACH ROW EXECUTE FUNCTION "{payments}_keep"();
CREATE TRIGGER "{payments}_tenants_keep"
    BEFORE UPDATE OF version, modified_on, deleted, organisation_id, attributes ON "{payments}_tenants"
    FOR EACH ROW EXECUTE FUNCTION "{payments}_tenants_keep"();

-- Removes the past of what is removed, so that an id that is used anew has a history of its own. The release before empties
-- its table by TRUNCATE, and so does this one.
CREATE FUNCTION "{payments}_forget"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $forget$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE "{payments}_past";
    ELSE
        DELETE FROM "{payments}_past" WHERE id = OLD.id;
    END IF;
    RETURN NULL;
END
$forget$;
CREATE FUNCTION "{payments}_tenants_forget"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $forget$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE "{payments}_tenants_past";
    ELSE
        DELETE FROM "{payments}_tenants_past" WHERE tenant = OLD.tenant AND id = OLD.id;
    END IF;
    RETURN NULL;
END
$forget$;
CREATE TRIGGER "{payments}_empty" AFTER TRUNCATE ON "{payments}"
    FOR EACH STATEMENT EXECUTE FUNCTION "{payments}_forget"();
CREATE TRIGGER "{payments}_forget" AFTER DELETE ON "{payments}"
    FOR EACH ROW EXECUTE FUNCTION "{payments}_forget"();
CREATE TRIGGER "{payments}_tenants_empty" AFTER TRUNCATE ON "{payments}_tenants"
    FOR EACH STATEMENT EXECUTE FUNCTION "{payments}_tenants_forget"();
CREATE TRIGGER "{payments}_tenants_forget" AFTER DELETE ON "{payments}_tenants"
    FOR EACH ROW EXECUTE FUNCTION "{payments}_tenants_forget"();
