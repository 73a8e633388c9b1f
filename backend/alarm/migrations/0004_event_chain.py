"""Each event is sealed: it has a number without gaps, and a hash that covers the event before.

The database does it, so that every writer is covered. The events of today are sealed here. Old
events are removed by a function from the beginning of the chain only; it keeps the hash of the last
one that it removed, the anchor, so that the rest can still be checked.
"""

from django.db import migrations, models

# What the hash covers, as JSON in PostgreSQL's form. `alarm/chain.py` makes the same text.
HASH = """
CREATE FUNCTION alarm_event_hash(previous text, event alarm_event) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN encode(sha256(convert_to(jsonb_build_array(
        previous, event.sequence, event.id,
        to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        event.kind, event.from_state, event.to_state, event.cause,
        event.person_id, event.person_name, event.sensor_id, event.sensor_name,
        event.source, event.detail
    )::text, 'UTF8')), 'hex');
END $$;
"""

# The one row of `alarm_eventchain` is the lock of writers. Its last entry is updated once for each
# statement: a row that is updated for each of many events becomes slow within one transaction.
# The plan is made while the table may be empty, and is kept: it has to use the index all the same.
SEAL = """
CREATE FUNCTION alarm_event_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    last record;
    newer record;
BEGIN
    INSERT INTO alarm_eventchain (id) SELECT 1 WHERE NOT EXISTS (SELECT FROM alarm_eventchain)
        ON CONFLICT DO NOTHING;
    SELECT sequence, hash INTO last FROM alarm_eventchain FOR UPDATE;
    SELECT sequence, hash INTO newer FROM alarm_event
        WHERE sequence > last.sequence ORDER BY sequence DESC LIMIT 1;
    IF FOUND THEN last := newer; END IF;
    NEW.sequence := last.sequence + 1;
    NEW.hash := alarm_event_hash(last.hash, NEW);
    RETURN NEW;
END $$;

CREATE FUNCTION alarm_event_note_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    UPDATE alarm_eventchain SET (sequence, hash) = (
        SELECT e.sequence, e.hash FROM alarm_event e ORDER BY e.sequence DESC LIMIT 1
    ) WHERE sequence < (SELECT max(e.sequence) FROM alarm_event e);
    RETURN NULL;
END $$;

CREATE TRIGGER seal BEFORE INSERT ON alarm_event
    FOR EACH ROW EXECUTE FUNCTION alarm_event_seal();
CREATE TRIGGER note_last AFTER INSERT ON alarm_event
    FOR EACH STATEMENT EXECUTE FUNCTION alarm_event_note_last();
"""

SEAL_TODAYS = """
ALTER TABLE alarm_event DISABLE TRIGGER append_only;
DO $$
DECLARE
    event alarm_event;
    last_sequence bigint;
    last_hash text;
BEGIN
    INSERT INTO alarm_eventchain DEFAULT VALUES RETURNING sequence, hash
        INTO last_sequence, last_hash;
    FOR event IN SELECT * FROM alarm_event ORDER BY id LOOP
        last_sequence := last_sequence + 1;
        event.sequence := last_sequence;
        last_hash := alarm_event_hash(last_hash, event);
        UPDATE alarm_event SET sequence = last_sequence, hash = last_hash WHERE id = event.id;
    END LOOP;
    UPDATE alarm_eventchain SET sequence = last_sequence, hash = last_hash;
END $$;
ALTER TABLE alarm_event ENABLE TRIGGER append_only;
"""

# An event with a moment of the future, from a clock that was wrong, goes with older ones after it.
REMOVE = """
CREATE FUNCTION alarm_event_remove_old(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    before timestamptz;
    event record;
    last_sequence bigint;
    last_hash text;
    removed integer;
BEGIN
    SELECT now() - greatest(retention_days, 1) * interval '1 day' INTO before
        FROM alarm_alarmsettings;
    PERFORM FROM alarm_eventchain FOR UPDATE;
    FOR event IN SELECT sequence, hash, at FROM alarm_event ORDER BY sequence LIMIT most LOOP
        EXIT WHEN before IS NULL OR event.at BETWEEN before AND now();
        IF event.at < before THEN
            last_sequence := event.sequence;
            last_hash := event.hash;
        END IF;
    END LOOP;
    IF last_sequence IS NULL THEN RETURN 0; END IF;
    PERFORM set_config('alarm.remove_until', last_sequence::text, true);
    DELETE FROM alarm_event WHERE sequence <= last_sequence;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('alarm.remove_until', '', true);
    UPDATE alarm_eventchain SET anchor_sequence = last_sequence, anchor_hash = last_hash;
    RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION alarm_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        AND OLD.sequence <= nullif(current_setting('alarm.remove_until', true), '')::bigint
        AND NOT OLD.at BETWEEN now() - interval '1 day' AND now()
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'alarm_event is append-only';
END $$;
"""

UNSEAL = """
DROP TRIGGER seal ON alarm_event;
DROP TRIGGER note_last ON alarm_event;
DROP FUNCTION alarm_event_seal, alarm_event_note_last, alarm_event_hash, alarm_event_remove_old;
"""
BEGINNING = "0" * 64


class Migration(migrations.Migration):
    dependencies = (("alarm", "0003_delete_pin"),)

    operations = (
        migrations.CreateModel(
            name="EventChain",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        db_default=1, default=1, primary_key=True, serialize=False
                    ),
                ),
                ("anchor_sequence", models.BigIntegerField(db_default=0)),
                ("anchor_hash", models.CharField(db_default=BEGINNING, max_length=64)),
                ("sequence", models.BigIntegerField(db_default=0)),
                ("hash", models.CharField(db_default=BEGINNING, max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="only_one_eventchain")
                ]
            },
        ),
        migrations.AddField("event", "sequence", models.BigIntegerField(default=0)),
        migrations.AddField("event", "hash", models.CharField(default="", max_length=64)),
        migrations.RunSQL(HASH + SEAL_TODAYS + SEAL + REMOVE, UNSEAL),
        migrations.AddConstraint(
            "event",
            models.UniqueConstraint(fields=("sequence",), name="event_sequence_is_unique"),
        ),
    )
