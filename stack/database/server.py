"""The PostgreSQL in a stack's `db` container: questions, dumps, and databases beside the app's.

Questions go through the engine; what streams goes through `docker compose exec`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from stack.compose import health, lifecycle
from stack.compose.project import Project
from stack.core.console import Failure, lines
from stack.core.polling import NeverHappened, wait_until

DATABASE = "alarm_db"
"""The app's, as in compose/base.yml."""

CHUNK = 1024 * 1024
"""Bytes per read from a stream."""

USER = "--username=alarm"
PSQL = ("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", USER)
STOP_AT_ERRORS = "--set=ON_ERROR_STOP=1"


@dataclass(frozen=True)
class Server:
    """A database server that answers."""

    project: Project

    def run(self, *command: str) -> str:
        """Run a program in the container; Failure with its last words when it fails."""
        # Asked anew each time: a start may have replaced the container.
        container = self.project.containers()["db"]
        asked = container.exec_run(list(command), demux=True)
        assert isinstance(asked.output, tuple)
        output, errors = ((part or b"").decode(errors="replace") for part in asked.output)
        if asked.exit_code != 0:
            raise _refused(command[0], asked.exit_code, errors)
        return output

    def ask(self, sql: str, database: str = "postgres") -> list[str]:
        """The rows that `sql` answers. Several statements are one transaction."""
        argv = (*PSQL, STOP_AT_ERRORS, f"--dbname={database}", f"--command={sql}")
        return self.run(*argv).splitlines()

    def databases(self) -> set[str]:
        return set(self.ask("SELECT datname FROM pg_database WHERE NOT datistemplate"))

    def create(self, database: str, *, template: str = "template0") -> None:
        """A new database; a `template` that is in use is refused."""
        self.ask(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        """Remove a database, and end the connections to it."""
        self.ask(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def exchange(self, newcomer: str, kept_as: str) -> None:
        """Rename the app's database to `kept_as`, and `newcomer` to its name: one transaction."""

        def renamed() -> bool:
            self.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname IN ('{DATABASE}', '{newcomer}')"
            )
            # One transaction: whatever happens, there is a database of the app's name.
            self.ask(
                f'ALTER DATABASE {DATABASE} RENAME TO "{kept_as}"; '
                f'ALTER DATABASE "{newcomer}" RENAME TO {DATABASE}'
            )
            return True

        try:
            # A client that comes between the two statements makes the second one fail.
            wait_until("databases without clients", renamed, seconds=15, ignoring=(Failure,))
        except NeverHappened as error:
            raise Failure(
                f"The databases {newcomer} and {DATABASE} cannot be exchanged.",
                "Who is connected to them? The reason is above",
            ) from error

    def migrations(self, database: str = DATABASE) -> dict[str, list[str]]:
        """By Django app, the migrations that were applied; none where Django never was."""
        if not self.ask("SELECT to_regclass('django_migrations')", database)[0]:
            return {}
        return by_app(json.loads(row) for row in self.ask(MIGRATIONS, database))

    def free_bytes(self) -> int:
        """Room on the disk that the databases are on."""
        folder = self.ask("SHOW data_directory")[0]
        # POSIX fixes these columns: name, blocks, used, available.
        return int(self.run("df", "-Pk", folder).splitlines()[-1].split()[3]) * 1024

    def output_of(self, *command: str) -> Iterator[bytes]:
        """What a program in the container writes, in chunks; Failure when it fails."""
        with self._streaming(command, stdout=subprocess.PIPE) as (process, errors):
            assert process.stdout is not None
            while chunk := process.stdout.read(CHUNK):
                yield chunk
            if status := process.wait():
                raise _refused(command[0], status, _text(errors))

    def feed(self, chunks: Iterable[bytes], *command: str) -> None:
        """Give `chunks` to a program in the container; Failure when it fails."""
        with self._streaming(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as (
            process,
            errors,
        ):
            assert process.stdin is not None
            try:
                for chunk in chunks:
                    process.stdin.write(chunk)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it has read enough, or fails: its status tells
            if status := process.wait():
                raise _refused(command[0], status, _text(errors))

    @contextmanager
    def _streaming(
        self, command: tuple[str, ...], **streams: int
    ) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """A program in the container, and the file that its errors go to."""
        wiring = {"stdin": subprocess.DEVNULL, **streams}
        with tempfile.TemporaryFile() as errors:
            process = self.project.popen("exec", "-T", "db", *command, stderr=errors, **wiring)
            try:
                yield process, errors
            finally:
                if process.poll() is None:
                    process.kill()
                for stream in (process.stdin, process.stdout):
                    if stream:
                        _close(stream)
                process.wait()


MIGRATIONS = "SELECT json_build_array(app, name) FROM django_migrations ORDER BY app, name"


def by_app(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Migrations by app, both in order."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(map(tuple, pairs)):
        found.setdefault(app, []).append(name)
    return found


@contextmanager
def serving(project: Project) -> Iterator[Server]:
    """The stack's database server; one that does not run is started, and stopped afterwards."""
    found = project.containers()
    was_running = "db" in found and found["db"].status == "running"
    if not was_running:
        project = lifecycle.prepare(project, tell=False)
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
            project.run(*stop, remedy=remedy, may_be_interrupted=False)


def _refused(program: str, status: int | None, errors: str) -> Failure:
    """A program's failure in one line; what it wrote is printed before."""
    said = errors.strip().splitlines()
    lines(said[-5:])
    return Failure(
        f"{program} ended with status {status}: {said[-1] if said else 'it said nothing'}",
        "Its last lines are above; the database's log: inv prod.logs db",
    )


def _text(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode(errors="replace")


def _close(stream: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.close()
