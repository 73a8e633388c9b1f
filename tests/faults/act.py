"""Means to cause a fault inside of a stack's containers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from tests.smoke.processes import kill

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
    """`kill -9` of a container's first process; unlike `docker kill`, its restart policy acts."""
    container.reload()
    pid, image = container.attrs["State"]["Pid"], container.image
    assert pid
    assert image is not None
    # Only the host may kill it: within a container the first process is out of reach.
    killer = client.containers.create(
        image.id,
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
    """The container's cable is pulled, and put in again."""
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


# The kernel kills who has the most of this score, which anybody may raise and nobody lower.
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
    """Take memory until the kernel has killed the first process with those words; what it was."""
    argv = ["/entrypoint.sh", "python3", "-c", TAKE_MEMORY, at_the_expense_of]
    asked = app.exec_run(argv)
    assert isinstance(asked.output, bytes)
    assert asked.exit_code == 0, asked
    return asked.output.decode().strip()


# Whoever lets go of a connection loses its place to this script.
TAKE_CONNECTIONS = """
import os, pathlib, psycopg, time
password = pathlib.Path(os.environ['POSTGRES_PASSWORD_FILE']).read_text().strip()
there = {'host': 'db', 'user': 'alarm', 'dbname': 'alarm_db', 'password': password}
cut = ('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
       " WHERE usename = 'alarm' AND application_name <> 'fault'")
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
    """While the block lasts, all connections that PostgreSQL has are somebody else's."""
    argv = ["/entrypoint.sh", "python", "-c", TAKE_CONNECTIONS]
    with _in_background(app, argv, until=b"full"):
        try:
            yield
        finally:
            app.exec_run(["touch", "/tmp/enough"])


@contextmanager
def open_transaction(db: Container, sql: str, *, seconds: float = 120) -> Iterator[None]:
    """A session that has done `sql` and neither commits nor ends, for at most `seconds`.

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
    """End the sessions of `fault`, where there is a server to ask."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fault'"
    with suppress(APIError):
        db.exec_run(["psql", "--username=alarm", "--dbname=alarm_db", f"--command={sql}"])


@contextmanager
def _in_background(container: Container, argv: list[str], *, until: bytes) -> Iterator[None]:
    """A command in a container, which has said `until`; it has to end by itself after the block."""
    said, output = threading.Event(), bytearray()

    def run() -> None:
        for chunk in container.exec_run(argv, stream=True).output:
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
