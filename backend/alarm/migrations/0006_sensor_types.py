"""Sensors have types, heartbeats and troubles; delays are by mode; the alarm has a memory.

What there is keeps reacting as before: a sensor with an entry delay becomes an entry/exit sensor,
any other door, window or motion sensor a perimeter sensor, and each keeps its three days until it
counts as silent. Vacation watches what away watches, with its delays.
"""

import django.utils.timezone
from django.db import migrations, models

THREE_DAYS = 259_200  # seconds
MODES = ("home", "away", "night", "vacation")
LIFE_SAFETY = {"smoke": "fire", "water": "water"}


def type_sensors(apps, schema_editor):
    """Give each sensor its type, its heartbeat, and the vacation."""
    for sensor in apps.get_model("alarm", "Sensor").objects.all():
        usual = "entry_exit" if sensor.entry_delay_before else "perimeter"
        sensor.type = LIFE_SAFETY.get(sensor.kind, usual)
        sensor.heartbeat = THREE_DAYS
        if "away" in sensor.modes:
            sensor.modes = [*sensor.modes, "vacation"]
        sensor.save(update_fields=["type", "heartbeat", "modes"])


def spread_delays(apps, schema_editor):
    """Use the one exit delay and the one entry delay in every mode."""
    for row in apps.get_model("alarm", "AlarmSettings").objects.all():
        row.exit_delay = dict.fromkeys(MODES, row.exit_delay_before)
        row.entry_delay = dict.fromkeys(MODES, row.entry_delay_before)
        row.save(update_fields=["exit_delay", "entry_delay"])


def complete_alarm(apps, schema_editor):
    """Say why sensors prevent arming; a siren that sounds is remembered."""
    for alarm in apps.get_model("alarm", "Alarm").objects.all():
        before = {**alarm.not_ready, "vacation": alarm.not_ready.get("away", [])}
        alarm.not_ready = {
            mode: [{**sensor, "reasons": ["open"]} for sensor in before.get(mode, [])]
            for mode in MODES
        }
        alarm.siren = alarm.state == "triggered"
        alarm.delay_began_at = alarm.changed_at
        if alarm.siren:
            at = alarm.changed_at.isoformat().replace("+00:00", "Z")
            alarm.memory = [{**sensor, "at": at} for sensor in alarm.triggered_by]
        alarm.save(update_fields=["not_ready", "siren", "delay_began_at", "memory"])


class Migration(migrations.Migration):
    dependencies = (("alarm", "0005_no_heartbeat"),)

    operations = (
        migrations.AlterField("sensor", "kind", models.CharField(max_length=16)),
        migrations.AddField("sensor", "type", models.CharField(max_length=16, default="")),
        migrations.RenameField("sensor", "entry_delay", "entry_delay_before"),
        migrations.AddField("sensor", "entry_delay", models.PositiveIntegerField(null=True)),
        migrations.AddField("sensor", "final_door", models.BooleanField(default=False)),
        migrations.AddField("sensor", "chime", models.BooleanField(default=False)),
        migrations.AddField("sensor", "heartbeat", models.PositiveIntegerField(null=True)),
        migrations.AddField("sensor", "battery_low", models.BooleanField(default=False)),
        migrations.AddField("sensor", "tampered", models.BooleanField(default=False)),
        migrations.AddField("sensor", "no_contact", models.BooleanField(default=False)),
        migrations.AddField(
            "sensor", "created_at", models.DateTimeField(default=django.utils.timezone.now)
        ),
        migrations.RunPython(type_sensors, migrations.RunPython.noop),
        migrations.RemoveField("sensor", "entry_delay_before"),
        migrations.AlterField("sensor", "type", models.CharField(max_length=16)),
        migrations.RenameField("alarmsettings", "exit_delay", "exit_delay_before"),
        migrations.RenameField("alarmsettings", "entry_delay", "entry_delay_before"),
        migrations.AddField("alarmsettings", "exit_delay", models.JSONField(default=dict)),
        migrations.AddField("alarmsettings", "entry_delay", models.JSONField(default=dict)),
        migrations.RunPython(spread_delays, migrations.RunPython.noop),
        migrations.RemoveField("alarmsettings", "exit_delay_before"),
        migrations.RemoveField("alarmsettings", "entry_delay_before"),
        migrations.AlterField("alarmsettings", "exit_delay", models.JSONField()),
        migrations.AlterField("alarmsettings", "entry_delay", models.JSONField()),
        migrations.AddField("alarm", "delay_began_at", models.DateTimeField(null=True)),
        migrations.AddField("alarm", "siren", models.BooleanField(default=False)),
        migrations.AddField("alarm", "memory", models.JSONField(default=list)),
        migrations.AddField("alarm", "trouble", models.JSONField(default=list)),
        migrations.RunPython(complete_alarm, migrations.RunPython.noop),
    )
