"""Sensors, settings, the worker's sign of life and the log of changes; events tell of more.

Rows of `alarm_event` stay as they are: each is a transition. What is older than the retention time
may be removed by a transaction that says so, and by that alone.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

# The setting is the moment before which rows may go; `SET LOCAL` ends it with its transaction.
# No row of the last day can be removed. Its time decides, not its id.
GUARDED = """
CREATE OR REPLACE FUNCTION alarm_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        AND OLD.at < nullif(current_setting('alarm.remove_before', true), '')::timestamptz
        AND OLD.at < now() - interval '1 day'
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'alarm_event is append-only';
END $$;
"""
UNGUARDED = """
CREATE OR REPLACE FUNCTION alarm_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alarm_event is append-only';
END $$;
"""

# A pending or triggered alarm now knows what it came from; without that nothing could disarm it.
ORIGIN = """
UPDATE alarm_alarm SET target = coalesce(
    (SELECT from_state FROM alarm_event WHERE to_state = 'pending' ORDER BY id DESC LIMIT 1),
    'armed_away'
) WHERE state IN ('pending', 'triggered') AND target IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = (("alarm", "0001_initial"),)

    operations = (
        migrations.CreateModel(
            name="AlarmSettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("exit_delay", models.PositiveIntegerField()),
                ("entry_delay", models.PositiveIntegerField()),
                ("siren_duration", models.PositiveIntegerField()),
                ("retention_days", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("topic", models.CharField(max_length=16)),
                ("data", models.JSONField()),
                ("masked", models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=64)),
                (
                    "heard_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sensor",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=8)),
                ("modes", models.JSONField(default=list)),
                ("entry_delay", models.BooleanField(default=False)),
                ("bypassed", models.BooleanField(default=False)),
                ("active", models.BooleanField(null=True)),
                ("last_heard_at", models.DateTimeField(null=True)),
                ("newest_at", models.DateTimeField(null=True)),
                ("token_hash", models.CharField(default="", max_length=64)),
                ("window_started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reports_in_window", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(default="", max_length=100)),
                ("beat_at", models.DateTimeField(null=True)),
                ("retention_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="event",
            options={"ordering": ("-at", "-id")},
        ),
        migrations.AddField(
            model_name="alarm",
            name="not_ready",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="alarm",
            name="triggered_by",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="event",
            name="detail",
            field=models.CharField(default="", max_length=500),
        ),
        migrations.AddField(
            model_name="event",
            name="kind",
            field=models.CharField(default="transition", max_length=16),
        ),
        migrations.AddField(
            model_name="event",
            name="person_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="person_name",
            field=models.CharField(default="", max_length=150),
        ),
        migrations.AddField(
            model_name="event",
            name="sensor_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="sensor_name",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="event",
            name="source",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="event",
            name="from_state",
            field=models.CharField(default="", max_length=16),
        ),
        migrations.AlterField(
            model_name="event",
            name="to_state",
            field=models.CharField(default="", max_length=16),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["-at", "-id"], name="event_by_time"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "-at", "-id"], name="event_by_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("sensor_id__isnull", False)),
                fields=["sensor_id", "-at", "-id"],
                name="event_by_sensor",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("person_id__isnull", False)),
                fields=["person_id", "-at", "-id"],
                name="event_by_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarmsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="only_one_alarmsettings"
            ),
        ),
        migrations.AddConstraint(
            model_name="sensor",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), name="sensor_name_is_unique"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="sensor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="alarm.sensor"
            ),
        ),
        migrations.AddConstraint(
            model_name="worker",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="only_one_worker"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                fields=("sensor", "event_id"), name="report_is_no_replay"
            ),
        ),
        migrations.RunSQL(GUARDED, UNGUARDED),
        migrations.RunSQL(ORIGIN, migrations.RunSQL.noop),
    )
