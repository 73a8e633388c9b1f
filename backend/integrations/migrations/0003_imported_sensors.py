"""Sensors that other programs announce at the broker, and those that were imported."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("alarm", "0003_delete_pin"),
        ("integrations", "0002_accounts"),
    )

    operations = (
        migrations.CreateModel(
            name="DiscoveredSensor",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=300, unique=True)),
                ("data", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="ImportedSensor",
            fields=[
                (
                    "sensor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="alarm.sensor",
                    ),
                ),
                ("key", models.CharField(max_length=300, unique=True)),
                ("source", models.JSONField()),
                ("is_offline", models.BooleanField(default=False)),
                ("is_gone", models.BooleanField(default=False)),
            ],
        ),
    )
