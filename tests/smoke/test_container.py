"""What the containers look like from the host."""

from __future__ import annotations

import re

import pytest

from stack.compose import status
from stack.compose.project import Project
from stack.config import ca_bundle, version
from stack.core.polling import wait_until
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("dev", "prod")


def test_only_one_port_is_published(project: Project) -> None:
    published = {
        (service, int(binding["HostPort"]))
        for service, container in project.containers().items()
        for bindings in container.ports.values()
        for binding in bindings or ()
    }
    assert published == {("app", project.port)}


def test_containers_are_healthy_and_never_restarted(panel: Panel, project: Project) -> None:
    rows = {row.name: row for row in status.rows(project)}
    assert rows["app"].state == rows["db"].state == "healthy"
    assert rows["app"].restarts == rows["db"].restarts == 0


PROGRAMS = {
    "dev": {"vite", "daphne", "worker", "dev-page"},
    "prod": {"nginx", "daphne", "worker"},
}


def test_every_program_runs(panel: Panel, project: Project) -> None:
    app = project.containers()["app"]

    def running() -> bool:
        states = status.programs(app)
        wanted = PROGRAMS[project.mode.name]
        assert {str(state["program"]) for state in states} == wanted
        return {state["state"] for state in states} == {"RUNNING"}

    assert wait_until("every program to run", running, seconds=60)


USERS = """
import os, pathlib
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        command, status = (process / "cmdline").read_bytes(), (process / "status").read_text()
    except OSError:  # it has ended
        continue
    # The engine runs the health check as the image's user, which in development is root.
    if process.name != str(os.getpid()) and b"healthcheck" not in command:
        print(status.split("Uid:")[1].split()[0])
"""
"""Prints each process's user as the container numbers them: user namespaces shift the host's."""


def test_every_process_of_the_app_belongs_to_one_user(project: Project) -> None:
    """In production one without rights, in development the checkout's owner; never root."""
    wanted = project.root.stat().st_uid if project.mode.name == "dev" else 10001
    app = project.containers()["app"]
    users = app.exec_run(["python3", "-c", USERS]).output.split()
    assert {int(uid) for uid in users} == {wanted}


@pytest.mark.mode("prod")
def test_no_secret_is_in_docker_inspect_or_a_log(project: Project) -> None:
    names = ("secret_key", "postgres_password", "mqtt_password")
    secrets = [(project.root / ".secrets" / name).read_text().strip() for name in names]
    for container in project.containers().values():
        log = container.logs().decode(errors="replace")
        for told in (str(container.attrs), str(container.image.attrs), log):
            words = set(re.findall(r"[\w-]+", told))
            assert not words & set(secrets)


def test_each_line_of_the_log_names_its_program(panel: Panel, project: Project) -> None:
    log = project.containers()["app"].logs().decode(errors="replace")
    names = {line.partition(" | ")[0].strip() for line in log.splitlines()}
    least = {"daphne", "prepare"}
    assert least <= names <= PROGRAMS[project.mode.name] | least | {"supervisor"}


def test_the_image_says_what_it_is(project: Project) -> None:
    labels = project.containers()["app"].image.labels
    assert labels["org.opencontainers.image.version"] == version.version()
    assert labels["org.opencontainers.image.revision"] == version.revision(project.root)


def test_the_hosts_certificates_are_in_no_image(project: Project) -> None:
    """Where the host trusts an authority that the base image does not know."""
    copy = (project.root / ca_bundle.COPY).read_text(encoding="utf-8")
    app = project.containers()["app"]
    search = ["sh", "-c", "cat /etc/ssl/certs/* /usr/local/share/ca-certificates/* 2>/dev/null"]
    known = app.exec_run(search).output.decode(errors="replace")
    assert not copy or copy not in known
    assert app.exec_run(["test", "-s", "/run/secrets/ca-bundle"]).exit_code == (
        0 if project.mode.name == "dev" and copy else 1
    )
