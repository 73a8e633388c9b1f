"""The log of the replicas on all nodes, as the managers collect it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator

from stack.cluster.cluster import Cluster
from stack.compose import logs as compose_logs
from stack.core.console import Failure, say
from stack.core.process import shell_command

LINE = re.compile(r"^(?P<task>[\w.-]+?\.(?P<slot>\w+)\.\w+)@(?P<node>\S+) +\| ?(?P<line>.*)$", re.S)
"""How `docker service logs` names the replica of a line."""


def show(cluster: Cluster, program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log of a service, or of a program of the app; the exit status."""
    services = cluster.services()
    compose_logs.require_tail(tail)
    service = program if program in services else "app"
    if service not in services:
        raise Failure("The cluster's stack does not run.", "Type: inv cluster")
    process = None if program in {None, *services} else program
    if process and tail.isdigit():
        tail = str(int(tail) * compose_logs.OTHERS)
    names = [service] if program else ["app"]
    argv = [
        *(
            "docker",
            "service",
            "logs",
            "--no-task-ids" if False else "--raw" if False else "--tail",
        ),
        *(tail, *(["--follow"] if follow else []), f"{cluster.name}_{names[0]}"),
    ]
    say(f"$ {shell_command(argv)}", style="dim")
    return _print(argv, process)


def _print(argv: list[str], process: str | None) -> int:
    running = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert running.stdout
    lines = named(running.stdout, process)
    try:
        return running.wait() if compose_logs.print_lines(lines) else 0
    finally:
        running.kill()
        running.wait()


def named(log: Iterable[str], process: str | None = None) -> Iterator[str]:
    """The lines with the node and the replica's number in front; of one program, if it is named."""
    for text in log:
        found = LINE.match(text)
        if found is None:
            yield text
            continue
        line = found["line"]
        if process and line.partition("|")[0].strip() != process:
            continue
        yield f"{found['node']}.{found['slot']} {line}"
