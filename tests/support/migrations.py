"""Migrations that tests add to the app of the tests' copy."""

from __future__ import annotations

from pathlib import Path

FAILING = "migrations.RunPython(lambda apps, schema_editor: 1 / 0)"
MAKES_A_TABLE = 'migrations.RunSQL("CREATE TABLE made_by_a_test ()", "DROP TABLE made_by_a_test")'

MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("alarm", "{newest}")]
    operations = [{operation}]
"""


def add_migration(backend: Path, operation: str = "", number: int = 9999) -> Path:
    """Add a migration to the app `alarm` after its newest one."""
    folder = backend / "alarm" / "migrations"
    newest = max(path.stem for path in folder.glob("[0-9]*.py"))
    added = folder / f"{number}_by_a_test.py"
    added.write_text(MIGRATION.format(newest=newest, operation=operation), encoding="utf-8")
    return added
