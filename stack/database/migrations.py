"""Comparing the migrations of a database with those that an image of the app knows."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.console import Failure, print_output
from stack.database.server import by_app
from stack.images import app_image

if TYPE_CHECKING:
    from docker.models.containers import Container

Migrations = dict[str, list[str]]

# Passed to Python in the container, so that it works with images of any age.
KNOWN = """
import json, django
django.setup()
from django.db.migrations.loader import MigrationLoader
found = MigrationLoader(None).disk_migrations
replaced = {key for migration in found.values() for key in migration.replaces}
print(json.dumps(sorted({*found, *replaced})))
"""
COMMAND = ("python", "-c", KNOWN)


def known_to_image(project: Project) -> Migrations:
    """The migrations that the newest image of the project knows."""
    app = project.containers().get("app")
    if app is not None and app_image.is_newest(project.name, project.client, app):
        known = _known_to_running(app)
        if known is not None:
            return known
    try:
        asked = run_one_off(project, *COMMAND)
    except subprocess.TimeoutExpired as error:
        raise _no_answer(project) from error
    try:
        return by_app(json.loads(asked.stdout.strip().splitlines()[-1]))
    except (ValueError, IndexError) as error:
        print_output(asked.stderr.splitlines()[-15:])
        raise _no_answer(project) from error


def _no_answer(project: Project) -> Failure:
    return Failure(
        f"The image of {project.name} does not say which migrations it knows.",
        f"Build it again: inv {project.mode.name}.build",
    )


def _known_to_running(app: Container) -> Migrations | None:
    """The migrations that a container knows; None if it does not answer."""
    if app.status != "running":
        return None
    asked = app.exec_run(["/entrypoint.sh", *COMMAND], stderr=False)
    if asked.exit_code != 0 or not isinstance(asked.output, bytes):
        return None
    return by_app(json.loads(asked.output))


def of_apps_in_use(project: Project, applied: Migrations) -> Migrations:
    """`applied` without Django apps that the running version has not; all if none runs."""
    app = project.containers().get("app")
    known = _known_to_running(app) if app is not None else None
    return applied if known is None else {n: m for n, m in applied.items() if n in known}


def require_known(
    project: Project, applied: Migrations, what: str, remedy: str, *, is_own: bool = False
) -> Migrations:
    """What the newest image knows. Raises Failure if `what` has a migration that it lacks.

    With `is_own`, of a database of this project, apps that the image has not were removed from it.
    """
    known = known_to_image(project)
    if is_own:
        applied = {app: names for app, names in applied.items() if app in known}
    if newer := list(unknown(applied, known)):
        more = f" and {len(newer) - 1} more" if newer[1:] else ""
        raise Failure(f"{what} has a newer schema than this version: {newer[0]}{more}.", remedy)
    return known


def unknown(applied: Migrations, known: Migrations) -> Iterator[str]:
    """The migrations that a newer version has applied.

    Those with a number up to a known one of their app were squashed, as in
    docker/common/bin/migrate-and-exec.
    """
    for app, names in applied.items():
        own = {name for name in names if name in known.get(app, ())}
        newest = max((_number(name, without=0) for name in own), default=0)
        for name in names:
            if name not in own and _number(name, without=math.inf) > newest:
                yield f"{app}.{name}"


def _number(name: str, without: float) -> float:
    """That of `0004_x`, and the last one of `0001_squashed_0004_x`, as Django counts them."""
    found = re.search(r"_squashed_(\d+)", name) or re.match(r"(\d+)", name)
    return int(found[1]) if found else without


def bring_up_to_date(project: Project, database: str, **variables: str) -> None:
    """Migrate a database with the newest image, as a start does. Raises Failure if that fails.

    `variables` are more of the environment, as `migrate-and-exec` reads it. Where the database is
    not fit for the app, the Failure is what that says.
    """
    variables = {"POSTGRES_DB": database, "REFUSAL_AS_JSON": "true", **variables}
    done = run_one_off(project, "migrate-and-exec", "true", seconds=None, **variables)
    if done.returncode != 0:
        if refused := refusal(done.stdout):
            raise refused
        print_output((done.stdout + done.stderr).splitlines()[-15:])
        raise Failure(
            "This version of the app cannot bring the data up to date.",
            "What it says is above; nothing was changed",
        )


def refusal(output: str) -> Failure | None:
    """What `migrate-and-exec` says to programs as its last line, where a database is not fit."""
    try:
        found = json.loads(output.strip().splitlines()[-1])
        return Failure(what=found["what"], remedy=found["remedy"])
    except (ValueError, LookupError, TypeError):
        return None  # it failed otherwise, or the image is older
