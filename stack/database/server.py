"""The PostgreSQL in a stack's `db` container, or an external one: queries, dumps, databases in it.

Queries go through the engine's API, streams through `docker compose exec`. An external server is
reached from a container with PostgreSQL's programs (client.py).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stack.compose import health, lifecycle
from stack.compose.project import NUMBER_LABEL, Project
from stack.config.external_database import ExternalDatabase
from stack.core import signals
from stack.core.console import Failure, print_output
from stack.core.polling import NeverHappened, wait_until
from stack.core.process import run_attached
from stack.database import client, major

if TYPE_CHECKING:
    from docker.models.containers import Container

DATABASE = "alarm_db"
"""The app's, as in compose/database.yml."""

CHUNK = 1024 * 1024
"""Bytes per read from a stream."""

ROLE = "alarm"
"""The app's, as in compose/database.yml; of the stack's own database it is a superuser."""

USER = f"--username={ROLE}"
PSQL = ("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
STOP_AT_ERRORS = "--set=ON_ERROR_STOP=1"


@dataclass(frozen=True)
class Server:
    """A database server that answers."""

    project: Project
    number: str = ""
    """Docker Compose's number of the container, where that is not the one that serves."""

    @property
    def is_external(self) -> bool:
        return self.project.is_external

    @property
    def _external(self) -> ExternalDatabase | None:
        return self.project.external

    @property
    def name(self) -> str:
        """The app's database."""
        return self._external.name if self._external else DATABASE

    @property
    def role(self) -> str:
        """Its owner, as which the programs connect."""
        return self._external.role if self._external else ROLE

    @property
    def container(self) -> Container:
        """The container with the server, which a start may replace, or with its programs alone."""
        if self.is_external:
            return client.of(self.project).container
        if not self.number:
            return self.project.containers()["db"]
        found = self.project.containers_of("db")
        return next(c for c in found if c.labels[NUMBER_LABEL] == self.number)

    def run(self, *command: str) -> str:
        """Run a command in the container and return its output. Raises Failure."""
        asked = self.container.exec_run(list(command), demux=True)
        assert isinstance(asked.output, tuple)
        output, errors = ((part or b"").decode(errors="replace") for part in asked.output)
        if asked.exit_code != 0:
            raise self._refused(command[0], asked.exit_code, errors)
        return output

    def ask(self, sql: str, database: str = "postgres") -> list[str]:
        """The rows that `sql` returns. Several statements are one transaction."""
        argv = (*PSQL, STOP_AT_ERRORS, self.user, f"--dbname={database}", f"--command={sql}")
        return self.run(*argv).splitlines()

    @property
    def user(self) -> str:
        """The option with which PostgreSQL's programs connect as the owner."""
        return f"--username={self.role}"

    def major(self) -> int:
        """The server's major version."""
        return int(self.ask("SHOW server_version_num")[0]) // 10_000

    def databases(self) -> set[str]:
        return set(self.ask("SELECT datname FROM pg_database WHERE NOT datistemplate"))

    def create(self, database: str, *, template: str = "template0") -> None:
        """A new database; a `template` that is in use is refused."""
        if self.is_external:
            self._require_may_create()
            self._end_sessions(template)  # those that a pooler keeps
        self.ask(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        """Remove a database, and end the connections to it."""
        self.ask(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def exchange(self, successor: str, kept_as: str) -> None:
        """Rename the app's database to `kept_as`, and `successor` to its name: one transaction."""

        name = self.name

        def renamed() -> bool:
            self._end_sessions(name, successor)
            # In one transaction, so that there is always a database of the app's name.
            self.ask(
                f'ALTER DATABASE "{name}" RENAME TO "{kept_as}"; '
                f'ALTER DATABASE "{successor}" RENAME TO "{name}"'
            )
            return True

        try:
            # A client that connects between the two statements makes the second one fail.
            wait_until("databases without clients", renamed, seconds=15, ignoring=(Failure,))
        except NeverHappened as error:
            raise Failure(
                f"The databases {successor} and {name} cannot be exchanged.",
                "The reason is above; stop the client that is connected to them",
            ) from error

    def _end_sessions(self, *databases: str) -> None:
        names = ", ".join(f"'{name}'" for name in databases)
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname IN ({names}) AND pid <> pg_backend_pid() "
            "AND pg_has_role(usesysid, 'USAGE')"  # others cannot be ended
        )

    def _require_may_create(self) -> None:
        may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        if self.ask(may) != ["t"]:
            raise Failure(
                f"The role {self.role} may not create a database, which is needed for a copy.",
                f"As the server's administrator: ALTER ROLE {self.role} CREATEDB",
            )

    def migrations(self, database: str = "") -> dict[str, list[str]]:
        """By Django app, the migrations that were applied; none in an empty database."""
        return applied_migrations(lambda sql: self.ask(sql, database or self.name))

    def free_bytes(self) -> int | None:
        """Room on the disk that the databases are on; None for a server that does not tell."""
        if self.is_external:
            return None
        folder = self.ask("SHOW data_directory")[0]
        # POSIX fixes these columns: name, blocks, used, available.
        return int(self.run("df", "-Pk", folder).splitlines()[-1].split()[3]) * 1024

    def output_of(self, *command: str) -> Iterator[bytes]:
        """The output of a command in the container, in chunks. Raises Failure."""
        with self._streaming(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read(CHUNK):
                yield chunk

    def feed(self, chunks: Iterable[bytes], *command: str) -> None:
        """Write `chunks` to a command in the container. Raises Failure."""
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
        with self._streaming(command, **streams) as process:
            assert process.stdin is not None
            # The program may need no more, or fail: its exit status shows which.
            with contextlib.suppress(BrokenPipeError):
                for chunk in chunks:
                    process.stdin.write(chunk)
                process.stdin.close()

    def popen(self, *command: str, **streams: Any) -> subprocess.Popen[Any]:
        """Start a command in the container; `streams` are options of Popen."""
        if self.is_external:
            argv = ["docker", "exec", "--interactive", str(self.container.id), *command]
            return subprocess.Popen(argv, **streams)
        which = ["--index", self.number] if self.number else []
        return self.project.popen("exec", *which, "-T", "db", *command, **streams)

    def open_psql(self) -> int:
        """Open psql on the app's database, which runs what is piped in; its exit status."""
        return self.attach("psql", STOP_AT_ERRORS, self.user, f"--dbname={self.name}")

    def attach(self, *command: str) -> int:
        """Run a command in the container with this process's terminal, if any; its exit status."""
        if not self.is_external:
            return self.project.attach("exec", "db", *command)
        has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        options = ["--interactive", *(["--tty"] if has_terminal else [])]
        return run_attached(["docker", "exec", *options, str(self.container.id), *command])

    @contextmanager
    def _streaming(
        self, command: tuple[str, ...], **streams: int
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A command in the container. After the block, raises Failure if it has failed."""
        wiring = {"stdin": subprocess.DEVNULL, **streams}
        with tempfile.TemporaryFile() as errors:
            process = self.popen(*command, stderr=errors, **wiring)
            try:
                yield process
                if status := process.wait():
                    errors.seek(0)
                    said = errors.read().decode(errors="replace")
                    raise self._refused(command[0], status, said)
            finally:
                process.kill()
                with contextlib.suppress(BrokenPipeError), process:
                    pass  # closes the streams and waits

    def _refused(self, program: str, status: int | None, errors: str) -> Failure:
        """The Failure of a command, whose last lines are printed."""
        said = errors.strip().splitlines()
        print_output(said[-5:])
        return Failure(
            f"{program} ended with status {status}: {said[-1] if said else 'it said nothing'}",
            f"Its last lines are above; the database's log: {self.log}",
        )

    @property
    def log(self) -> str:
        """Where the database's log is."""
        if self.is_external:
            return "at its server"
        return f"inv {self.project.mode.name}.logs db"


def applied_migrations(ask: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """By Django app, the migrations that a database has; `ask` runs a query on it."""
    if not ask("SELECT to_regclass('django_migrations');")[0]:
        return {}
    rows = ask("SELECT json_build_array(app, name) FROM django_migrations;")
    return by_app(json.loads(row) for row in rows)


def by_app(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Migrations by app, both in order."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(map(tuple, pairs)):
        found.setdefault(app, []).append(name)
    return found


@contextmanager
def running_server(project: Project) -> Iterator[Server]:
    """The database's server. One of the stack that does not run is started, and stopped then."""
    if project.is_external:
        yield Server(lifecycle.prepare(project, tell=False))
        return
    found = project.containers()
    was_running = "db" in found and found["db"].status == "running"
    if not was_running:
        project = lifecycle.prepare(project, tell=False)
        major.require_readable(project)
        argv = ("up", "--detach", "--no-recreate", "db")
        remedy = f"Its log says why: inv {project.mode.name}.logs db"
        project.run("Starting the database", *argv, remedy=remedy)
    try:
        health.wait_until_healthy(
            lambda: {n: c for n, c in project.containers().items() if n == "db"},
            what=f"The database of {project.name}",
            remedy=f"Its log says why: inv {project.mode.name}.logs db",
        )
        yield Server(project)
    finally:
        if not found:
            lifecycle.down(project)
        elif not was_running:
            remedy = "See what still runs: docker ps"
            stop = ("Stopping the database", "stop", "db")
            with signals.uninterruptible():
                project.run(*stop, remedy=remedy)
