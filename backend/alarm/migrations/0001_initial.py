"""The alarm's tables, and a trigger that keeps its history append-only."""

import django.utils.timezone
from django.db import migrations, models

# TRUNCATE stays possible: it takes the table's owner, and the tests clear their tables with it.
APPEND_ONLY = """
CREATE FUNCTION alarm_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alarm_event is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON alarm_event
    FOR EACH ROW EXECUTE FUNCTION alarm_event_is_append_only();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER append_only ON alarm_event;
DROP FUNCTION alarm_event_is_append_only();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("state", models.CharField(default="disarmed", max_length=16)),
                ("target", models.CharField(max_length=16, null=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deadline", models.DateTimeField(null=True)),
                ("sequence", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="only_one_alarm")
                ]
            },
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("hash", models.CharField(max_length=256)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="only_one_pin")
                ]
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("from_state", models.CharField(max_length=16)),
                ("to_state", models.CharField(max_length=16)),
                ("cause", models.CharField(max_length=16)),
            ],
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    )
