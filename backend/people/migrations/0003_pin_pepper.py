"""PINs get a pepper and a salt each, and failed attempts fade with time.

An existing PIN cannot be stored anew here: that is done when it is entered the next time. The
previous version still finds its own codes, and adds codes as it did.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0002_first_pin"),)
    operations = (
        migrations.AddField("attempts", "counted_from", models.DateTimeField(null=True)),
        migrations.AddField(
            "code", "index", models.CharField(max_length=64, null=True, unique=True)
        ),
        migrations.AddField(
            "code", "pepper", models.CharField(db_default="", default="", max_length=16)
        ),
    )
