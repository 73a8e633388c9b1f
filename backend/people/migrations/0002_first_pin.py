"""The PIN of the first version becomes the first code, so that it still disarms."""

from django.db import migrations


def copy_pin(apps, schema_editor) -> None:
    """Make a code of the old table's row, where there is one."""
    pin = apps.get_model("alarm", "Pin").objects.first()
    if pin is not None:
        apps.get_model("people", "Code").objects.create(label="First PIN", hash=pin.hash)


class Migration(migrations.Migration):
    dependencies = (("people", "0001_initial"), ("alarm", "0001_initial"))
    operations = (migrations.RunPython(copy_pin, migrations.RunPython.noop),)
