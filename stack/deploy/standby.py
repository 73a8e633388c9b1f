"""Starting a second container of a service, and letting it take over.

One container at a time can have the app's port, and the engine gives it to a container when it
joins a network that leads outside. So the standby is started on the inner network alone. When it is
healthy, Nginx in the old container finishes its requests and stops, and the standby gets the port.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stack.compose import address, health
from stack.compose.project import SERVICE_LABEL, Project
from stack.core.console import Failure, print_output, step
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.containers import Container
    from docker.models.networks import Network

SECONDS_TO_ANSWER = 5
NOT_YET = (OSError, LookupError)


def create(project: Project, service: str) -> Container:
    """A second container of a service, as Docker Compose makes it, which is not started.

    The app's is not on the network that leads outside. Raises Failure.
    """
    before = {container.id for container in project.containers_of(service)}
    # With --no-deps it would get another hash, and the next `up` would replace it.
    beside = ("--no-start", "--no-build", "--no-recreate", "--scale", f"{service}=2", service)
    project.run(
        f"Making a container of {service} beside the one that serves",
        *("up", *beside),
        remedy="Correct what the lines above say, then: inv prod",
    )
    (standby,) = (c for c in project.containers_of(service) if c.id not in before)
    if service == "app":
        _outside(project).disconnect(standby)
    return standby


def remove(project: Project, service: str, serving: Container) -> None:
    """Remove every container of a service but the one that serves."""
    for container in project.containers_of(service):
        if container.id != serving.id:
            container.remove(force=True, v=True)


def wait_until_healthy(service: str, standby: Container, what: str) -> None:
    """Raises Failure, after printing the end of the log, if it does not become healthy."""

    def look() -> dict[str, Container]:
        standby.reload()
        return {service: standby}

    remedy = "Correct what its lines above say, then: inv prod"
    try:
        with step(f"Waiting until {what.lower()} is ready") as detail:
            health.wait_until_healthy(look, what=what, remedy=remedy, detail=detail)
    except BaseException:
        health.show_why(standby)
        raise


def switch_port(project: Project, old: Container, new: Container) -> float:
    """Move the app's port to `new`; returns the seconds without service, at most."""
    outside, started = _outside(project), time.monotonic()
    with step("Handing over the port"):
        old.reload()
        if old.status == "running":
            stopped = old.exec_run(["supervisorctl", "stop", "nginx"])
            if stopped.exit_code != 0:
                print_output([str(stopped.output)])
        outside.disconnect(old)
        _join(project, outside, new)
        try:
            wait_until(
                *("an answer", lambda: _answers(new)), seconds=SECONDS_TO_ANSWER, ignoring=NOT_YET
            )
        except NeverHappened:
            # Docker Desktop forgets a port that moves: github.com/docker/for-mac/issues/5301
            new.restart()
            wait_until_healthy("app", new, "The new version")
    return time.monotonic() - started


def take_port(project: Project, old: Container, new: Container) -> None:
    """Give the port of `old`, which has stopped, to `new`, which has not started yet."""
    outside = _outside(project)
    outside.disconnect(old)
    _join(project, outside, new)


def serve_again(project: Project, old: Container) -> None:
    """Give the port back to the container that had it, and wait until it is ready."""
    outside = _outside(project)
    outside.reload()
    for other in outside.containers:
        if other.id != old.id and other.labels.get(SERVICE_LABEL) == "app":
            outside.disconnect(other)
    old.reload()
    if outside.name not in old.attrs["NetworkSettings"]["Networks"]:
        _join(project, outside, old)
    if old.status != "running":
        old.start()
        # Nginx would answer before Daphne does.
        wait_until_healthy("app", old, "The old version")
    else:
        old.exec_run(["supervisorctl", "start", "nginx"])
    wait_until(
        "the app to serve again",
        lambda: _answers(old),
        seconds=health.READY_SECONDS,
        ignoring=NOT_YET,
    )


def retire(old: Container, new: Container) -> None:
    """Remove the container that has been replaced, and give its name to its successor."""
    name = old.name
    old.stop()
    old.remove(v=True)
    new.rename(str(name))


def remove_leftovers(project: Project) -> None:
    """Remove standbys that a killed run has left.

    The app's container that stays is the one with the port, of others the one that runs.
    """
    for service in ("app", "db"):
        found = project.containers_of(service)
        if len(found) < 2:
            continue
        serving = [c for c in found if _serves(project, service, c)]
        remove(project, service, (serving or found)[-1])


def _serves(project: Project, service: str, container: Container) -> bool:
    if service == "app":
        return f"{project.name}_default" in container.attrs["NetworkSettings"]["Networks"]
    return bool(container.status == "running")


def _outside(project: Project) -> Network:
    """The network whose members have published ports."""
    return project.client.networks.get(f"{project.name}_default")


def _join(project: Project, network: Network, app: Container) -> None:
    """Raises Failure where the engine cannot publish the port."""
    from docker.errors import APIError

    try:
        # The aliases that Docker Compose gives.
        network.connect(app, aliases=["app", f"{project.name}-app-1"])
    except APIError as error:
        raise Failure(
            f"The engine cannot publish port {project.port}: {error.explanation}",
            f"Correct ALARM_BIND or ALARM_PORT in .env, then: inv {project.mode.name}",
        ) from error


def _answers(app: Container) -> bool:
    """Whether HTTP is spoken at the port that the container has on this machine."""
    app.reload()
    found = address.of_container(app)
    if found is None:
        return False
    with found.connect(seconds=2) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(5) == b"HTTP/"
