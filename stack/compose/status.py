"""The state of a stack's services and of the processes in its app container."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stack.compose import published
from stack.compose.health import state
from stack.compose.ports import published_ports
from stack.compose.project import Project
from stack.config import dotenv
from stack.core.console import Failure, table

if TYPE_CHECKING:
    from docker.models.containers import Container


@dataclass(frozen=True)
class Row:
    """A service, or a process in the app container. `uptime` is in seconds.

    A port that is `inside` is the container's own, else it is this machine's.
    """

    name: str
    state: str
    uptime: int
    restarts: int
    port: int | None
    inside: bool = False


def rows(project: Project) -> list[Row]:
    """Every service, the app's processes below it.

    The app is `unreachable` while it is healthy and does not answer at its port.
    """
    found: list[Row] = []
    fault = published.fault(project)
    for service, container in project.containers().items():
        port = next(iter(published_ports(container)), None)
        restarts = container.attrs["RestartCount"]
        now = state(container)
        if service == "app" and now == "healthy" and fault:
            now = "unreachable"
        found.append(Row(service, now, _uptime(container), restarts, port))
        if service == "app":
            found += [
                Row(f"  {p['process']}", p["state"].lower(), p["uptime"], 0, p["port"], True)
                for p in programs(container)
            ]
    return found


def programs(app: Container) -> list[dict[str, Any]]:
    """The state of supervisord's processes in the app's container; empty while it does not answer.

    It is asked as the app's user, because root may not inspect that user's processes there.
    """
    if app.status != "running":
        return []
    asked = app.exec_run(["programs"], user="app", stderr=False)
    assert isinstance(asked.output, bytes)
    return list(json.loads(asked.output)) if asked.exit_code == 0 else []


def no_program(project: Project, name: str, states: list[dict[str, Any]]) -> Failure:
    """The Failure for a program that is not among `states`, as `programs` returns them."""
    known = {"app", "db", *(str(state["program"]) for state in states)}
    return Failure(
        f"There is no program {name} in the {project.mode.name} stack.",
        f"Type one of: {', '.join(sorted(known))}",
    )


def show(found: Iterable[Row]) -> None:
    """Print the table of what runs."""
    table(
        "",
        ("service", "state", "uptime", "restarts", "port"),
        [(r.name, r.state, _duration(r.uptime), str(r.restarts), _port(r)) for r in found],
    )


def settings_are_newer(project: Project) -> bool:
    """Whether `.env` was saved with other values since the app's container was made from it."""
    file, app = project.root / ".env", project.containers().get("app")
    if app is None or not file.exists():
        return False
    is_newer = file.stat().st_mtime > datetime.fromisoformat(app.attrs["Created"]).timestamp()
    # The file is the container's `env_file`.
    own = dict(pair.partition("=")[::2] for pair in app.attrs["Config"]["Env"])
    return is_newer and any(own.get(name) != value for name, value in dotenv.read(file).items())


def as_json(found: Iterable[Row]) -> str:
    """The same for a script: a list of objects with the names that Row has."""
    return json.dumps([{**asdict(r), "name": r.name.strip()} for r in found])


def _port(row: Row) -> str:
    inside = " inside" if row.inside else ""
    return f"{row.port}{inside}" if row.port else ""


def _uptime(container: Container) -> int:
    if container.status != "running":
        return 0
    started = datetime.fromisoformat(container.attrs["State"]["StartedAt"])
    return int((datetime.now(UTC) - started).total_seconds())


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
