"""Group 9: the data moves to another major version of PostgreSQL, or stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
import requests

from stack.backup import store
from stack.compose import address
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from stack.deploy.upgrade_database import DatabaseUpgrade, upgrade_database
from tests.data.rows import checksums
from tests.faults.test_interrupted_steps import State, interrupted
from tests.support import newer_postgres
from tests.support.invoke import inv
from tests.support.own_stack import own_stack


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """A stack of the module's own, whose `.env` names the newer version."""
    with own_stack(PROD, nullcontext) as runner:
        project = runner.project
        image = newer_postgres.image(project.client)
        with (project.root / ".env").open("a", encoding="utf-8") as env:
            env.write(f"\nPOSTGRES_IMAGE={image}\n")
        Server(project).ask(
            "CREATE TABLE türen AS SELECT 'ä' || n FROM generate_series(1, 9) n", DATABASE
        )
        yield project
        former = {n for n in volumes(project) if n.startswith(f"{project.name}_db_data")}
        for name in former - {project.data_volume}:
            project.client.volumes.get(name).remove()


def volumes(project: Project) -> set[str]:
    return {v.name for v in project.client.volumes.list() if v.name.startswith(project.name)}


def answers(project: Project) -> bool:
    return (
        requests.get(f"{address.of(project).url}/api/health/ready/", timeout=10).status_code == 200
    )


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", DatabaseUpgrade.STEPS[:-1])
def test_an_interrupted_upgrade_of_the_database_is_rolled_back(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    interrupted(monkeypatch, DatabaseUpgrade, name, when, KeyboardInterrupt)
    env = (project.root / ".env").read_bytes()
    before, kept = State.of(project), volumes(project)
    with pytest.raises(Failure, match="Rolled back: it was interrupted") as failed:
        upgrade_database(project)
    assert failed.value.code == 130
    assert State.of(project) == before
    assert volumes(project) == kept
    assert (project.root / ".env").read_bytes() == env
    assert answers(project)


def test_the_database_is_upgraded_and_the_old_volume_is_kept(project: Project) -> None:
    rows, before = checksums(Server(project)), project.data_volume
    done = inv(project, "prod.upgrade-database")
    assert done.returncode == 0, done.stderr
    assert f"✓ {project.name} runs PostgreSQL {newer_postgres.VERSION}." in done.stderr
    assert f"docker volume rm {before}" in done.stderr
    version = Server(project).ask("SHOW server_version_num")[0]
    assert int(version) // 10_000 == newer_postgres.VERSION
    assert checksums(Server(project)) == rows
    assert project.data_volume != before
    assert {before, project.data_volume} <= volumes(project)
    assert answers(project)

    containers = {c.id for c in project.containers().values()}
    assert inv(project, "prod").returncode == 0
    assert {c.id for c in project.containers().values()} == containers
    assert len(list(store.default(project).glob("*.tar"))) > 0
