"""One view of the app's database for several processes: what is counted is what is dumped."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from stack.core.console import Failure
from stack.database.server import PSQL, STOP_AT_ERRORS, Server

END = "-- end of the answer --"


@dataclass
class Snapshot:
    """A read-only transaction that stays open in a psql of its own; `name` is for pg_dump.

    https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
    """

    psql: subprocess.Popen[str]
    log: str
    """What to type to see the database's log."""
    name: str = ""

    def ask(self, sql: str) -> list[str]:
        """The rows that `sql` returns, as the database was when the snapshot was made."""
        assert self.psql.stdin is not None
        assert self.psql.stdout is not None
        said: list[str] = []
        with contextlib.suppress(BrokenPipeError):
            self.psql.stdin.write(f"{sql}\n\\echo {END}\n")
            self.psql.stdin.flush()
            for line in self.psql.stdout:
                if line.rstrip("\n") == END:
                    return said
                said.append(line.rstrip("\n"))
        raise Failure(
            f"The database does not answer psql: {said[-1] if said else 'it ended'}",
            f"Its log says why: {self.log}",
        )


@contextlib.contextmanager
def exported(server: Server) -> Iterator[Snapshot]:
    """A snapshot that other connections can use until the block ends."""
    psql = server.popen(
        *(*PSQL, STOP_AT_ERRORS, server.user, f"--dbname={server.name}"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    snapshot = Snapshot(psql, server.log)
    try:
        snapshot.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
        snapshot.name = snapshot.ask("SELECT pg_export_snapshot();")[0]
        yield snapshot
    finally:
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            psql.communicate(timeout=10)  # closes the input, at whose end psql ends
        psql.kill()
        psql.wait()
