"""The containers as the host sees them."""

from __future__ import annotations

import re

import pytest

from stack.compose import status
from stack.compose.project import Project
from stack.config import ca_bundle, version
from stack.core.polling import wait_until
from tests.support.containers import image_of, output_of
from tests.support.secret_files import secrets_of

pytestmark = pytest.mark.mode("dev", "prod")


def test_only_one_port_is_published(project: Project) -> None:
    published = {
        (service, int(binding["HostPort"]))
        for service, container in project.containers().items()
        for bindings in container.ports.values()
        for binding in bindings or ()
    }
    assert published == {("app", project.port)}


def test_health_is_ok(project: Project) -> None:
    """The first answer for `inv prod.upgrade`: the stack as it is can be checked."""
    assert {row.state for row in status.rows(project) if row.name in {"app", "db"}} == {"healthy"}


def test_containers_are_healthy_and_never_restarted(project: Project) -> None:
    rows = {row.name: row for row in status.rows(project)}
    assert rows["app"].state == rows["db"].state == "healthy"
    assert rows["app"].restarts == rows["db"].restarts == 0


PROGRAMS = {"dev": {"vite", "daphne", "dev-page"}, "prod": {"nginx", "daphne"}}
"""Those of every app; backend/supervisor.d adds the app's own."""


def test_every_process_runs(project: Project) -> None:
    app = project.containers()["app"]

    def running() -> bool:
        states = status.programs(app)
        assert {str(state["program"]) for state in states} >= PROGRAMS[project.mode.name]
        return {state["state"] for state in states} == {"RUNNING"}

    assert wait_until("every process to run", running, seconds=60)


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
"""Prints each process's user id inside the container; user namespaces shift the host's ids."""


def test_every_process_of_the_app_belongs_to_one_user(project: Project) -> None:
    """In production an unprivileged user, in development the checkout's owner; never root."""
    wanted = project.root.stat().st_uid if project.mode.name == "dev" else 10001
    app = project.containers()["app"]
    users = output_of(app, "python3", "-c", USERS).split()
    assert {int(uid) for uid in users} == {wanted}


@pytest.mark.mode("prod")
def test_no_secret_is_in_docker_inspect_or_a_log(project: Project) -> None:
    secrets = {secret.decode() for secret in secrets_of(project).values()}
    for container in project.containers().values():
        log = container.logs().decode(errors="replace")
        for text in (str(container.attrs), str(image_of(container).attrs), log):
            words = set(re.findall(r"[\w-]+", text))
            assert not words & secrets


def test_each_line_of_the_log_names_its_process(project: Project) -> None:
    app = project.containers()["app"]
    programs = {str(state["program"]) for state in status.programs(app)}
    log = app.logs().decode(errors="replace")
    names = {line.partition(" | ")[0].strip() for line in log.splitlines()}
    least = {"daphne", "prepare"}
    assert least <= names <= programs | least | {"supervisor"}


def test_the_image_has_labels(project: Project, request: pytest.FixtureRequest) -> None:
    labels = image_of(project.containers()["app"]).labels
    # The checkout of a stack that is up may be a newer one.
    if not request.config.getoption("--running"):
        assert labels["org.opencontainers.image.version"] == version.version()
        assert labels["org.opencontainers.image.revision"] == version.revision(project.root)


def test_the_hosts_certificates_are_not_in_the_image(project: Project) -> None:
    """Such as an authority that the host trusts and the base image does not."""
    copy = (project.root / ca_bundle.COPY).read_text(encoding="utf-8")
    app = project.containers()["app"]
    search = "cat /etc/ssl/certs/* /usr/local/share/ca-certificates/* 2>/dev/null || true"
    known = output_of(app, "sh", "-c", search)
    assert not copy or copy not in known
    assert app.exec_run(["test", "-s", "/run/secrets/ca-bundle"]).exit_code == (
        0 if project.mode.name == "dev" and copy else 1
    )
