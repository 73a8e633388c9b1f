"""The database's password: a file that does not fit is refused, and `rotate-password` makes one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from stack.compose import address
from stack.compose.project import Project
from stack.config import secrets
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.console import Failure
from stack.database import password
from stack.database.server import Server
from stack.deploy.rotate_password import Rotation, rotate_password
from tests.data.conftest import State
from tests.support.invoke import inv, refusal


@pytest.fixture
def secret(project: Project) -> Iterator[Path]:
    """The file with the password, whose content is as before after the test."""
    before = secrets.read(project.root, POSTGRES_PASSWORD)
    yield project.root / ".secrets" / POSTGRES_PASSWORD
    secrets.replace(project.root, POSTGRES_PASSWORD, before)


def answers(project: Project) -> bool:
    return (
        requests.get(f"{address.of(project).url}/api/health/ready/", timeout=10).status_code == 200
    )


def file_fits(database: Server) -> bool:
    own = secrets.read(database.project.root, POSTGRES_PASSWORD)
    return password.fits(password.kept_by(database), own)


@pytest.mark.usefixtures("unchanged", "secret")
def test_another_password_in_the_file_is_refused(project: Project, database: Server) -> None:
    assert file_fits(database)
    secrets.replace(project.root, POSTGRES_PASSWORD, "of-another-installation")
    assert not file_fits(database)
    said = refusal(inv(project, "prod"))
    assert f"✗ The database of {project.name} has another password than .secrets/" in said
    assert said.endswith("make a new one: inv prod.rotate-password\n")


def test_a_rotation_that_fails_leaves_the_old_password(
    project: Project, database: Server, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails where both containers are new already and the old ones are not removed."""

    def fail(self: Rotation) -> None:
        raise Failure("The disk is full.", "Make room.")

    monkeypatch.setattr(Rotation, "finish", fail)
    before, kept = secret.read_bytes(), password.kept_by(database)
    state, ids = State.of(database), {c.id for c in project.containers().values()}
    with pytest.raises(Failure, match="Rolled back: the disk is full"):
        rotate_password(project)
    assert secret.read_bytes() == before
    assert password.kept_by(database) == kept
    assert {c.id for c in project.containers().values()} == ids
    assert State.of(database).rows == state.rows
    assert answers(project)


def test_a_lost_password_is_replaced_while_the_panel_serves(
    project: Project, database: Server
) -> None:
    state, before = State.of(database), secrets.read(project.root, POSTGRES_PASSWORD)
    secrets.replace(project.root, POSTGRES_PASSWORD, "")
    done = inv(project, "prod.rotate-password")
    assert done.returncode == 0, done.stderr
    assert file_fits(database)
    assert secrets.read(project.root, POSTGRES_PASSWORD) not in {"", before}
    assert not password.fits(password.kept_by(database), before)
    assert before not in done.stderr
    assert State.of(database).rows == state.rows
    assert answers(project)
    again = {c.id for c in project.containers().values()}
    assert inv(project, "prod").returncode == 0
    assert {c.id for c in project.containers().values()} == again
