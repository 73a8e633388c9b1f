"""PostgreSQL's own programs for an external database: a container for the time of a command.

It runs until its standard input ends, which it does with this process, however that ends. The
address is the first that it is sent, so no command line, file or setting shows the password.
"""

from __future__ import annotations

import atexit
import contextlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stack.compose import lifecycle
from stack.compose.project import ONE_OFF, PROJECT_LABEL, SERVICE_LABEL, Project
from stack.core.console import Failure, print_output
from stack.core.polling import wait_until
from stack.database import major

if TYPE_CHECKING:
    from docker.models.containers import Container

SERVICE = "database-client"
READY = "ready"
END = "."
# The file is complete when READY is printed.
SCRIPT = f"""
umask 077
while IFS= read -r line && [ "$line" != {END} ]; do printf '%s\\n' "$line"; done >/tmp/service
echo {READY}
exec cat
"""
SECONDS_TO_RUN, SECONDS_TO_END = 30, 15
GUIDE = "See docs/external-database.md"


@dataclass(frozen=True)
class Client:
    """A container of the programs, and the process that keeps it."""

    process: subprocess.Popen[str]
    container: Container
    password: str
    """With which it connects."""
    is_of_cluster: bool
    """Whether the database is a cluster's own."""

    def close(self) -> None:
        """End it; Docker Compose removes the container."""
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self.process.communicate(timeout=SECONDS_TO_END)


_clients: dict[str, Client] = {}


def of(project: Project) -> Client:
    """The project's client, started where there is none.

    Raises Failure where the server does not answer, or is of another major version.
    """
    client = _clients.get(project.name)
    if client is None or client.process.poll() is not None:
        client = _clients[project.name] = _started(lifecycle.prepare(project, tell=False))
        try:
            _require_same_major(client)
        except BaseException:
            close(project)
            raise
    return client


def require_answer(project: Project) -> None:
    """Raise Failure where an external database cannot be used; nothing is stopped for that."""
    if project.is_external:
        of(project)


def close(project: Project) -> None:
    """End the project's client, if it has one. The next use starts another with the files anew."""
    if client := _clients.pop(project.name, None):
        client.close()


@atexit.register
def _close_all() -> None:
    for client in _clients.values():
        client.close()


def _started(project: Project) -> Client:
    external = project.external
    assert external
    before = {container.id for container in _containers(project)}
    process: subprocess.Popen[str] = project.popen(
        *("run", "--rm", "-T", SERVICE, "sh", "-c", SCRIPT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the terminal's Ctrl-C does not end it
    )
    assert process.stdin
    assert process.stdout
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(f"{external.service_file()}\n{END}\n")
        process.stdin.flush()
    if process.stdout.readline().strip() != READY:
        _, said = process.communicate()
        print_output(said.splitlines()[-5:])
        raise Failure(
            "The container with PostgreSQL's programs did not start.",
            "Correct what its lines above say, then type the command again.",
        )
    # Its program may speak before the engine lists it as running.
    container = wait_until(
        "a container with PostgreSQL's programs",
        lambda: next((c for c in _containers(project) if c.id not in before), None),
        seconds=SECONDS_TO_RUN,
    )
    password = external.parameters["password"]
    return Client(process, container, password, external.is_of_cluster)


def _containers(project: Project) -> list[Container]:
    labels = [f"{PROJECT_LABEL}={project.name}", f"{SERVICE_LABEL}={SERVICE}", ONE_OFF]
    return project.client.containers.list(filters={"label": labels}, ignore_removed=True)


def _require_same_major(client: Client) -> None:
    number = _output(
        client, "psql", "-XqAt", "--dbname=postgres", "--command=SHOW server_version_num"
    )
    server = int(number) // 10_000
    programs = int(_output(client, "psql", "--version").split()[2].partition(".")[0])
    if server != programs:
        raise Failure(
            f"The external database is PostgreSQL {server}; the programs here are {programs}.",
            f"{major.setting_for(server)}, then type the command again",
        )


def _output(client: Client, *command: str) -> str:
    asked = client.container.exec_run(list(command))
    assert isinstance(asked.output, bytes)
    said = asked.output.decode(errors="replace").strip()
    if asked.exit_code != 0:
        reason = said.splitlines()[-1] if said else "it said nothing"
        if client.is_of_cluster:
            raise Failure(
                f"The cluster's database does not answer: {reason}",
                "See why: inv cluster.status   and: inv cluster.logs",
            )
        raise Failure(f"The external database does not answer: {reason}", explained(reason))
    return said


def explained(reason: str) -> str:
    """What to do, by an error of libpq."""
    for part, remedy in REMEDIES.items():
        if part in reason:
            return remedy
    return f"Correct its address in .env, or start its server. {GUIDE}"


REMEDIES = {
    "password authentication failed": (
        "Correct the password in the file of DATABASE_URL_FILE, or in .secrets/postgres_password"
    ),
    "does not support SSL": f"Switch TLS on at the server. {GUIDE}",
    "no encryption": "Write sslmode=verify-full into the address",
    "certificate verify failed": "Name the authority's file in .env: DATABASE_CA=/path/of/ca.pem",
    "root certificate file": "Name the authority's file in .env: DATABASE_CA=/path/of/ca.pem",
    "does not match host name": "Write the name that is in the certificate into the address",
    "read-only": "Name the primary in the address, or all servers of the cluster",
}
