"""A new app container takes over from the one that serves, when it is ready; else that one goes on.

One container at a time can have the port, and the engine gives it to a container when it joins a
network that leads outside. So the new one is started beside the old one on the inner network
alone. When it is healthy, the old one's Nginx answers what it has accepted and ends, and the port
changes hands.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from stack import app_image, interrupts, lifecycle, ports
from stack.app_image import LATEST, PREVIOUS
from stack.console import Failure, lines, say, step
from stack.going_back import or_back
from stack.modes import PROD, Stack
from stack.waiting import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.models.networks import Network

SECONDS_TO_ANSWER = 5
NOT_YET = (OSError, LookupError)


def if_due(stack: Stack, client: DockerClient) -> None:
    """Replace an app container that serves by one of the new image, where there is one.

    Raises Failure with the old one serving as before.
    """
    if stack.mode is not PROD:
        return
    _remove_what_was_left(stack, client)
    old = _replaceable(stack, client)
    if old is None:
        return
    before = app_image.of(old, client)
    with or_back("The new version is not put in service") as back:
        back.append(lambda: app_image.tag(stack, before, LATEST))
        if _migrates(stack, client):
            from stack.backups import upgrade

            say("The new version migrates the database: first a backup and a rehearsal.")
            upgrade.after_a_rehearsal(stack, client, back)
        else:
            _take_over(stack, client, old, back)
    app_image.tag(stack, before, PREVIOUS)


def _replaceable(stack: Stack, client: DockerClient) -> Container | None:
    """The app container that serves, if the stack's image is another one by now.

    What only `.env` or a compose file has changed, Docker Compose knows alone.
    """
    found = lifecycle.containers(stack, client)
    app, db = found.get("app"), found.get("db")
    if app is None or lifecycle.state(app) != "healthy" or not ports.published_ports(app):
        return None
    # A database from before there was an inner network is reached by nobody there.
    if db is None or f"{stack.project}_inside" not in db.attrs["NetworkSettings"]["Networks"]:
        return None
    return None if app_image.is_newest(stack, client, app) else app


def put_in_service(
    stack: Stack, client: DockerClient, back: list[Callable[[], None]] | None = None
) -> None:
    """Have a container of the stack's image serve, without a pause where that is possible.

    Until that is done its undoing is in `back`.
    """
    old = _replaceable(stack, client)
    if old is not None:
        _take_over(stack, client, old, [] if back is None else back)
    else:
        lifecycle.start(stack, client)


def _take_over(
    stack: Stack, client: DockerClient, old: Container, back: list[Callable[[], None]]
) -> None:
    """Start a container of the stack's image beside the one that serves, and exchange them.

    Raises Failure, after the last lines of the new one, when it does not get ready.
    """
    outside, undone = _outside(stack, client), len(back)
    back.append(lambda: _remove_beside(stack, client, old))
    new = _made_beside(stack, client, old)
    outside.disconnect(new)
    with step("Waiting until the new container is ready, beside the one that serves") as detail:
        new.start()
        _wait_until_ready(stack, new, detail)
    with step("Handing over the port"):
        back.append(lambda: _serve_again(stack, outside, old))
        away = _hand_over(stack, outside, old, new)
    with interrupts.held_back(), step("Stopping the container of before"):
        del back[undone:]
        old.stop()
        old.remove()
        new.rename(f"{stack.project}-app-1")
    say(f"The panel was away for less than {away:.1f} s.")


def _migrates(stack: Stack, client: DockerClient) -> bool:
    """Whether the image brings migrations. Raises Failure when it lacks one that was applied."""
    from stack.backups import schema
    from stack.backups.server import Server

    with step("Asking the new version for its migrations"):
        applied = Server(stack, client).migrations()
        remedy = "Check out a newer version; this one would be a step back"
        known = schema.require_known(stack, client, applied, "The database", remedy)
    return any(name not in applied.get(app, []) for app, names in known.items() for name in names)


def _made_beside(stack: Stack, client: DockerClient, old: Container) -> Container:
    """A second container, as Docker Compose makes it, which nobody has started."""
    # --no-deps would give it another hash, and the next `up` would make it anew.
    beside = ("--no-start", "--no-build", "--no-recreate", "--scale", "app=2", "app")
    lifecycle.compose(
        *(stack, "Making a container beside the one that serves", "up", *beside),
        remedy="Mend what the lines above say, then: inv prod",
    )
    (new,) = (each for each in lifecycle.all_of_app(stack, client) if each != old)
    return new


def _wait_until_ready(stack: Stack, new: Container, detail: Callable[[str], None]) -> None:
    remedy = "Mend what its lines above say, then: inv prod"

    def is_healthy() -> bool:
        new.reload()
        detail(lifecycle.state(new))
        if new.status in {"exited", "dead"} or new.attrs["RestartCount"]:
            raise Failure("The new version stops by itself.", remedy)
        return lifecycle.state(new) == "healthy"

    seconds = lifecycle.READY_SECONDS
    try:
        wait_until("the new container to be healthy", is_healthy, seconds=seconds)
    except (Failure, NeverHappened) as error:
        lifecycle.show_why(new)
        if isinstance(error, Failure):
            raise
        raise Failure(f"The new version was not ready within {seconds} s.", remedy) from error


def _hand_over(stack: Stack, outside: Network, old: Container, new: Container) -> float:
    """Let the port lead to the new container; the seconds in which it led nowhere, at most."""
    started = time.monotonic()
    stopped = old.exec_run(["supervisorctl", "stop", "nginx"])
    if stopped.exit_code != 0:
        lines([str(stopped.output)])
    outside.disconnect(old)
    _join(stack, outside, new)
    try:
        wait_until(
            *("an answer", lambda: _answers(new)), seconds=SECONDS_TO_ANSWER, ignoring=NOT_YET
        )
    except NeverHappened:
        # Docker Desktop forgets a port that moves: github.com/docker/for-mac/issues/5301
        new.restart()
        _wait_until_ready(stack, new, lambda text: None)
    return time.monotonic() - started


def _outside(stack: Stack, client: DockerClient) -> Network:
    """The network whose members have published ports."""
    return client.networks.get(f"{stack.project}_default")


def _is_in(network: Network, container: Container) -> bool:
    container.reload()
    return network.name in container.attrs["NetworkSettings"]["Networks"]


def _join(stack: Stack, network: Network, app: Container) -> None:
    # The aliases that Docker Compose gives.
    network.connect(app, aliases=["app", f"{stack.project}-app-1"])


def _answers(app: Container) -> bool:
    """Whether HTTP is spoken at the port that the container has on this machine."""
    app.reload()
    binding = (app.ports["80/tcp"] or [])[0]
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(binding["HostIp"], binding["HostIp"])
    with socket.create_connection((address, int(binding["HostPort"])), timeout=2) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(5) == b"HTTP/"


def _serve_again(stack: Stack, outside: Network, old: Container) -> None:
    """The old container has the port again, after whoever has it now."""
    outside.reload()
    for other in outside.containers:
        if other != old and other.labels.get(lifecycle.SERVICE_LABEL) == "app":
            outside.disconnect(other)
    if not _is_in(outside, old):
        _join(stack, outside, old)
    old.exec_run(["supervisorctl", "start", "nginx"])
    wait_until("the panel to serve again", lambda: _answers(old), seconds=30, ignoring=NOT_YET)


def _remove_beside(stack: Stack, client: DockerClient, old: Container) -> None:
    for each in lifecycle.all_of_app(stack, client):
        if each != old:
            each.remove(force=True)


def _remove_what_was_left(stack: Stack, client: DockerClient) -> None:
    """Containers of an exchange that was killed: they run, and nobody can reach them."""
    for app in lifecycle.all_of_app(stack, client):
        if f"{stack.project}_default" not in app.attrs["NetworkSettings"]["Networks"]:
            app.remove(force=True)
