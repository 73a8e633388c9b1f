"""Group 9: a rollout, a restore and a new password, interrupted before and after each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from invoke.exceptions import Exit

from stack.backup import create, restore, store
from stack.backup.restore import Restore
from stack.compose.project import Project
from stack.config import secrets
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.console import Failure
from stack.database import password
from stack.database.server import DATABASE, Server
from stack.deploy import upgrade
from stack.deploy.rollout import Rollout
from stack.deploy.rotate_password import Rotation, rotate_password
from tests.data.rows import checksums
from tests.faults import versions
from tests.support.migrations import MAKES_A_TABLE, add_migration
from tests.support.panel import Panel


class Broken(Failure):
    """The error of a step, besides Ctrl-C."""

    def __init__(self) -> None:
        super().__init__("A step failed.", "Correct it.")


@dataclass(frozen=True)
class State:
    """The state to compare: containers, tags, networks, databases with their rows, files."""

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
            tuple(sorted(checksums(server).items())),
            # A backup made for a rollout is kept, and so is the file that the first command locks.
            frozenset(name for name in left if not name.endswith((".tar", ".lock"))),
        )


def interrupted(
    monkeypatch: pytest.MonkeyPatch, kind: type, name: str, when: str, error: type[BaseException]
) -> None:
    """Raise `error` in a step of `kind`, before it begins or after it is done."""
    step: Callable[[object], None] = getattr(kind, name)

    def replaced(self: object) -> None:
        if when == "after":
            step(self)
        raise error

    monkeypatch.setattr(kind, name, replaced)


def each_of(kind: type[Rollout | Restore]) -> pytest.MarkDecorator:
    """Every step but the last one, `finish`: from its beginning on nothing is undone."""
    cases = [
        pytest.param(name, when, error, id=f"{when}-{name}-{error.__name__}")
        for name in kind.STEPS[:-1]
        for when in ("before", "after")
        for error in (KeyboardInterrupt, Broken)
    ]
    return pytest.mark.parametrize(("name", "when", "error"), cases)


@each_of(Rotation)
def test_an_interrupted_change_of_the_password_is_rolled_back(
    panel: Panel,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    when: str,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Rotation, name, when, error)
    before, secret = State.of(project), secrets.read(project.root, POSTGRES_PASSWORD)
    kept = password.kept_by(Server(project))
    with pytest.raises(Failure) as failed:
        rotate_password(project)
    assert failed.value.what.startswith("Rolled back: ")
    assert failed.value.code == (130 if error is KeyboardInterrupt else 1)
    assert State.of(project) == before
    assert secrets.read(project.root, POSTGRES_PASSWORD) == secret
    assert password.kept_by(Server(project)) == kept
    assert panel.get("/api/health/ready/").status_code == 200


@pytest.fixture(scope="module")
def changed(project: Project) -> Iterator[None]:
    """A new version that migrates, and settings that change both containers."""
    env = project.root / ".env"
    before = env.read_text(encoding="utf-8")
    with versions.changed(project) as backend:
        add_migration(backend, MAKES_A_TABLE, 9300)
        env.write_text(f"{before}\nALARM_RETENTION_DAYS=300\nDB_PIDS=300\n", encoding="utf-8")
        yield
    env.write_text(before, encoding="utf-8")
    for path in store.default(project).glob("*.tar"):
        path.unlink()


@each_of(Rollout)
def test_an_interrupted_rollout_is_rolled_back(
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
    assert failed.value.what.startswith("Rolled back: ")
    assert failed.value.code == (130 if error is KeyboardInterrupt else 1)
    assert State.of(project) == before
    assert panel.get("/api/health/ready/").status_code == 200


@each_of(Restore)
def test_an_interrupted_restore_is_rolled_back(
    panel: Panel,
    project: Project,
    changed: None,
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
    assert failed.value.what.startswith("Rolled back: ")
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
def test_an_interruption_after_the_last_step_reports_a_finished_restore(
    panel: Panel,
    project: Project,
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Restore, "finish", "after", error)
    with pytest.raises(Exit) as ended:
        restore.restore(project, backup.name, agree=lambda warning: None)
    assert "all is as before" not in str(ended.value)
    assert ended.value.code == (130 if error is KeyboardInterrupt else 2)
    assert Server(project).ask("SELECT to_regclass('after_the_backup')", DATABASE) == [""]
    assert panel.get("/api/health/ready/").status_code == 200


@pytest.mark.parametrize("error", [KeyboardInterrupt, Broken])
def test_an_interruption_after_the_last_step_reports_a_finished_rollout(
    panel: Panel,
    project: Project,
    changed: None,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    interrupted(monkeypatch, Rollout, "finish", "after", error)
    with pytest.raises(Exit) as ended:
        upgrade.upgrade(project, may_be_verified=lambda: True, verified=lambda: True)
    assert "all is as before" not in str(ended.value)
    assert ended.value.code == (130 if error is KeyboardInterrupt else 2)
    table = Server(project).ask("SELECT to_regclass('made_by_a_test')", DATABASE)
    assert table == ["made_by_a_test"]
    assert panel.get("/api/health/ready/").status_code == 200
