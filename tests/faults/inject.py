"""Means to cause a fault inside of a stack's containers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from tests.support.containers import image_of
from tests.support.processes import kill

__all__ = [
    "connections_taken",
    "kill",
    "kill_container",
    "open_transaction",
    "remove",
    "take_memory",
    "without_network",
]


def kill_container(client: DockerClient, container: Container) -> None:
    """`kill -9` of a container's first process: unlike after `docker kill`, it is restarted."""
    container.reload()
    pid = container.attrs["State"]["Pid"]
    assert pid
    # Only the host can kill the first process; a process in the container cannot.
    killer = client.containers.create(
        image_of(container),
        entrypoint=["bash", "-c", f"kill -9 {pid}"],
        user="0",
        pid_mode="host",
        network_mode="none",
    )
    try:
        killer.start()
        killer.wait()
    finally:
        killer.remove(force=True, v=True)  # the database's image declares a volume


@contextmanager
def without_network(client: DockerClient, container: Container) -> Iterator[None]:
    """Disconnect the container from its networks, and connect it again."""
    container.reload()
    wiring = container.attrs["NetworkSettings"]["Networks"]
    for name in wiring:
        client.networks.get(name).disconnect(container)
    try:
        yield
    finally:
        for name, was in wiring.items():
            client.networks.get(name).connect(container, aliases=was["Aliases"])


def remove(container: Container, *paths: str) -> None:
    """Remove files as the container's own user."""
    assert container.exec_run(["rm", *paths]).exit_code == 0


# The kernel kills the process with the highest score. Any process may raise its own.
TAKE_MEMORY = """
import os, pathlib, sys, time
victims = [p for p in pathlib.Path('/proc').glob('[0-9]*')
           if sys.argv[1] in (p / 'cmdline').read_bytes().replace(b'\\0', b' ').decode()
           and p.name != str(os.getpid())]
for victim in victims[:1]:
    (victim / 'oom_score_adj').write_text('1000')
victim, held, ends_at = victims[0], [], time.monotonic() + 60
while victim.exists() and time.monotonic() < ends_at:
    held.append(b'x' * (4 * 2**20))
print(victim.name, 'is gone after', len(held) * 4, 'MiB')
"""


def take_memory(app: Container, *, at_the_expense_of: str) -> str:
    """Allocate memory until the kernel kills the first process with those words; its name."""
    argv = ["/entrypoint.sh", "python3", "-c", TAKE_MEMORY, at_the_expense_of]
    asked = app.exec_run(argv)
    assert isinstance(asked.output, bytes)
    assert asked.exit_code == 0, asked
    return asked.output.decode().strip()


# This script takes each connection that a client releases.
TAKE_CONNECTIONS = """
import os, pathlib, psycopg, time
password = pathlib.Path(os.environ['POSTGRES_PASSWORD_FILE']).read_text().strip()
there = {'host': 'db', 'user': 'alarm', 'dbname': 'alarm_db', 'password': password}
cut = ('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
       " WHERE usename LIKE 'alarm%' AND application_name <> 'fault'")
enough, ends_at, mine = pathlib.Path('/tmp/enough'), time.monotonic() + 90, []
while time.monotonic() < ends_at and not enough.exists():
    try:
        mine.append(psycopg.connect(**there, application_name='fault', autocommit=True))
    except psycopg.OperationalError:
        print('full', flush=True)
        mine[0].execute(cut)
        time.sleep(0.05)
enough.unlink(missing_ok=True)
"""


@contextmanager
def connections_taken(app: Container) -> Iterator[None]:
    """Take all of PostgreSQL's connections while the block lasts."""
    argv = ["/entrypoint.sh", "python", "-c", TAKE_CONNECTIONS]
    with _in_background(app, argv, until=b"full"):
        try:
            yield
        finally:
            app.exec_run(["touch", "/tmp/enough"])


@contextmanager
def open_transaction(db: Container, sql: str, *, seconds: float = 120) -> Iterator[None]:
    """A session that has run `sql` and does not commit, for at most `seconds`.

    Its application name is `fault`.
    """
    script = f"BEGIN; {sql};\n\\! echo begun\nSELECT pg_sleep({seconds});"
    psql = "psql --no-psqlrc --quiet --username=alarm --dbname=alarm_db --set=ON_ERROR_STOP=1"
    argv = ["bash", "-c", f"PGAPPNAME=fault {psql} <<< $0", script]
    with _in_background(db, argv, until=b"begun"):
        try:
            yield
        finally:
            end_sessions(db)


def end_sessions(db: Container) -> None:
    """End the sessions of `fault` if the server answers."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fault'"
    with suppress(APIError):
        db.exec_run(["psql", "--username=alarm", "--dbname=alarm_db", f"--command={sql}"])


@contextmanager
def _in_background(container: Container, argv: list[str], *, until: bytes) -> Iterator[None]:
    """A command in a container that has printed `until`; it has to end after the block."""
    said, output = threading.Event(), bytearray()

    def run() -> None:
        for chunk in container.exec_run(argv, stream=True).output:
            assert isinstance(chunk, bytes)
            output.extend(chunk)
            if until in output:
                said.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert said.wait(30), f"{argv[0]} said {bytes(output)!r}"
    try:
        yield
    finally:
        thread.join(30)
