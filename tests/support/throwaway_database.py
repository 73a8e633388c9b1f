"""python -m stack.throwaway_database FOLDER COMMAND…: run it there with an empty PostgreSQL.

The database is a container that keeps its data in memory, is reached through a port of the
loopback address, and goes away with the command. The command finds it in the variables that the
backend reads (POSTGRES_HOST, …).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stack.compose.ports import published_ports
from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until
from stack.engine import docker_engine
from stack.images import base_images

PASSWORD = "only-for-this-run"


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Start the container, yield its variables, remove it whatever happens."""
    client = docker_engine.connect()
    chosen = {choice.variable: choice.image for choice in base_images.choose(client, ROOT)}
    container = client.containers.run(
        chosen["POSTGRES_IMAGE"],
        # Durability costs time, and this data is to be lost.
        ["postgres", "-c", "fsync=off", "-c", "max_connections=200"],
        environment={"POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "alarm_db"},
        tmpfs={"/var/lib/postgresql/data": ""},
        ports={"5432/tcp": ("127.0.0.1", 0)},
        labels={"alarm.throwaway": "database"},
        detach=True,
    )
    try:
        ready = ["pg_isready", "--host=127.0.0.1"]
        wait_until(
            "a throw-away PostgreSQL", lambda: container.exec_run(ready).exit_code == 0, seconds=60
        )
        container.reload()
        yield {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(*published_ports(container)),
            "POSTGRES_DB": "alarm_db",
            "POSTGRES_USER": "postgres",
            "POSTGRES_PASSWORD": PASSWORD,
        }
    finally:
        container.remove(force=True, v=True)


if __name__ == "__main__":
    folder, *command = sys.argv[1:]
    try:
        with database() as variables:
            environment = {**os.environ, **variables}
            status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    except (Failure, NeverHappened) as failure:
        sys.exit(str(failure))
    sys.exit(status)
