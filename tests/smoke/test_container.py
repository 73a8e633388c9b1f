"""What the containers look like from the host."""

from __future__ import annotations

import pytest
from docker import DockerClient

from stack import lifecycle, status
from stack.modes import Stack
from tests.smoke.panel import Panel


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
    rows = {row.name: row for row in status.rows(stack, client)}
    assert rows["app"].state == rows["db"].state == "healthy"
    assert rows["app"].restarts == rows["db"].restarts == 0


def test_every_program_runs(panel: Panel, stack: Stack, client: DockerClient) -> None:
    states = {
        row.name.strip(): row.state
        for row in status.rows(stack, client)
        if row.name.startswith(" ")
    }
    assert states
    assert set(states.values()) <= {"running", "starting"}, states


@pytest.mark.mode("prod")
def test_no_process_of_the_app_runs_as_root(stack: Stack, client: DockerClient) -> None:
    assert 0 not in users_of_processes(stack, client)


def test_every_process_of_the_app_belongs_to_one_user(stack: Stack, client: DockerClient) -> None:
    wanted = stack.root.stat().st_uid if stack.mode.name == "dev" else 10001
    assert users_of_processes(stack, client) == {wanted}


def users_of_processes(stack: Stack, client: DockerClient) -> set[int]:
    processes = lifecycle.containers(stack, client)["app"].top(ps_args="-eo uid,pid,args")
    return {int(row[0]) for row in processes["Processes"]}


def test_no_secret_is_in_docker_inspect(stack: Stack, client: DockerClient) -> None:
    secrets = [path.read_text().strip() for path in (stack.root / ".secrets").iterdir()]
    assert secrets
    for container in lifecycle.containers(stack, client).values():
        told = str(container.attrs) + str(container.image.attrs)
        assert not [secret for secret in secrets if secret in told]
        log = container.logs().decode(errors="replace")
        assert not [secret for secret in secrets if secret in log]
