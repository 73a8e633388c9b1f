"""Print what `migrate` would apply and what `makemigrations` would write, as JSON.

It runs in the folder of `manage.py`, with DJANGO_SETTINGS_MODULE set.
"""

# ruff: noqa: E402  # Django has to know the settings before the imports after them
import json
import sys

import django

sys.path[0] = "."  # not this script's folder
django.setup()

from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

# A pool would replace the reason of a failure by a timeout.
connection.settings_dict["OPTIONS"].pop("pool", None)
loader = (executor := MigrationExecutor(connection)).loader
plan = executor.migration_plan(loader.graph.leaf_nodes())
detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
found = {
    "pending": [f"{migration.app_label}.{migration.name}" for migration, _ in plan],
    "unwritten": sorted(detector.changes(graph=loader.graph)),
}
print(json.dumps(found))
