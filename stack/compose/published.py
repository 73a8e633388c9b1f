"""Whether the panel answers at its published port, asked as a browser on this machine asks."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.health import state
from stack.compose.project import Project
from stack.core.console import Failure
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker.models.containers import Container

SECONDS = 5.0
"""How long an answer may take."""

ON_THIS_MACHINE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
IN_A_CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))


def fault(project: Project) -> Failure | None:
    """Why the panel cannot be reached although its container is healthy, or was to be started.

    None where it answers, where it is known to be unhealthy, and where the published port is not
    this machine's.
    """
    app = project.containers().get("app")
    if app is None:
        return None
    if app.status in {"created", "exited"} and (reason := app.attrs["State"].get("Error")):
        return Failure(
            f"The engine could not start the app: {reason}",
            f"Correct that, then: inv {project.mode.name}",
        )
    if state(app) != "healthy" or not _publishes_here(project):
        return None
    return _fault_of_port(project, app)


def _publishes_here(project: Project) -> bool:
    """Whether the engine's ports are this machine's, and not those of a host around a container."""
    if not docker_engine.endpoint().host.startswith("unix://"):
        return False
    if any(mark.exists() for mark in IN_A_CONTAINER):
        return bool(project.client.info()["Name"] == socket.gethostname())
    return True


def _fault_of_port(project: Project, app: Container) -> Failure | None:
    bindings = [(b["HostIp"], int(b["HostPort"])) for p in app.ports.values() for b in p or ()]
    port = project.port
    hosts = [address for address, published in bindings if published == port]
    for host in hosts:
        address = ON_THIS_MACHINE.get(host, host)
        answer = _ask(address, port)
        # An engine without its proxy processes does not listen at ::1.
        if answer is None and host != "::":
            return Failure(
                f"The app is healthy, but nothing answers at {_shown(address, port)}.",
                f"Type: inv {project.mode.name}.restart   (or restart the engine)",
            )
        if answer is False:
            return _other_program(address, port)
    # A browser that opens localhost asks there first.
    if hosts == ["127.0.0.1"] and _ask("::1", port) is not None:
        return _other_program("::1", port)
    return None


def _other_program(address: str, port: int) -> Failure:
    return Failure(
        f"Another program answers at {_shown(address, port)}.",
        f"See which, and stop it: sudo ss -ltnp 'sport = :{port}'",
    )


def _shown(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _ask(address: str, port: int) -> bool | None:
    """Whether a web server answers; None when nothing does."""
    connection = http.client.HTTPConnection(address, port, timeout=SECONDS)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except OSError:  # also RemoteDisconnected, when the proxy finds nothing behind it
        return None
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
    return True
