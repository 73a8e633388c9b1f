"""The language that a delivery's text is in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("notifications", "0001_initial"),)

    operations = (
        migrations.AddField(
            "delivery", "language", models.CharField(db_default="", default="", max_length=8)
        ),
    )
