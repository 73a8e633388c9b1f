"""How to reach the MQTT broker, and how that goes: one row each."""

import django.utils.timezone
from django.db import migrations, models


def only_one(name: str) -> dict:
    """Return the options of a table that has one row."""
    one = models.CheckConstraint(condition=models.Q(("id", 1)), name=f"only_one_{name}")
    return {"abstract": False, "constraints": [one]}


class Migration(migrations.Migration):
    initial = True

    dependencies = ()

    operations = (
        migrations.CreateModel(
            name="MqttSettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("enabled", models.BooleanField(default=False)),
                ("host", models.CharField(default="mqtt", max_length=253)),
                ("port", models.PositiveIntegerField(default=1883)),
                ("tls", models.BooleanField(default=False)),
                ("username", models.CharField(blank=True, default="alarm", max_length=128)),
                ("password", models.TextField(blank=True, default="")),
                ("base_topic", models.CharField(default="alarm_panel", max_length=64)),
                ("discovery_prefix", models.CharField(default="homeassistant", max_length=64)),
            ],
            options=only_one("mqttsettings"),
        ),
        migrations.CreateModel(
            name="MqttStatus",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("state", models.CharField(default="off", max_length=16)),
                ("detail", models.CharField(blank=True, default="", max_length=300)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("announced", models.JSONField(null=True)),
            ],
            options=only_one("mqttstatus"),
        ),
    )
