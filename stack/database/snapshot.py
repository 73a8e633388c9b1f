"""One view of the app's database that several programs share: what is counted is what is dumped."""

from __future__ import annotations

import contextlib
import json
import subprocess
from types import TracebackType

from stack.core.console import Failure
from stack.database.server import DATABASE, MIGRATIONS, PSQL, STOP_AT_ERRORS, Server, by_app

END = "-- end of the answer --"


class Snapshot:
    """A read-only transaction that stays open in a psql of its own; `name` is for pg_dump.

    https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
    """

    def __init__(self, server: Server) -> None:
        argv = (*PSQL, STOP_AT_ERRORS, f"--dbname={DATABASE}")
        self._psql = server.project.popen(
            *("exec", "-T", "db", *argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.name = ""

    def __enter__(self) -> Snapshot:
        self.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
        self.name = self.ask("SELECT pg_export_snapshot();")[0]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self._psql.communicate(timeout=10)  # its input ends, and so does psql
        self._psql.kill()
        self._psql.wait()

    def ask(self, sql: str) -> list[str]:
        """The rows that `sql` answers, as the database was when the snapshot was made."""
        assert self._psql.stdin is not None
        assert self._psql.stdout is not None
        said: list[str] = []
        try:
            self._psql.stdin.write(f"{sql}\n\\echo {END}\n")
            self._psql.stdin.flush()
            for line in self._psql.stdout:
                if line.rstrip("\n") == END:
                    return said
                said.append(line.rstrip("\n"))
        except BrokenPipeError:
            pass
        raise Failure(
            f"The database does not answer psql: {said[-1] if said else 'it ended'}",
            "Its log says why: inv prod.logs db",
        )

    def migrations(self) -> dict[str, list[str]]:
        """By Django app, the migrations that were applied; none where Django never was."""
        if not self.ask("SELECT to_regclass('django_migrations');")[0]:
            return {}
        return by_app(json.loads(row) for row in self.ask(MIGRATIONS + ";"))
