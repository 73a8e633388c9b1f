"""What an event's sentence was composed of, so that pages in other languages compose it anew.

The hash covers it where there is any: events of older versions keep theirs.
"""

from importlib import import_module

from django.db import migrations, models

HASH = """
CREATE OR REPLACE FUNCTION alarm_event_hash(previous text, event alarm_event) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN encode(sha256(convert_to((jsonb_build_array(
        previous, event.sequence, event.id,
        to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        event.kind, event.from_state, event.to_state, event.cause,
        event.person_id, event.person_name, event.sensor_id, event.sensor_name,
        event.source, event.detail
    ) || CASE event.facts WHEN '' THEN '[]' ELSE jsonb_build_array(event.facts) END
    )::text, 'UTF8')), 'hex');
END $$;
"""
FORMER = import_module("alarm.migrations.0004_event_chain").HASH.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = (("alarm", "0006_sensor_types"),)

    operations = (
        migrations.AddField("event", "facts", models.TextField(db_default="", default="")),
        migrations.RunSQL(HASH, FORMER),
    )
