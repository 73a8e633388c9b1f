"""Which process or container holds a port, and the command that stops it."""

from __future__ import annotations

import errno
import shlex
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.checkout import folder_of, name_of
from stack.compose.project import PROJECT_LABEL, STACK_LABEL, Project
from stack.config.modes import CLUSTER, LOCAL, ROOT
from stack.config.project_name import mode_of
from stack.core.console import Failure
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker.models.containers import Container


def require_free(project: Project) -> None:
    """Raise Failure naming the holder when something other than the stack has its port."""
    if not is_taken(project.port):
        return
    name, remedy = holder(project.port)
    if name != project.name:
        raise Failure(
            f"Port {project.port} is taken by {name}.",
            f"{remedy}, or use another port: ALARM_PORT={project.port + 1} inv {project.mode.name}",
        )


def holder(port: int) -> tuple[str, str]:
    """What listens on `port`, a Compose project by its name, and the command that stops it."""
    return _container(port) or _process(port)


def is_taken(port: int) -> bool:
    """Whether something listens on `port` of this machine, on any address."""
    try:
        if socket.has_dualstack_ipv6():
            socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True).close()
        else:
            socket.create_server(("", port)).close()
    except OSError as error:
        # Any other error is this process's: the engine may bind a low port, for example.
        return error.errno == errno.EADDRINUSE
    return False


def free_port() -> int:
    """A port of the loopback address that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def published_ports(container: Container) -> set[int]:
    """The ports of this machine that lead to the container."""
    bindings = (binding for found in container.ports.values() for binding in found or ())
    return {int(binding["HostPort"]) for binding in bindings}


def _container(port: int) -> tuple[str, str] | None:
    client = docker_engine.connect_if_there()
    if client is None:
        return None
    for container in client.containers.list():
        if port not in published_ports(container):
            continue
        if stack := container.labels.get(STACK_LABEL):
            return stack, f"Stop it: {_stop_of_cluster(stack)}"
        project = container.labels.get(PROJECT_LABEL)
        if project is None:
            return f"the container {container.name}", f"Stop it: docker stop {container.name}"
        return project, f"Stop it: {stop_of(project, folder_of(container))}"
    return None


def _stop_of_cluster(stack: str) -> str:
    """What to type to stop a stack of Swarm, which would start a container again."""
    is_ours = stack == f"{name_of(ROOT)}-{CLUSTER.name}"
    return f"inv {CLUSTER.name}.down" if is_ours else f"docker stack rm {stack}"


def stop_of(project: str, folder: Path | None) -> str:
    """What to type to stop a project that was started from `folder`."""
    named = mode_of(project)
    if named is None or folder is None or not (folder / "bootstrap").exists():
        return f"docker compose -p {project} down"
    down = f"inv {named[1]}.down"
    return down if folder == ROOT else f"cd {shlex.quote(str(folder))} && ./bootstrap {down}"


def _process(port: int) -> tuple[str, str]:
    """The process that listens on `port`, or the local stack that it belongs to."""
    import psutil

    try:
        for found in psutil.net_connections(kind="tcp"):
            listens = (
                found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port
            )
            if not listens or not found.pid:
                continue
            process = psutil.Process(found.pid)
            # Each process of a local stack knows the folder that it runs from.
            if checkout := process.environ().get("APP_DIR"):
                stop = f"cd {shlex.quote(checkout)} && ./bootstrap inv {LOCAL.name}.down"
                return f"the local stack of {checkout}", f"Stop it: {stop}"
            return f"{process.name()} (process {process.pid})", f"Stop it: kill {process.pid}"
    except psutil.Error:
        pass  # another user's process: only root may look
    return "another user's process", f"See which: sudo ss -ltnp 'sport = :{port}'"
