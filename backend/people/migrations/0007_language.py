"""The language of a person's notifications."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0006_authenticator"),)

    operations = (
        migrations.AddField(
            "person",
            "language",
            models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
    )
