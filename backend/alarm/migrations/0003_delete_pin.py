"""The one PIN has become the first of the people's codes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("alarm", "0002_sensors_events_changes"), ("people", "0002_first_pin"))
    operations = (migrations.DeleteModel("Pin"),)
