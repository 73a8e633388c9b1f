"""Print what `migrate` would apply and what `makemigrations` would write, as JSON.

It runs in the folder of `manage.py`, with DJANGO_SETTINGS_MODULE set.
"""

import json
import sys


def main() -> None:
    sys.path[0] = "."  # not this script's folder, whose modules are the dev page's
    import django

    django.setup()
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.state import ProjectState

    # A pool would replace the reason of a failure by a timeout.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    models = ProjectState.from_apps(apps)
    detector = MigrationAutodetector(executor.loader.project_state(), models)
    found = {
        "pending": [f"{migration.app_label}.{migration.name}" for migration, _ in plan],
        "unwritten": sorted(detector.changes(graph=executor.loader.graph)),
    }
    print(json.dumps(found))


main()
