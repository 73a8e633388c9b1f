"""Sirens and relays."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    initial = True

    dependencies = ()

    operations = [
        migrations.CreateModel(
            name="Output",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=8)),
                ("tones", models.JSONField(default=list)),
                ("strobe", models.BooleanField(default=False)),
                ("cut_off", models.PositiveIntegerField(default=180)),
                ("enabled", models.BooleanField(default=True)),
                ("method", models.CharField(default="GET", max_length=4)),
                ("on_url", models.TextField(default="")),
                ("off_url", models.TextField(default="")),
                ("tone", models.CharField(default="", max_length=8)),
                ("started_at", models.DateTimeField(null=True)),
                ("seconds", models.PositiveIntegerField(default=0)),
                ("causes", models.JSONField(default=list)),
                ("sent", models.CharField(default="", max_length=3)),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_for", models.DateTimeField(null=True)),
                ("sent_tone", models.CharField(default="", max_length=8)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("is_confirmed", models.BooleanField(default=False)),
                ("reported", models.CharField(default="unknown", max_length=7)),
                ("reported_at", models.DateTimeField(null=True)),
                ("error", models.CharField(default="", max_length=16)),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(Lower("name"), name="output_name_is_unique")
                ],
            },
        ),
    ]
