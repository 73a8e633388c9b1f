"""The role of a tablet on the wall."""

from django.db import migrations, models

ROLES = [("admin", "Admin"), ("resident", "Resident"), ("kiosk", "Kiosk")]


class Migration(migrations.Migration):
    dependencies = (("people", "0003_pin_pepper"),)
    operations = (
        migrations.AlterField(
            "person", "role", models.CharField(choices=ROLES, default="resident", max_length=16)
        ),
        migrations.RemoveConstraint("person", "known_role"),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=models.Q(role__in=[role for role, _ in ROLES]), name="known_role"
            ),
        ),
    )
