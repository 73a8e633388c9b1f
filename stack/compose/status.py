"""What runs just now: the services of a stack and the programs in its app container."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stack.compose.ports import published_ports
from stack.compose.project import containers, state
from stack.config.modes import Stack
from stack.core.console import table
from stack.engine.docker_engine import ANSWER_SECONDS

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


@dataclass(frozen=True)
class Row:
    """A service, or a program inside of the app container. `uptime` is in seconds.

    A port that is `inside` is the container's own, else it is this machine's.
    """

    name: str
    state: str
    uptime: int
    restarts: int
    port: int | None
    inside: bool = False


def rows(stack: Stack, client: Callable[[], DockerClient]) -> list[Row]:
    """Every service, the app's programs below it."""
    with _asking(_app(stack)) as programs_of_app:
        # It answers about when the engine's SDK, and what shows the rows, have been imported.
        services = containers(stack, client())
        import rich.console  # for `show`
        import rich.table  # noqa: F401  # the same

        answer = programs_of_app()
    found: list[Row] = []
    for service, container in services.items():
        port = next(iter(published_ports(container)), None)
        restarts = container.attrs["RestartCount"]
        found.append(Row(service, state(container), _uptime(container), restarts, port))
        if service == "app":
            found += [
                Row(f"  {p['process']}", p["state"].lower(), p["uptime"], 0, p["port"], True)
                for p in answer
            ]
    return found


def programs(app: str) -> list[dict[str, Any]]:
    """What supervisord says of its programs in the container `app`; empty while it says nothing."""
    with _asking(app) as answer:
        return answer()


@contextmanager
def _asking(app: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Ask for the programs in the container `app`; what it yields waits for the answer.

    As the app's user: in a container not even root may look into other users' processes.
    """
    argv = ["docker", "exec", "--user", "app", app, "programs"]
    try:
        asked = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        yield list
        return

    def answer() -> list[dict[str, Any]]:
        try:
            output, _ = asked.communicate(timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            return []
        return list(json.loads(output)) if asked.returncode == 0 else []

    with asked:
        try:
            yield answer
        finally:
            asked.kill()


def show(found: Iterable[Row]) -> None:
    """Print the table of what runs."""
    table(
        "",
        ("service", "state", "uptime", "restarts", "port"),
        [(r.name, r.state, _duration(r.uptime), str(r.restarts), _port(r)) for r in found],
    )


def settings_are_newer(stack: Stack, client: DockerClient) -> bool:
    """Whether `.env` was saved since the app's container was made from it."""
    from docker.errors import NotFound

    file = stack.root / ".env"
    try:
        made = _moment(client.containers.get(_app(stack)).attrs["Created"])
    except NotFound:
        return False
    return file.exists() and file.stat().st_mtime > made


def as_json(found: Iterable[Row]) -> str:
    """The same for a script: a list of objects with the names that Row has."""
    return json.dumps([{**asdict(r), "name": r.name.strip()} for r in found])


def _app(stack: Stack) -> str:
    """The name that Docker Compose gives the app's container."""
    return f"{stack.project}-app-1"


def _port(row: Row) -> str:
    inside = " inside" if row.inside else ""
    return f"{row.port}{inside}" if row.port else ""


def _uptime(container: Container) -> int:
    if container.status != "running":
        return 0
    return int(datetime.now(UTC).timestamp() - _moment(container.attrs["State"]["StartedAt"]))


def _moment(text: str) -> float:
    """The engine's nanoseconds are more digits than Python reads."""
    return datetime.fromisoformat(text[:26].rstrip("Z") + "Z").timestamp()


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
