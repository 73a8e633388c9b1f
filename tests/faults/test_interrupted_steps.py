"""Group 9: a rollout and a restore, interrupted before and after each of their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stack.backup import create, restore, store
from stack.backup.restore import Restore
from stack.compose.project import Project
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from stack.deploy import upgrade
from stack.deploy.rollout import Rollout
from tests.data.rows import fingerprint
from tests.faults import versions
from tests.faults.clients import Panel

MAKES_A_TABLE = 'migrations.RunSQL("CREATE TABLE made_by_a_test ()", "DROP TABLE made_by_a_test")'


class Broken(Failure):
    """What a step can end with, beside Ctrl-C."""

    def __init__(self) -> None:
        super().__init__("A step failed.", "Mend it.")


@dataclass(frozen=True)
class State:
    """What has to be as before: containers, tags, networks, databases with their rows, files."""

    containers: frozenset[tuple[str, str, str, str]]
    tags: frozenset[tuple[str, str]]
    networks: frozenset[tuple[str, frozenset[str]]]
    databases: frozenset[str]
    rows: tuple[tuple[str, str], ...]
    files: frozenset[str]

    @classmethod
    def of(cls, project: Project) -> State:
        server, client = Server(project), project.client
        found = [c for service in ("app", "db") for c in project.containers_of(service)]
        images = client.images.list(filters={"reference": f"{project.name}-app"})
        networks = client.networks.list(
            filters={"label": f"com.docker.compose.project={project.name}"}
        )
        for network in networks:
            network.reload()
        left = {str(path) for path in store.default(project).iterdir()}
        return cls(
            frozenset((str(c.id), str(c.name), c.attrs["Image"], c.status) for c in found),
            frozenset(
                (tag, str(image.id))
                for image in images
                for tag in image.tags
                if not tag.endswith(":running")
            ),
            frozenset((str(n.name), frozenset(str(c.id) for c in n.containers)) for n in networks),
            frozenset(server.databases()),
            tuple(sorted(fingerprint(server).items())),
            # A backup made for a rollout is kept, and so is the file that the first command locks.
            frozenset(name for name in left if not name.endswith((".tar", ".lock"))),
        )


def interrupted(
    monkeypatch: pytest.MonkeyPatch, kind: type, name: str, when: str, error: type[BaseException]
) -> None:
    """Let a step of `kind` raise `error`, before it begins or when it is done."""
    step: Callable[[object], None] = getattr(kind, name)

    def replaced(self: object) -> None:
        if when == "after":
            step(self)
        raise error

    monkeypatch.setattr(kind, name, replaced)


EACH = [
    pytest.param(name, when, error, id=f"{when}-{name}-{error.__name__}")
    for name in Rollout.STEPS[:-1]
    for when in ("before", "after")
    for error in (KeyboardInterrupt, Broken)
]
EACH_OF_RESTORE = [
    pytest.param(name, when, error, id=f"{when}-{name}-{error.__name__}")
    for name in Restore.STEPS[:-1]
    for when in ("before", "after")
    for error in (KeyboardInterrupt, Broken)
]
"""Without the last step, `finish`: from its beginning on nothing is undone."""


@pytest.fixture(scope="module")
def changed(project: Project) -> Iterator[None]:
    """A new version that migrates, and settings that change both containers."""
    env = project.root / ".env"
    before = env.read_text(encoding="utf-8")
    with versions.changed(project) as backend:
        versions.add_migration(backend, 9300, MAKES_A_TABLE)
        env.write_text(f"{before}\nALARM_RETENTION_DAYS=300\nDB_PIDS=300\n", encoding="utf-8")
        yield
    env.write_text(before, encoding="utf-8")
    for path in store.default(project).glob("*.tar"):
        path.unlink()


@pytest.mark.parametrize(("name", "when", "error"), EACH)
def test_a_rollout_that_is_interrupted_leaves_all_as_it_was(
    panel: Panel,
    project: Project,
    changed: None,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    when: str,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Rollout, name, when, error)
    before = State.of(project)
    with pytest.raises(Failure) as failed:
        upgrade.upgrade(project, may_be_verified=lambda: True, verified=lambda: True)
    assert failed.value.what.startswith("All is as before, because ")
    assert failed.value.code == (130 if error is KeyboardInterrupt else 1)
    assert State.of(project) == before
    assert panel.get("/api/health/ready/").status_code == 200


@pytest.mark.parametrize(("name", "when", "error"), EACH_OF_RESTORE)
def test_a_restore_that_is_interrupted_leaves_all_as_it_was(
    panel: Panel,
    project: Project,
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    when: str,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Restore, name, when, error)
    before = State.of(project)
    with pytest.raises(Failure) as failed:
        restore.restore(project, backup.name, agree=lambda warning: None)
    assert failed.value.what.startswith("All is as before, because ")
    assert failed.value.code == (130 if error is KeyboardInterrupt else 1)
    assert State.of(project) == before
    assert panel.get("/api/health/ready/").status_code == 200


@pytest.fixture(scope="module")
def backup(project: Project) -> Iterator[Path]:
    path = create.create_backup(project, store.default(project))
    Server(project).ask("CREATE TABLE after_the_backup ()", DATABASE)
    yield path
    Server(project).ask("DROP TABLE IF EXISTS after_the_backup", DATABASE)
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, Broken])
def test_an_interruption_after_the_last_step_of_a_restore_says_that_it_is_done(
    panel: Panel,
    project: Project,
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Restore, "finish", "after", error)
    with pytest.raises(Failure) as failed:
        restore.restore(project, backup.name, agree=lambda warning: None)
    assert "All is as before" not in failed.value.what
    if error is KeyboardInterrupt:
        assert failed.value.what == "Interrupted, after the restore was done."
    assert Server(project).ask("SELECT to_regclass('after_the_backup')", DATABASE) == [""]
    assert panel.get("/api/health/ready/").status_code == 200
