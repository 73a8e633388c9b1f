"""The checks of an engine: one function for each column of the table, in this order.

Each takes the nested engine and returns a note for the table; it raises CommandFailed.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.engines import podman, project
from tests.engines.nested import CommandFailed, Nested

URL = "http://localhost:5427"
LONGEST_GAP = 5.0
"""Seconds without a good answer that a deployment may cause, as in tests/faults."""

ENTER = f"{project.ADMIN['password']}\n{project.PIN}\n"


def doctor(nested: Nested) -> str:
    said = nested.run("./bootstrap inv doctor")
    return f"{said.count('•')} hints" if "•" in said else ""


def prod(nested: Nested) -> str:
    """Build and start production on an empty engine, and create the first account."""
    nested.run("./bootstrap inv prod")
    create = "createadmin --username admin --password-stdin --pin-stdin"
    nested.run(f".venv/bin/inv prod.manage {create}", given=ENTER)
    return ""


def again(nested: Nested) -> str:
    """Change a file of the backend and deploy it while a client sends requests."""
    nested.run("echo '# changed' >> backend/config/urls.py")
    with _load(nested) as seen:
        nested.run(".venv/bin/inv prod")
    return _require_service(seen)


def smoke(nested: Nested) -> str:
    said = nested.run(".venv/bin/inv prod.smoke")
    return _passed(said)


def backup(nested: Nested) -> str:
    nested.run(".venv/bin/inv prod.backup && .venv/bin/inv prod.backups")
    return ""


def upgrade(nested: Nested) -> str:
    nested.run("echo '# changed again' >> backend/config/urls.py")
    with _load(nested) as seen:
        nested.run(".venv/bin/inv prod.upgrade")
    return _require_service(seen)


def dev(nested: Nested) -> str:
    """`inv dev`: a saved component reaches Vite's socket, a saved view changes the answer."""
    nested.run(".venv/bin/inv prod.down")
    tests = "saving_a_component or saving_a_view"
    command = f".venv/bin/python -m pytest tests/acceptance --mode dev -k '{tests}'"
    return _passed(nested.run(command))


def plain_prod(nested: Nested) -> str:
    return _plain(nested, "--file docker-compose.prod.yml")


def plain_dev(nested: Nested) -> str:
    return _plain(nested, "--file docker-compose.yml")


CHECKS: dict[str, Callable[[Nested], str]] = {
    "doctor": doctor,
    "prod": prod,
    "again": again,
    "smoke": smoke,
    "backup": backup,
    "upgrade": upgrade,
    "dev": dev,
    "compose prod": plain_prod,
    "compose dev": plain_dev,
    "podman compose": podman.compose,
    "quadlet": podman.quadlet,
}


def _plain(nested: Nested, file: str) -> str:
    """Start a mode with Docker Compose alone, request its page and its API, and stop it."""
    images = project.BASE_IMAGES if not nested.engine.official else {}
    given = {f"{kind.upper()}_IMAGE": image for kind, image in images.items()}
    given |= nested.engine.settings
    settings = " ".join(f"{name}={value}" for name, value in given.items())
    # With the broker, which is off by default.
    compose = f"{settings} COMPOSE_PROFILES=mqtt docker compose {file}"
    nested.run(f"{compose} up --build --detach --wait")
    try:
        for path in ("/", "/api/health/ready/"):
            nested.run(f"curl --fail --silent --show-error {URL}{path}")
    finally:
        nested.run(f"{compose} down")
    return ""


@contextmanager
def _load(nested: Nested) -> Iterator[dict[str, float]]:
    """A client that requests the readiness path; afterwards the dict holds its observations."""
    seen: dict[str, float] = {}
    argv = nested.argv(f"python3 tests/engines/load.py {URL}/api/health/ready/")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        try:
            yield seen
        finally:
            said, _ = client.communicate()
    seen.update(json.loads(said))


def _require_service(seen: dict[str, float]) -> str:
    result = f"{seen['good']} answers, {seen['failed']} failures, gap {seen['gap']} s"
    if seen["gap"] > LONGEST_GAP:
        raise CommandFailed(f"The panel was unavailable too long: {result}")
    return result


def _passed(said: str) -> str:
    found = re.search(r"\d+ passed", said)
    if found is None:
        raise CommandFailed(f"No test ran:\n{said[-500:]}")
    return found[0]
