"""`inv prod` with a changed `.env`: the new settings serve, or the old containers go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from stack.compose import health
from stack.compose.project import Project
from stack.core.console import Failure
from stack.deploy.up import up


@pytest.fixture
def env(project: Project) -> Iterator[Path]:
    """The stack's `.env`, which is as before after the test, like what runs."""
    path = project.root / ".env"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")
    up(project)


def add(env: Path, line: str) -> None:
    env.write_text(f"{env.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def running(project: Project) -> set[tuple[str, str, str]]:
    """Every container of the app and the database, with its name and state."""
    found = [*project.containers_of("app"), *project.containers_of("db")]
    return {(str(c.id), str(c.name), c.status) for c in found}


def serves(project: Project) -> bool:
    return requests.get(f"{project.url}/api/health/ready/", timeout=10).status_code == 200


REFUSED = {
    "APP_MEMORY=much": "Docker Compose cannot read its files with these settings",
    "APP_CPUS=1000": "docker ended with status",
    "APP_MEMORY=8m": "he service app stops by itself|he new version was not ready",
    "DB_MEMORY=8m": "he service db stops by itself|new container was not ready",
}
"""A line of `.env` with which no container gets ready, and what is said of it."""


@pytest.mark.parametrize("line", REFUSED)
def test_a_setting_that_keeps_a_container_from_starting_is_rolled_back(
    project: Project, env: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "READY_SECONDS", 40)
    before = running(project)
    add(env, line)
    with pytest.raises(Failure, match=REFUSED[line]):
        up(project)
    assert running(project) == before
    assert serves(project)


def test_changed_settings_of_both_containers_take_effect(project: Project, env: Path) -> None:
    before = running(project)
    add(env, "ALARM_RETENTION_DAYS=123\nDB_PIDS=321")
    up(project)
    now = running(project)
    assert {name for _, name, _ in now} == {name for _, name, _ in before}
    assert not {key for key, _, _ in now} & {key for key, _, _ in before}
    found = project.containers()
    assert "ALARM_RETENTION_DAYS=123" in found["app"].attrs["Config"]["Env"]
    assert found["db"].attrs["HostConfig"]["PidsLimit"] == 321
    assert serves(project)
    # Docker Compose, and so the next `inv prod`, finds nothing to do.
    up(project)
    assert running(project) == now


def test_a_changed_secret_makes_a_new_app_container_alone(project: Project, env: Path) -> None:
    secret = project.root / ".secrets" / "secret_key"
    key, before = secret.read_bytes(), project.containers()
    secret.chmod(0o644)
    secret.write_bytes(b"another-key-for-a-test-" * 4 + b"\n")
    try:
        up(project)
        now = project.containers()
        assert now["app"].id != before["app"].id
        assert now["db"].id == before["db"].id
        assert serves(project)
    finally:
        secret.write_bytes(key)
        secret.chmod(0o444)
