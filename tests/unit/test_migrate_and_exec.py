"""docker/common/bin/migrate-and-exec with a small Django app on SQLite: what it refuses."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from stack.config.modes import ROOT
from stack.database import migrations

BIN = ROOT / "docker" / "common" / "bin"
SETTINGS = """
from pathlib import Path
SECRET_KEY = "x"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["items"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).parents[1] / "db"}
}
"""
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    initial = True
    atomic = False  # SQLite has no transaction around several
    dependencies = {dependencies!r}
    replaces = {replaces!r}
    operations = []
"""
STARTED = "print('started', __import__('os').environ.get('APP_HOSTS'))"


class App:
    """The app's folder; each start is a container's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("shop", "items/migrations", "run"):
            (root / folder).mkdir(parents=True)
        self.settings(SETTINGS)
        (root / "shop" / "urls.py").write_text("urlpatterns = []\n")
        (root / "items" / "migrations" / "__init__.py").write_text("")

    def settings(self, text: str) -> None:
        (self.root / "shop" / "settings.py").write_text(text, encoding="utf-8")

    def has(self, *names: str, replaces: tuple[str, ...] = ()) -> None:
        """The app `items` has these migrations and no others; the first may replace some."""
        folder = self.root / "items" / "migrations"
        for file in folder.glob("[!_]*.py"):
            file.unlink()
        for before, name in zip(("", *names), names, strict=False):
            text = MIGRATION.format(
                dependencies=[("items", before)] if before else [],
                replaces=[] if before else [("items", each) for each in replaces],
            )
            (folder / f"{name}.py").write_text(text, encoding="utf-8")

    def start(self, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": os.environ["PATH"],
            "MODE": "production",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "BACKEND_PREFIXES": "/api/",
            "RUN_DIR": str(self.root / "run"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        }
        command = [sys.executable, str(BIN / "migrate-and-exec"), sys.executable, "-c", STARTED]
        return subprocess.run(
            command, cwd=self.root, env=env, capture_output=True, text=True, timeout=120
        )

    def applied(self) -> list[str]:
        """The names of `items`, as the stack reads them from a database."""
        with sqlite3.connect(self.root / "db") as database:
            query = "SELECT name FROM django_migrations WHERE app = 'items' ORDER BY id"
            return [name for (name,) in database.execute(query)]


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def started(app: App, **variables: str) -> str:
    done = app.start(**variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "started" in done.stdout
    return done.stdout


OLD = ("0001_initial", "0002_more", "0003_most")
SQUASHED = "0001_squashed_0003_most"


def test_the_remains_of_a_squash_do_not_stop_a_start(app: App) -> None:
    app.has(*OLD)
    started(app)
    app.has(SQUASHED, replaces=OLD)
    started(app)
    # The next version no longer says what it replaces, as Django's guide has it.
    app.has(SQUASHED)
    assert app.applied() == [*OLD, SQUASHED]
    started(app)
    assert list(migrations.unknown({"items": app.applied()}, {"items": [SQUASHED]})) == []
    app.has(SQUASHED, "0004_after")
    assert "Applying 1 migrations" in started(app)


def test_a_database_of_a_newer_version_is_refused(app: App) -> None:
    app.has(SQUASHED, "0004_after", "0005_newer", "0006_newest", replaces=OLD)
    started(app)
    app.has(SQUASHED, "0004_after")
    done = app.start()
    assert done.returncode == 1
    what, remedy = (line.partition(" | ")[2] for line in done.stderr.splitlines())
    unknown = "which does not know items.0005_newer and 1 more."
    assert what == f"The database is newer than this version, {unknown}"
    assert remedy.startswith("Start the version that migrated it")
    known = {"items": [*OLD, SQUASHED, "0004_after"]}
    newer = ["items.0005_newer", "items.0006_newest"]
    assert list(migrations.unknown({"items": app.applied()}, known)) == newer
    assert "started" in started(app, MODE="development")


def test_a_newer_version_that_has_squashed_is_refused(app: App) -> None:
    app.has(*OLD, "0004_newer")
    started(app)
    app.has("0001_squashed_0004_newer", replaces=(*OLD, "0004_newer"))
    started(app)
    app.has(*OLD)
    unknown = "which does not know items.0001_squashed_0004_newer and 1 more"
    assert unknown in app.start().stderr


def test_a_migration_without_a_number_is_taken_for_a_newer_one(app: App) -> None:
    app.has("0001_initial", "newer")
    started(app)
    app.has("0001_initial")
    assert "which does not know items.newer." in app.start().stderr


def test_the_migrations_of_a_removed_app_do_not_stop_a_start(app: App) -> None:
    app.has(*OLD)
    started(app)
    app.settings(SETTINGS.replace('["items"]', "[]"))
    started(app)
    assert app.applied() == [*OLD]


def test_production_with_debug_is_refused_before_it_looks_for_the_database(app: App) -> None:
    app.settings(SETTINGS.replace("DEBUG = False", 'import os; DEBUG = bool(os.environ["DEBUG"])'))
    done = app.start(DEBUG="False")
    assert done.returncode == 1
    assert [line.partition(" | ")[2] for line in done.stderr.splitlines()] == [
        "DEBUG is on in production, by the settings shop.settings.",
        'Write there: DEBUG = os.environ.get("DEBUG") == "True"; and remove a DEBUG=True from .env',
    ]
    assert not (app.root / "db").exists()
    assert "started" in started(app, DEBUG="")
    assert "started" in started(app, DEBUG="False", MODE="development")


def test_the_names_of_an_app_with_its_own_list_are_handed_to_the_reverse_proxy(app: App) -> None:
    assert started(app).endswith("started \n")
    app.settings(SETTINGS.replace('"*"', '"shop.example", ".shop.test"'))
    assert started(app).endswith("started shop.example .shop.test shop.test\n")
    request = (app.root / "run" / "health-request").read_text(encoding="utf-8")
    assert request.splitlines() == ["", "shop.example", "", "200", ""]


def test_an_older_version_starts_beside_additive_migrations(app: App) -> None:
    """In a cluster old replicas go on, and start again, while new ones come."""
    app.has("0001_initial")
    started(app)
    app.has("0001_initial", "0002_additive")
    started(app, ADDITIVE_MIGRATIONS="true")
    app.has("0001_initial")
    started(app)
    app.has("0001_initial", "0002_additive", "0003_other")
    started(app)
    app.has("0001_initial")
    assert "which does not know items.0003_other." in app.start().stderr


def test_inv_gets_what_is_refused_in_a_form_for_programs(app: App) -> None:
    app.has(*OLD)
    commands = app.root / "items" / "management" / "commands"
    commands.mkdir(parents=True)
    for folder in (commands, commands.parent):
        (folder / "__init__.py").write_text("")
    (commands / "check_database.py").write_text(
        "from django.core.management import BaseCommand\n"
        "class Command(BaseCommand):\n"
        "    def handle(self, **options):\n"
        "        raise SystemExit('It is full.\\nMake room there')\n"
    )
    done = app.start(REFUSAL_AS_JSON="true")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2].endswith("| It is full.")
    refused = migrations.refusal(done.stdout)
    assert refused
    assert (refused.what, refused.remedy) == ("It is full.", "Make room there")
    assert app.start().stdout == "", "nothing asks for it"
    assert migrations.refusal("") is None
    assert migrations.refusal("Applying 3 migrations\n") is None
