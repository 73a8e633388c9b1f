"""Accounts at the stack's broker; arming without a code, which is off."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("alarm", "0003_delete_pin"),
        ("integrations", "0001_initial"),
    )

    operations = (
        migrations.AddField(
            model_name="mqttsettings",
            name="arm_without_code",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="MqttAccount",
            fields=[
                ("username", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("password", models.TextField()),
                (
                    "sensor",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="alarm.sensor"
                    ),
                ),
            ],
        ),
    )
