"""`inv prod` with a changed `.env`: the new settings serve, or the old containers go on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.compose import address, health, ports, status
from stack.compose.project import Project
from stack.core.console import Failure
from stack.deploy.up import up
from stack.engine import docker_engine, root_files
from tests.support import reverse_proxy
from tests.support.invoke import environment, inv, refusal
from tests.support.panel import Panel
from tests.support.site import is_ready


@pytest.fixture
def env(project: Project) -> Iterator[Path]:
    """The stack's `.env`; the test's changes to it and to the containers are undone."""
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
    return is_ready(project)


REFUSED = {
    "APP_MEMORY=much": "APP_MEMORY is 'much', which is not an amount of memory",
    "APP_PIDS=1": "he service app stops by itself|he new version was not ready|docker ended",
    "APP_MEMORY=8m": "he service app stops by itself|he new version was not ready",
    "DB_MEMORY=8m": "he service db stops by itself|new container was not ready",
    # A range for documentation (RFC 5737), so no address of this machine.
    "ALARM_BIND=203.0.113.9": "he engine cannot publish port",
}
"""A line of `.env` with which no container gets ready, and the message."""


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


def test_more_processors_than_the_engine_has_are_no_error(project: Project, env: Path) -> None:
    add(env, "APP_CPUS=1000")
    up(project)
    limit = project.containers()["app"].attrs["HostConfig"]["NanoCpus"]
    assert limit == docker_engine.processors(project.client) * 10**9
    assert serves(project)


def test_a_line_that_compose_reads_in_another_way_changes_nothing(
    project: Project, env: Path
) -> None:
    before, text = running(project), env.read_text()
    add(env, "MQTT_HOST=$broker")
    with pytest.raises(Failure, match=r"would replace the \$ in MQTT_HOST"):
        up(project)
    env.write_text(text)
    assert running(project) == before
    assert serves(project)


def test_a_literal_value_reaches_the_app_as_it_is(project: Project, env: Path) -> None:
    add(env, "WORDS='pa$word#1 of the app'")
    up(project)
    settings = project.containers()["app"].attrs["Config"]["Env"]
    assert "WORDS=pa$word#1 of the app" in settings


@pytest.fixture
def certbot(tmp_path: Path) -> dict[str, Path]:
    """A certificate and its key as an ACME client leaves them: root's, behind symbolic links."""
    archive, live = tmp_path / "archive", tmp_path / "live"
    archive.mkdir(mode=0o700)
    live.mkdir(mode=0o700)
    reverse_proxy.certificate(archive)
    (archive / "key.pem").chmod(0o600)
    named = {"TLS_CERTIFICATE": live / "cert.pem", "TLS_KEY": live / "key.pem"}
    for path in named.values():
        path.symlink_to(f"../archive/{path.name}")
    return named


def smoke(project: Project) -> None:
    checks = ("tests/smoke", "--mode", "prod", "--running", "-k", "test_arming or test_ping")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *checks],
        cwd=project.root,
        env=environment(project),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_https_is_served_with_a_key_that_only_root_may_read(
    project: Project, panel: Panel, env: Path, certbot: dict[str, Path]
) -> None:
    for name, path in certbot.items():
        add(env, f"{name}={path}")
    up(project)
    where = address.of(project)
    assert where.for_people() == f"Open https://localhost:{project.port}"
    assert serves(project)
    smoke(project)
    key = certbot["TLS_KEY"]
    assert root_files.read(project.client, f"{project.name}-app", key) == key.read_bytes()
    # A renewal makes a new container. A file that is no key is refused, and what runs goes on.
    before = running(project)
    reverse_proxy.certificate(key.resolve().parent)
    up(project)
    assert running(project) != before
    assert address.of(project).certificate != where.certificate
    before = running(project)
    key.resolve().write_bytes((project.root / ".secrets" / "secret_key").read_bytes())
    with pytest.raises(Failure, match="TLS_KEY is not a private key"):
        up(project)
    assert running(project) == before
    assert serves(project)


@pytest.mark.parametrize("line", ["ALARM_HTTPS=true", "ALARM_BIND={docker0}", "ALARM_BIND=[::1]"])
def test_the_checks_ask_the_address_where_the_stack_listens(
    project: Project, panel: Panel, env: Path, line: str
) -> None:
    gateway = project.client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    add(env, line.format(docker0=gateway))
    up(project)
    said = address.of(project).for_people()
    if "HTTPS" in line:
        assert said.startswith("Open it through your reverse proxy")
    else:
        host = line.format(docker0=gateway).partition("=")[2]
        assert said == f"Open http://{host}:{project.port}"
    smoke(project)


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
    # Docker Compose, and so the next `inv prod`, finds no change.
    up(project)
    assert running(project) == now


def test_a_saved_file_without_another_value_is_no_change(project: Project, env: Path) -> None:
    env.touch()
    assert not status.settings_are_newer(project)
    add(env, "ALARM_RETENTION_DAYS=124")
    assert status.settings_are_newer(project)


@pytest.mark.parametrize("content", [None, ""])
def test_no_new_password_is_made_for_a_database_that_has_one(
    project: Project, content: str | None
) -> None:
    password = project.root / ".secrets" / "postgres_password"
    kept = password.with_name("kept")
    password.rename(kept)
    try:
        if content is not None:
            password.write_text(content, encoding="utf-8")
        for task in ("env", "prod"):
            assert "Put its password back" in refusal(inv(project, task))
        assert password.exists() == (content is not None)
    finally:
        kept.replace(password)
    assert serves(project)


def test_a_command_without_the_app_leaves_no_database_running(project: Project) -> None:
    for container in project.containers().values():
        container.stop()
    try:
        assert inv(project, "prod.manage", "check").returncode == 0
        assert {c.status for c in project.containers().values()} == {"exited"}
    finally:
        up(project)


def test_the_smoke_checks_ask_the_port_where_the_stack_listens(
    project: Project, panel: Panel
) -> None:
    checks = ("tests/smoke", "--mode", "prod", "--running", "-k", "test_health_is_ok")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *checks],
        cwd=project.root,
        env=environment(project, ALARM_PORT=str(ports.free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


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
