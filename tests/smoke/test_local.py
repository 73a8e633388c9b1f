"""The stack without containers, while it runs."""

from __future__ import annotations

import subprocess

import psutil
import pytest

from stack.compose import ports
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.local import sessions
from stack.local.runner import Local
from tests.support.invoke import inv
from tests.support.local_stack import database_process, processes, session_of

pytestmark = pytest.mark.mode("local")

PROGRAMS = {"daphne", "vite", "dev-page", "db"}
"""Those of every app; backend/supervisor.d adds the app's own."""


def test_every_process_runs_and_the_services_are_healthy(local: Local) -> None:
    def states() -> bool:
        rows = {row.name.strip(): row.state for row in local.rows()}
        assert set(rows) >= PROGRAMS | {"app"}
        return rows.pop("app") == rows.pop("db") == "healthy" and {*rows.values()} == {"running"}

    assert wait_until("every process to run", states, seconds=60)


def test_the_status_shows_each_port(local: Local) -> None:
    session = session_of(local)
    listening = {"app": session.port, "vite": session.port, "daphne": session.backend_port}
    wanted = {**listening, "db": session.database_port, "dev-page": None}

    def as_wanted() -> bool:
        found = {row.name.strip(): row.port for row in local.rows()}
        return {name: found[name] for name in wanted} == wanted

    wait_until("the ports", as_wanted, seconds=60)


def test_it_listens_on_the_loopback_address_only(local: Local) -> None:
    listening = {
        (found.laddr.ip, found.laddr.port)
        for process in processes(local)
        for found in process.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN
    }
    assert {ip for ip, _ in listening} == {"127.0.0.1"}
    assert len(listening) == 3  # the page, Daphne, PostgreSQL


def test_the_database_requires_its_password(local: Local) -> None:
    env = session_of(local).environment(local.project)
    words = ["--no-password", "--host=127.0.0.1", "--username=alarm", "--command=SELECT 1"]
    for password in ("", "alarm"):
        asked = subprocess.run(
            ["psql", *words, "alarm_db"],
            env={**env, "PGPASSWORD": password},
            capture_output=True,
            text=True,
        )
        assert asked.returncode != 0, asked.stdout


def test_postgresql_does_not_run_as_root(local: Local) -> None:
    assert database_process(local).uids().effective != 0
    owner = local.root.stat().st_uid
    others = {each.uids().effective for each in processes(local) if each.name() != "postgres"}
    assert owner in others
    assert others <= {owner, database_process(local).uids().effective}


def test_each_line_of_the_log_names_its_process(local: Local) -> None:
    log = sessions.log_of(local.root).read_text(encoding="utf-8")
    names = {line.partition(" | ")[0].strip() for line in log.splitlines()}
    programs = {row.name.strip() for row in local.rows()}
    assert {"daphne", "db", "vite"} <= names <= programs | {"prepare", "supervisor"}


def test_an_unknown_process_is_an_error(local: Local) -> None:
    done = inv(local.project, "local.logs", "nginx", "--no-follow")
    assert done.returncode == 1
    assert "✗ There is no program nginx in the local stack." in done.stderr


def test_a_port_in_use_names_the_other_checkout(local: Local) -> None:
    """This checkout requires the port that the tests' copy uses."""
    from stack.config.modes import LOCAL, ROOT

    holder, remedy = ports.holder(local.project.port)
    assert holder == f"the local stack of {local.root}"
    assert remedy.endswith("./bootstrap inv local.down")
    with pytest.raises(Exception, match=f"ALARM_PORT={local.project.port + 1} inv local"):
        ports.require_free(Project(LOCAL, "alarm-local", local.project.port, ROOT))
