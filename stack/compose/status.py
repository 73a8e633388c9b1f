"""What runs just now: the services of a stack and the programs in its app container."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stack.compose.health import state
from stack.compose.ports import published_ports
from stack.compose.project import Project
from stack.core.console import table

if TYPE_CHECKING:
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


def rows(project: Project) -> list[Row]:
    """Every service, the app's programs below it."""
    found: list[Row] = []
    for service, container in project.containers().items():
        port = next(iter(published_ports(container)), None)
        restarts = container.attrs["RestartCount"]
        found.append(Row(service, state(container), _uptime(container), restarts, port))
        if service == "app":
            found += [
                Row(f"  {p['process']}", p["state"].lower(), p["uptime"], 0, p["port"], True)
                for p in programs(container)
            ]
    return found


def programs(app: Container) -> list[dict[str, Any]]:
    """What supervisord says of its programs in the app's container; empty while it says nothing.

    As the app's user: in a container not even root may look into other users' processes.
    """
    if app.status != "running":
        return []
    asked = app.exec_run(["programs"], user="app", stderr=False)
    assert isinstance(asked.output, bytes)
    return list(json.loads(asked.output)) if asked.exit_code == 0 else []


def show(found: Iterable[Row]) -> None:
    """Print the table of what runs."""
    table(
        "",
        ("service", "state", "uptime", "restarts", "port"),
        [(r.name, r.state, _duration(r.uptime), str(r.restarts), _port(r)) for r in found],
    )


def settings_are_newer(project: Project) -> bool:
    """Whether `.env` was saved since the app's container was made from it."""
    file, app = project.root / ".env", project.containers().get("app")
    made = None if app is None else _moment(app.attrs["Created"])
    return made is not None and file.exists() and file.stat().st_mtime > made


def as_json(found: Iterable[Row]) -> str:
    """The same for a script: a list of objects with the names that Row has."""
    return json.dumps([{**asdict(r), "name": r.name.strip()} for r in found])


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
