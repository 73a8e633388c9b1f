"""docker/prod/bin/judge-migrations with a small Django app on SQLite: what may be rolled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.cluster import judge
from stack.config.modes import ROOT
from tests.unit.test_migrate_and_exec import App

SCRIPT = ROOT / "docker" / "prod" / "bin" / "judge-migrations"
MIGRATION = """
from django.db import migrations, models
def change(apps, schema_editor): pass
class Migration(migrations.Migration):
    dependencies = {dependencies!r}
    atomic = False  # SQLite has no transaction around several
    {promise}
    operations = [{operation}]
"""
TABLE = 'migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))])'


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = App(tmp_path)
    write(made, "0001_initial", TABLE)
    assert made.start().returncode == 0
    return made


def write(app: App, name: str, operation: str, promise: str = "") -> None:
    folder = app.root / "items" / "migrations"
    before = sorted(path.stem for path in folder.glob("[0-9]*.py"))
    text = MIGRATION.format(
        dependencies=[("items", before[-1])] if before else [],
        promise=promise,
        operation=operation,
    )
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def judged(app: App) -> list[judge.Migration]:
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        cwd=app.root,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return judge.read(done.stdout)


def test_applied_migrations_are_not_judged(app: App) -> None:
    assert judged(app) == []


def test_a_new_table_is_additive(app: App) -> None:
    write(app, "0002_table", TABLE.replace("Thing", "Other"))
    (found,) = judged(app)
    assert str(found) == "items.0002_table"
    assert found.is_additive


def test_a_column_that_old_code_does_not_fill_is_refused(app: App) -> None:
    column = 'migrations.AddField("Thing", "size", models.IntegerField(default=1))'
    write(app, "0002_column", column)
    (found,) = judged(app)
    assert "not null constraint on columns" in " ".join(found.reasons)


def test_a_column_that_may_be_empty_is_additive(app: App) -> None:
    column = 'migrations.AddField("Thing", "size", models.IntegerField(null=True))'
    write(app, "0002_column", column)
    (found,) = judged(app)
    assert found.is_additive


@pytest.mark.parametrize(
    "operation", ["migrations.RunPython(change)", 'migrations.RunSQL("SELECT 1")']
)
def test_a_change_of_data_is_refused_without_the_authors_word(app: App, operation: str) -> None:
    write(app, "0002_data", operation)
    (found,) = judged(app)
    assert "may change data" in found.reasons[0]


def test_the_authors_word_counts(app: App) -> None:
    promise = "old_version_can_serve = True"
    write(app, "0002_data", "migrations.RunPython(change)", promise)
    (found,) = judged(app)
    assert found.is_additive


def test_a_removed_column_is_refused(app: App) -> None:
    write(app, "0002_away", 'migrations.DeleteModel("Thing")')
    (found,) = judged(app)
    assert "dropping table" in found.reasons[0]


def test_the_failure_names_the_migration_and_the_other_way(app: App) -> None:
    refused = judge.Migration("items", "0002_away", ("dropping table",))
    fine = judge.Migration("items", "0003_fine", ())
    with pytest.raises(Exception, match=r"items\.0002_away") as raised:
        judge.require_additive([fine, refused])
    assert "inv cluster.upgrade --stop" in str(raised.value)
    judge.require_additive([fine])


def test_what_is_no_list_is_an_error() -> None:
    with pytest.raises(json.JSONDecodeError):
        judge.read("Traceback")
