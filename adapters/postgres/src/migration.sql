-- The tables, functions and triggers from which servers read the changes of a table of origins.
--
-- It can be run again at any time. Creating the triggers waits for transactions that write to the table, and blocks further ones until
-- it is done; set `lock_timeout` to limit that.

BEGIN;
SET LOCAL client_min_messages = warning;
-- Only one of several simultaneous runs continues.
SELECT pg_advisory_xact_lock(hashtext('omnicors migration'));

CREATE SCHEMA IF NOT EXISTS omnicors;

-- One row. `history` differs in each database, and `pruned` is the newest transaction of which changes were deleted.
CREATE TABLE IF NOT EXISTS omnicors.settings (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    history uuid NOT NULL DEFAULT gen_random_uuid(),
    pruned xid8 NOT NULL DEFAULT '0'
);
INSERT INTO omnicors.settings DEFAULT VALUES ON CONFLICT DO NOTHING;

-- Which origins were touched, and by which transaction. A row without an origin says that any origin may have changed.
CREATE TABLE IF NOT EXISTS omnicors.change (
    revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    origin text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS change_xid ON omnicors.change (xid, revision);
CREATE INDEX IF NOT EXISTS change_at ON omnicors.change USING brin (at);

-- A copy of the table, for example by logical replication, can have revisions that the sequence has not reached.
SELECT setval(pg_get_serial_sequence('omnicors.change', 'revision'), max(revision))
FROM omnicors.change
HAVING max(revision) > coalesce(pg_sequence_last_value(pg_get_serial_sequence('omnicors.change', 'revision')), 0);

-- Rows from another cluster have numbers of transactions that did not end in this one, until this one has got so far. Nobody can say
-- then which changes are later than others. A new history makes each server read the whole table once.
DO $block$
BEGIN
    IF EXISTS (SELECT FROM omnicors.settings WHERE pruned >= pg_snapshot_xmin(pg_current_snapshot()))
        OR EXISTS (SELECT FROM omnicors.change WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
        OR EXISTS (
            SELECT FROM omnicors.change WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())))
        )
    THEN
        -- Inserted first, so that the revision does not go back.
        INSERT INTO omnicors.change (origin) VALUES (NULL);
        DELETE FROM omnicors.change WHERE revision < (SELECT max(revision) FROM omnicors.change);
        UPDATE omnicors.settings SET history = gen_random_uuid(), pruned = '0';
        PERFORM pg_notify('omnicors_change', '');
    END IF;
END
$block$;

-- Records the origins of a changed row. Its arguments are the column, and which updates matter: `origin` for those of the column,
-- or `row` for all, except of further columns. It runs with the rights of its owner, so writers of the table need no rights on this
-- schema.
CREATE OR REPLACE FUNCTION omnicors.touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    old_row CONSTANT jsonb := to_jsonb(OLD);
    new_row CONSTANT jsonb := to_jsonb(NEW);
    old_origin CONSTANT text := old_row ->> TG_ARGV[0];
    new_origin CONSTANT text := new_row ->> TG_ARGV[0];
BEGIN
    IF TG_OP = 'TRUNCATE' OR NOT coalesce(new_row, old_row) ? TG_ARGV[0] THEN
        -- Any origin. A column that was renamed must not be an error in the application.
        INSERT INTO omnicors.change (origin) VALUES (NULL);
    ELSIF TG_OP = 'UPDATE' AND (
        CASE TG_ARGV[1]
            WHEN 'origin' THEN old_origin IS NOT DISTINCT FROM new_origin
            ELSE old_row - TG_ARGV[2:] = new_row - TG_ARGV[2:]
        END
    ) THEN
        RETURN NULL;
    ELSE
        -- A row whose origin is null has no origin.
        IF old_origin IS NOT NULL THEN
            INSERT INTO omnicors.change (origin) VALUES (old_origin);
        END IF;
        IF new_origin IS NOT NULL AND new_origin IS DISTINCT FROM old_origin THEN
            INSERT INTO omnicors.change (origin) VALUES (new_origin);
        END IF;
    END IF;
    -- Sent once in a transaction, because the payload is the same.
    PERFORM pg_notify('omnicors_change', '');
    RETURN NULL;
END
$function$;

-- Creates the triggers of a table with these arguments, the first of which is the column, unless the table has them. `ENABLE ALWAYS`
-- includes changes by logical replication, and shows if somebody has disabled and enabled the triggers, because `ENABLE TRIGGER`
-- sets another state.
CREATE OR REPLACE FUNCTION omnicors.follow(followed regclass, VARIADIC arguments text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    origin_column CONSTANT text := arguments[1];
    table_owner CONSTANT name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = followed);
    -- As PostgreSQL stores the arguments of a trigger.
    stored CONSTANT bytea := (
        SELECT string_agg(convert_to(argument, getdatabaseencoding()) || decode('00', 'hex'), '' ORDER BY place)
        FROM unnest(arguments) WITH ORDINALITY AS listed (argument, place)
    );
    quoted CONSTANT text := (
        SELECT string_agg(quote_literal(argument), ', ' ORDER BY place)
        FROM unnest(arguments) WITH ORDINALITY AS listed (argument, place)
    );
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = followed AND attname = origin_column AND attnum > 0 AND NOT attisdropped
    ) THEN
        RAISE undefined_column USING MESSAGE = format('table %s has no column %I', followed, origin_column);
    END IF;
    -- The text in JSON must be the text in the table, and triggers must see it.
    IF NOT EXISTS (
        SELECT FROM pg_attribute
        JOIN pg_type AS own ON own.oid = atttypid
        WHERE attrelid = followed AND attname = origin_column AND attgenerated <> 'v'
            AND CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
                IN ('text'::regtype, 'character varying'::regtype)
    ) THEN
        RAISE datatype_mismatch USING
            MESSAGE = format('column %I of table %s must have the type text or varchar, and be stored', origin_column, followed);
    END IF;
    -- A new partition gets the triggers too, and its creator must be allowed to execute their function.
    EXECUTE format('GRANT EXECUTE ON FUNCTION omnicors.touch() TO %I', table_owner);
    IF 2 = (
        SELECT count(*) FROM pg_trigger
        WHERE tgrelid = followed AND tgname IN ('omnicors_change', 'omnicors_truncate') AND tgenabled = 'A'
            AND tgfoid = 'omnicors.touch'::regproc AND tgargs = stored
    ) THEN
        RETURN;
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS omnicors_change ON %s', followed);
    EXECUTE format('DROP TRIGGER IF EXISTS omnicors_truncate ON %s', followed);
    EXECUTE format(
        'CREATE TRIGGER omnicors_change AFTER INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH ROW EXECUTE FUNCTION omnicors.touch(%s)',
        followed, quoted);
    EXECUTE format(
        'CREATE TRIGGER omnicors_truncate AFTER TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION omnicors.touch(%s)',
        followed, quoted);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER omnicors_change', followed);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER omnicors_truncate', followed);
    -- Nobody has recorded the changes before this.
    INSERT INTO omnicors.change (origin) VALUES (NULL);
    PERFORM pg_notify('omnicors_change', '');
END
$function$;

-- Deletes changes that are older than this, and returns their number. A server that was connected within this time finds its position
-- again, unless a transaction took longer. Changes of transactions that are later than one that is still open are
-- kept, so that each snapshot from now on begins after `pruned`.
CREATE OR REPLACE FUNCTION omnicors.prune(older_than interval) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    before CONSTANT timestamptz := clock_timestamp() - older_than;
    kept xid8;
    newest xid8;
    deleted bigint;
BEGIN
    -- Only one of several simultaneous calls continues.
    PERFORM FROM omnicors.settings FOR UPDATE;
    -- The last change before that time is the position of servers that were connected at that time, and they look for it.
    SELECT xid INTO kept FROM omnicors.change WHERE at < before ORDER BY xid DESC LIMIT 1;
    WITH gone AS (
        DELETE FROM omnicors.change
        WHERE at < before AND xid < kept AND xid < pg_snapshot_xmin(pg_current_snapshot())
            -- The revision of the store does not go back.
            AND revision < (SELECT max(revision) FROM omnicors.change)
        RETURNING xid
    )
    SELECT count(*), (SELECT xid FROM gone ORDER BY xid DESC LIMIT 1) INTO deleted, newest FROM gone;
    UPDATE omnicors.settings SET pruned = newest WHERE pruned < newest;
    RETURN deleted;
END
$function$;

-- Everyone may execute a new function. Then a server, which may only read, could record changes by a trigger of a table of its own.
-- Triggers that exist do not need the right.
REVOKE EXECUTE ON FUNCTION
    omnicors.touch(), omnicors.follow(regclass, VARIADIC text[]), omnicors.prune(interval)
FROM PUBLIC;
