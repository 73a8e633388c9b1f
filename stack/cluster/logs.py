"""The log of the replicas on all nodes, as the managers collect it."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence

from stack.cluster.cluster import Cluster
from stack.compose import logs as compose_logs
from stack.core.console import Failure, say
from stack.core.process import shell_command

APP = "app"

LINE = re.compile(r"^(?P<task>\S+?)\.(?P<slot>\w+)\.\w+@(?P<node>\S+) +\| ?(?P<line>.*)$", re.S)
"""How `docker service logs` names the replica of a line; of a global service the slot is 0."""


def show(cluster: Cluster, program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log of all, of a service, or of a program of the app; the exit status.

    Raises Failure where nothing runs.
    """
    compose_logs.require_tail(tail)
    services = sorted(cluster.services())
    if APP not in services:
        raise Failure("The cluster's stack does not run.", "Type: inv cluster")
    process = None if program in {None, *services} else program
    if process and tail.isdigit():
        tail = str(int(tail) * compose_logs.OTHERS)
    wanted = services if program is None else [program if program in services else APP]
    commands = [
        (name, ["docker", "service", "logs", "--tail", tail, *more])
        for name in wanted
        for more in _sources(cluster, name, follow=follow)
    ]
    for _, argv in commands:
        say(f"$ {shell_command(argv)}", style="dim")
    return _print(commands, process)


def _sources(cluster: Cluster, name: str, *, follow: bool) -> list[list[str]]:
    """What to ask for a service's log: the service, or, to see its end, each replica of now.

    Without `--follow`, the log of a service with removed containers does not end.
    """
    if follow:
        return [["--follow", f"{cluster.name}_{name}"]]
    return [[replica.id] for replica in cluster.replicas(name) if replica.container]


def _print(commands: Sequence[tuple[str, list[str]]], process: str | None) -> int:
    """Print the lines of all as they come, until Ctrl-C."""
    started = [(name, _start(argv)) for name, argv in commands]
    lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)

    def read(name: str, running: subprocess.Popen[str]) -> None:
        for line in named(name, running.stdout or (), process):
            lines.put(line)
        lines.put(None)

    for name, running in started:
        threading.Thread(target=read, args=(name, running), daemon=True).start()
    try:
        ended = compose_logs.print_lines(_until_all_end(lines, len(started)))
        return max((running.wait() for _, running in started), default=0) if ended else 0
    finally:
        for _, running in started:
            running.kill()
            running.wait()


def _until_all_end(lines: queue.Queue[str | None], number: int) -> Iterator[str]:
    while number:
        line = lines.get()
        if line is None:
            number -= 1
        else:
            yield line


def _start(argv: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def named(service: str, log: Iterable[str], process: str | None = None) -> Iterator[str]:
    """The lines with the node in front; of one program of the app, if it is named."""
    for text in log:
        found = LINE.match(text)
        if found is None:
            yield text
            continue
        line = found["line"]
        if process and line.partition("|")[0].strip() != process:
            continue
        # The app's lines begin with their program.
        own = line if service == APP else f"{service:10} | {line}"
        yield f"{found['node']} {own}"
