"""What runs just now: the services of a stack and the programs in its app container."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack.console import table
from stack.lifecycle import containers, state
from stack.modes import Stack
from stack.ports import published_ports

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


@dataclass(frozen=True)
class Row:
    """A service, or a program inside of the app container. `uptime` is in seconds."""

    name: str
    state: str
    uptime: int
    restarts: int
    port: int | None


def rows(stack: Stack, client: DockerClient) -> list[Row]:
    """Every service, the app's programs below it."""
    found: list[Row] = []
    for service, container in containers(stack, client).items():
        port = next(iter(published_ports(container)), None)
        restarts = container.attrs["RestartCount"]
        found.append(Row(service, state(container), _uptime(container), restarts, port))
        if service == "app" and container.status == "running":
            found += [
                Row(f"  {p['process']}", str(p["state"]).lower(), int(p["uptime"]), 0, None)
                for p in programs(container)
            ]
    return found


def programs(app: Container) -> list[dict[str, str | int]]:
    """What supervisord says of its programs; empty while it does not run yet."""
    asked = app.exec_run(["programs"], stderr=False)
    if asked.exit_code != 0:
        return []
    assert isinstance(asked.output, bytes)
    answer: list[dict[str, str | int]] = json.loads(asked.output)
    return answer


def show(found: Iterable[Row]) -> None:
    """Print the table of what runs."""
    table(
        "",
        ("service", "state", "uptime", "restarts", "port"),
        [(r.name, r.state, _duration(r.uptime), str(r.restarts), str(r.port or "")) for r in found],
    )


def as_json(found: Iterable[Row]) -> str:
    """The same for a script: a list of objects with name, state, uptime (s), restarts, port."""
    return json.dumps([{**asdict(r), "name": r.name.strip()} for r in found])


def _uptime(container: Container) -> int:
    if container.status != "running":
        return 0
    started = datetime.fromisoformat(container.attrs["State"]["StartedAt"][:26].rstrip("Z") + "Z")
    return int((datetime.now(UTC) - started).total_seconds())


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
