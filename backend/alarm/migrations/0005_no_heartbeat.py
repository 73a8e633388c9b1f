"""The leading worker shows by its session that it works, and writes no heartbeat any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("alarm", "0004_event_chain"),)
    operations = (
        migrations.RemoveField("worker", "beat_at"),
        migrations.RemoveField("worker", "name"),
    )
