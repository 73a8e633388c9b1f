"""What the containers look like from the host."""

from __future__ import annotations

import re

import pytest
from docker import DockerClient

from stack import certificates, lifecycle, status, version
from stack.modes import Stack
from stack.waiting import wait_until
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("dev", "prod")


def test_only_one_port_is_published(stack: Stack, client: DockerClient) -> None:
    published = {
        (service, int(binding["HostPort"]))
        for service, container in lifecycle.containers(stack, client).items()
        for bindings in container.ports.values()
        for binding in bindings or ()
    }
    assert published == {("app", stack.port)}


def test_containers_are_healthy_and_never_restarted(
    panel: Panel, stack: Stack, client: DockerClient
) -> None:
    rows = {row.name: row for row in status.rows(stack, lambda: client)}
    assert rows["app"].state == rows["db"].state == "healthy"
    assert rows["app"].restarts == rows["db"].restarts == 0


PROGRAMS = {
    "dev": {"vite", "worker", "dev-page"},
    "prod": {"nginx", "worker"},
}
"""Beside the server of the application."""


def test_every_program_runs(
    panel: Panel, stack: Stack, client: DockerClient, asgi_server: str
) -> None:
    app = lifecycle.containers(stack, client)["app"]

    def running() -> bool:
        states = status.programs(str(app.name))
        wanted = PROGRAMS[stack.mode.name] | {asgi_server}
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


def test_every_process_of_the_app_belongs_to_one_user(stack: Stack, client: DockerClient) -> None:
    """In production one without rights, in development the checkout's owner; never root."""
    wanted = stack.root.stat().st_uid if stack.mode.name == "dev" else 10001
    app = lifecycle.containers(stack, client)["app"]
    users = app.exec_run(["python3", "-c", USERS]).output.split()
    assert {int(uid) for uid in users} == {wanted}


@pytest.mark.mode("prod")
def test_no_secret_is_in_docker_inspect_or_a_log(stack: Stack, client: DockerClient) -> None:
    names = ("secret_key", "postgres_password", "mqtt_password")
    secrets = [(stack.root / ".secrets" / name).read_text().strip() for name in names]
    for container in lifecycle.containers(stack, client).values():
        log = container.logs().decode(errors="replace")
        for told in (str(container.attrs), str(container.image.attrs), log):
            words = set(re.findall(r"[\w-]+", told))
            assert not words & set(secrets)


def test_each_line_of_the_log_names_its_program(
    panel: Panel, stack: Stack, client: DockerClient, asgi_server: str
) -> None:
    log = lifecycle.containers(stack, client)["app"].logs().decode(errors="replace")
    names = {line.partition(" | ")[0].strip() for line in log.splitlines()}
    least = {asgi_server, "prepare"}
    assert least <= names <= PROGRAMS[stack.mode.name] | least | {"supervisor"}


def test_the_image_says_what_it_is(stack: Stack, client: DockerClient) -> None:
    labels = lifecycle.containers(stack, client)["app"].image.labels
    assert labels["org.opencontainers.image.version"] == version.version()
    assert labels["org.opencontainers.image.revision"] == version.revision(stack.root)


def test_the_hosts_certificates_are_in_no_image(stack: Stack, client: DockerClient) -> None:
    """Where the host trusts an authority that the base image does not know."""
    copy = (stack.root / certificates.COPY).read_text(encoding="utf-8")
    app = lifecycle.containers(stack, client)["app"]
    search = ["sh", "-c", "cat /etc/ssl/certs/* /usr/local/share/ca-certificates/* 2>/dev/null"]
    known = app.exec_run(search).output.decode(errors="replace")
    assert not copy or copy not in known
    assert app.exec_run(["test", "-s", "/run/secrets/ca-bundle"]).exit_code == (
        0 if stack.mode.name == "dev" and copy else 1
    )
