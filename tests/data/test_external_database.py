"""Production with a database elsewhere: a primary with TLS and its replica, and PgBouncer."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from stack.cli.runner import Runner
from stack.compose import address, health
from stack.compose.exec import run_one_off
from stack.compose.project import PROJECT_LABEL, Project
from stack.config import checkout_files, secrets
from stack.config.modes import PROD
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.polling import wait_until
from stack.database import client as clients
from stack.database.server import Server as Database
from tests.data.rows import checksums
from tests.support import external_servers, newer_postgres, own_stack
from tests.support.external_servers import DATABASE, OWNER, PASSWORD, Server, Servers, url
from tests.support.invoke import done, inv, refusal
from tests.support.panel import Panel


@pytest.fixture(scope="module")
def authority(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return external_servers.authority(servers, tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def runner(request: pytest.FixtureRequest, primary: Server, authority: Path) -> Iterator[Runner]:
    """A stack of this module's own, whose database is the primary."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    settings = f"DATABASE_URL={url(primary)}\nDATABASE_CA={authority}\n"

    def prepare(root: Path) -> None:
        secrets.replace(root, POSTGRES_PASSWORD, PASSWORD)

    with own_stack.own_stack(
        PROD, capture.global_and_fixture_disabled, settings, suffix="-external", prepare=prepare
    ) as runner:
        yield runner


@pytest.fixture(scope="module")
def project(runner: Runner) -> Project:
    return runner.project


@pytest.fixture(scope="module")
def panel(project: Project) -> Panel:
    panel = Panel(address.of(project), seconds=60)
    panel.wait_until_ready(120)
    (token,) = re.findall(r"Setup token: (\S+)", done(project, "prod"))
    panel.set_up(project, token)
    return panel


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    clients.close(project)  # of the stack's start, with the password of then
    yield Database(project)
    clients.close(project)


@pytest.fixture
def settings(project: Project) -> Iterator[Callable[..., None]]:
    """A function that changes `.env`, which is as before after the test."""
    path = project.root / ".env"
    before = path.read_text(encoding="utf-8")
    yield lambda **changes: checkout_files.save(project.root, changes)
    path.write_text(before, encoding="utf-8")


def test_no_container_of_a_database_runs_and_the_panel_serves_as_its_own_role(
    project: Project, panel: Panel, primary: Server
) -> None:
    assert set(project.containers()) == {"app"}
    assert panel.state() == "disarmed"
    external_servers.wait_for_role(primary)
    assert primary.ask(external_servers.ENCRYPTED) == ["t"]
    rights = f"SELECT has_table_privilege('{OWNER}_app', 'alarm_event', 'UPDATE, DELETE')"
    assert primary.ask(rights, DATABASE) == ["f"]


@pytest.mark.usefixtures("panel")
def test_no_setting_and_no_command_line_has_the_password(project: Project) -> None:
    seen: list[str] = []

    def look() -> None:
        """Note what other users of the machine and of the engine see."""
        seen.extend(" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"]))
        labels: dict[str, str | list[str] | bool] = {"label": f"{PROJECT_LABEL}={project.name}"}
        found = project.client.containers.list(all=True, filters=labels, ignore_removed=True)
        seen.extend(json.dumps(container.attrs) for container in found)

    with ThreadPoolExecutor(1) as thread:
        sql = "SELECT current_user, pg_sleep(3);\n"
        asked = thread.submit(done, project, "prod.db", piped=sql)
        while not asked.done():
            look()
        assert OWNER in asked.result()
    log = project.containers()["app"].logs().decode()
    assert any(clients.SERVICE in text for text in seen)
    assert PASSWORD not in "\n".join([*seen, log])


def test_a_backup_is_restored_into_the_same_server(
    project: Project, panel: Panel, primary: Server, database: Database
) -> None:
    before = checksums(database, DATABASE)
    file = done(project, "prod.backup").strip().splitlines()[0]
    primary.ask("CREATE TABLE after_the_backup ()", DATABASE)
    said = done(project, "prod.restore", file, "--yes", "--keep-old")
    assert f"✓ {DATABASE} of {project.name} is restored." in said
    assert primary.ask("SELECT to_regclass('after_the_backup')", DATABASE) == [""]
    (kept,) = (name for name in database.databases() if "_before_" in name)
    done(project, "prod.db", piped=f"DROP DATABASE {kept};\n")
    health.wait_until_ready(project)
    panel.wait_until_ready()
    after = checksums(database, DATABASE)
    assert {name for name in before if before[name] != after[name]} <= {"alarm_event", "sequence"}
    external_servers.wait_for_role(primary)


def test_changed_settings_are_rolled_back_where_the_database_refuses_them(
    project: Project, settings: Callable[..., None], panel: Panel
) -> None:
    serving = project.containers()["app"].id
    settings(DATABASE_APP_USER="nobody", DATABASE_APP_PASSWORD_FILE=".secrets/secret_key")
    said = refusal(inv(project, "prod"))
    assert "There is no role nobody, which DATABASE_APP_USER names." in said
    assert project.containers()["app"].id == serving
    panel.wait_until_ready()


def test_the_password_is_rotated(
    project: Project, panel: Panel, primary: Server, database: Database
) -> None:
    before, serving = secrets.read(project.root, POSTGRES_PASSWORD), project.containers()["app"].id
    done(project, "prod.rotate-password")
    after = secrets.read(project.root, POSTGRES_PASSWORD)
    assert after not in {before, ""}
    assert project.containers()["app"].id != serving
    panel.wait_until_ready()
    assert database.ask("SELECT current_user", DATABASE) == [OWNER]
    primary.ask(f"ALTER ROLE {OWNER} PASSWORD 'another'")
    try:
        clients.close(project)
        said = refusal(inv(project, "prod.rotate-password"))
        assert "The external database does not answer: " in said
        assert secrets.read(project.root, POSTGRES_PASSWORD) == after
    finally:
        primary.ask(f"ALTER ROLE {OWNER} PASSWORD '{after}'")


def test_what_does_not_fit_is_refused_in_two_lines(
    project: Project, settings: Callable[..., None], primary: Server, panel: Panel
) -> None:
    address_of = url(primary)
    for changes, expected in (
        ({"DATABASE_URL": address_of.replace("@", ":secret@")}, "has a password, which"),
        (
            {"DATABASE_URL": "postgresql://keeper@/panel"},
            "no address of a PostgreSQL database",
        ),
        ({"DATABASE_DIRECT_URL_FILE": "nowhere"}, "cannot be read: No such file"),
        ({"DATABASE_APP_USER": "serves"}, "names no password"),
    ):
        before = (project.root / ".env").read_bytes()
        settings(**changes)
        said = refusal(inv(project, "prod"))
        assert expected in said
        assert "secret@" not in said
        (project.root / ".env").write_bytes(before)
    assert "is external: inv deletes nothing" in refusal(inv(project, "prod.reset", "--yes"))
    assert "is external, and so is its" in refusal(inv(project, "prod.upgrade-database"))
    primary.ask(f"ALTER ROLE {OWNER} NOCREATEDB")
    try:
        file = done(project, "prod.backup").strip().splitlines()[0]
        said = refusal(inv(project, "prod.restore", file, "--yes"))
        assert f"the role {OWNER} may not create a database" in said.lower()
    finally:
        primary.ask(f"ALTER ROLE {OWNER} CREATEDB")
    panel.wait_until_ready()


def test_a_pooler_that_shares_sessions_needs_a_second_address(
    project: Project,
    settings: Callable[..., None],
    servers: Servers,
    primary: Server,
    panel: Panel,
) -> None:
    plain = "?sslmode=disable"

    def prepare_with(pooler: Server) -> subprocess.CompletedProcess[str]:
        address_of = url(pooler, more=plain)
        return run_one_off(project, "migrate-and-exec", "true", DATABASE_URL=address_of)

    accepted = prepare_with(servers.pooler(primary, "session", ignored=",options"))
    assert accepted.returncode == 0, accepted
    # It does not even take the options of a session.
    refused = prepare_with(servers.pooler(primary))
    assert "leads to a pooler" in refused.stderr + refused.stdout, refused
    pooler = servers.pooler(primary, ignored=",options")
    settings(DATABASE_URL=url(pooler, more=plain))
    said = refusal(inv(project, "prod"))
    assert "leads to a pooler" in said
    assert "Let DATABASE_DIRECT_URL lead to the server itself" in said
    panel.wait_until_ready()
    settings(DATABASE_URL=url(pooler, more=plain), DATABASE_DIRECT_URL=url(primary))
    assert "Setup token" not in done(project, "prod")
    panel.wait_until_ready()
    socket = panel.socket()
    panel.post("/api/alarm/arm/", {"mode": "home"})
    socket.wait_for_state("armed_home")
    panel.disarm()


def test_programs_of_another_version_are_refused(
    project: Project, settings: Callable[..., None], servers: Servers
) -> None:
    settings(POSTGRES_IMAGE=newer_postgres.image(servers.client))
    said = refusal(inv(project, "prod.backup"))
    assert f"the programs here are {newer_postgres.VERSION}." in said


def test_doctor_tells_of_the_database(project: Project) -> None:
    found = json.loads(inv(project, "doctor", "--json").stdout)
    checks = {check["name"]: check for check in found}
    assert checks["external database"]["ok"], checks["external database"]
    assert checks["external database"]["found"].endswith("with TLS")
    assert checks["TLS to the database"]["ok"]
    assert checks["role that serves"]["ok"]


def test_a_failover_loses_nothing_that_was_acknowledged(
    project: Project,
    settings: Callable[..., None],
    servers: Servers,
    primary: Server,
    panel: Panel,
) -> None:
    """Last: the module's primary is gone afterwards."""
    replica = servers.replica(primary)
    settings(DATABASE_URL=url(primary, replica))
    done(project, "prod")
    panel.wait_until_ready()
    made = panel.post("/api/sensors/", {"name": "Hall", "kind": "motion"}).json()
    acknowledged: list[str] = []

    def report() -> int:
        event = uuid.uuid4().hex
        answer = requests.post(
            f"{panel.url}/api/sensors/{made['id']}/events/",
            json={"active": False, "event_id": event},
            headers={"Authorization": f"Bearer {made['token']}"},
            timeout=30,
        )
        if answer.status_code == 202:
            acknowledged.append(event)
        else:
            assert answer.status_code == 503, answer.text
            assert answer.headers["Retry-After"]
        return answer.status_code

    socket = panel.socket()
    wait_until("reports", lambda: report() == 202, seconds=60)
    primary.container.kill()
    wait_until("a refusal", lambda: report() == 503, seconds=60, every=0.4)
    promoted = replica.container.exec_run(["pg_ctl", "promote", "--wait"], user="postgres")
    assert promoted.exit_code == 0, promoted
    wait_until("a report", lambda: report() == 202, seconds=60, every=0.4)
    panel.wait_until_ready()
    panel.post("/api/alarm/arm/", {"mode": "home"})
    socket.wait_for_state("armed_home")
    panel.disarm()
    assert set(acknowledged) <= set(replica.ask("SELECT event_id FROM alarm_report", DATABASE))
    done(project, "prod.backup")
