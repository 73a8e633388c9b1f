"""Channels, browsers, settings, and the outbox."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = (migrations.swappable_dependency(settings.AUTH_USER_MODEL),)

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                ("url", models.TextField()),
                ("service", models.CharField(max_length=64)),
                ("host", models.CharField(blank=True, default="", max_length=253)),
                ("kinds", models.JSONField(default=list)),
                ("escalate_after", models.PositiveIntegerField(null=True)),
                ("enabled", models.BooleanField(default=True)),
                ("last_sent_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("target_type", models.CharField(max_length=8)),
                ("target_id", models.BigIntegerField()),
                ("target_name", models.CharField(max_length=300)),
                ("kind", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=100)),
                ("event_id", models.BigIntegerField(null=True)),
                ("title", models.CharField(max_length=200)),
                ("lines", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("dead", "Dead")],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("pause", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_at"],
                        name="delivery_waiting",
                    ),
                    models.Index(fields=["key", "state", "-id"], name="delivery_by_key"),
                    models.Index(fields=["state", "-id"], name="delivery_by_state"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationSettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("late_arming_at", models.TimeField(null=True)),
                ("late_arming_checked", models.DateField(null=True)),
                ("vapid_key", models.TextField(blank=True, default="")),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="only_one_notificationsettings"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session", models.CharField(db_index=True, max_length=16)),
                ("device", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("subscription", models.TextField()),
                ("kinds", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_sent_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
