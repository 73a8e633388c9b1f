"""Group 4: `inv prod` again with another image, while clients use the one that serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.backup import store
from stack.cli.runner import Runner
from stack.compose import health
from stack.compose.project import Project
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from tests.faults import versions
from tests.faults.load import Fault, Load
from tests.faults.test_stop import close_codes
from tests.support.migrations import FAILING, MAKES_A_TABLE, add_migration

WITHIN = 60
GAP = 5.0
"""Seconds for which an HTTP client may not be served: less than any start takes. The measured
figure, below 2 on a busy machine, is in the table."""


@pytest.fixture
def backend(project: Project) -> Iterator[Path]:
    with versions.changed(project) as folder_of_sources:
        yield folder_of_sources
    for path in store.default(project).glob("*.tar"):
        path.unlink()


def of_app(project: Project) -> tuple[str, str]:
    """The ids of the app's only container and its image."""
    (app,) = project.containers_of("app")
    return str(app.id), str(app.attrs["Image"])


def note_gap(load: Load, fault: Fault) -> float:
    """The longest time in seconds without a good HTTP answer; the table gets it, too.

    The time of a socket's last use is unknown, so the table's own column counts its age.
    """
    gap = max(c.observed.longest_gap() for c in fault.clients if c.kind != "sockets")
    load.row.notes = f"by HTTP {gap:.1f} s not served"
    return gap


def test_a_new_image_takes_over(
    load: Load, project: Project, runner: Runner, backend: Path
) -> None:
    container, image = of_app(project)
    with load.during("inv prod with a new image", within=WITHIN) as fault:
        runner.up()
        fault.over()
    fault_gap = note_gap(load, fault)
    assert close_codes(fault) == {"closed 4012"}
    now = of_app(project)
    assert now[0] != container
    assert now[1] != image
    assert fault_gap < GAP
    # Docker Compose, and so the next `inv prod`, find no change.
    runner.up()
    assert of_app(project) == now
    assert project.containers()["app"].name == f"{project.name}-app-1"


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "that ends by itself": (versions.ends_by_itself, "the service app stops by itself"),
    "that is never ready": (versions.is_never_ready, "the new version was not ready within"),
    "whose migration fails": (
        lambda backend: add_migration(backend, FAILING),
        "cannot bring the data up to date",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_image_is_rolled_back_unnoticed(
    load: Load,
    project: Project,
    runner: Runner,
    backend: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    make, said = BAD[kind]
    make(backend)
    monkeypatch.setattr(health, "READY_SECONDS", 25)
    before, server = of_app(project), Server(project)
    databases, migrations = server.databases(), server.migrations()
    with load.during(f"inv prod with an image {kind}", within=WITHIN) as fault:
        with pytest.raises(Failure) as failed:
            runner.up()
        fault.note(failed.value.what)
    assert failed.value.code == 1
    assert failed.value.what.startswith("Rolled back: ")
    assert said in failed.value.what
    assert of_app(project) == before
    assert project.client.images.get(f"{project.name}-app:latest").id == before[1]
    assert (server.databases(), server.migrations()) == (databases, migrations)
    failures = [a for c in fault.clients for a in c.observed.failures()]
    assert failures == []


def test_a_new_image_that_migrates(load: Load, project: Project, runner: Runner) -> None:
    """The migration is rehearsed on a copy; the old version never runs with the new schema."""
    server = Server(project)
    with versions.changed(project) as backend:
        name = add_migration(backend, MAKES_A_TABLE).stem
        with load.during("inv prod with an image that migrates", within=WITHIN) as fault:
            runner.up()
            fault.over()
    note_gap(load, fault)
    (backup,) = store.default(project).glob("*.tar")
    backup.unlink()
    applied = server.migrations()["alarm"]
    # The other tests need a database without the migration.
    server.ask("DROP TABLE made_by_a_test", DATABASE)
    server.ask(f"DELETE FROM django_migrations WHERE name = '{name}'", DATABASE)
    runner.up()
    assert name in applied
    assert close_codes(fault) == {"closed 4012"}
