"""Means to cause a fault inside of a stack's containers."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from docker.models.containers import Container

# Written in Python because the image has no `pkill`. Ends itself never, nor its own parents.
KILL = """
import os, pathlib, sys
number, how_many, text = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
found = []
for process in pathlib.Path('/proc').glob('[0-9]*'):
    try: line = (process / 'cmdline').read_bytes().replace(b'\\0', b' ').decode().strip()
    except OSError: continue
    # Shells that only start something, and this script, have the same words in their lines.
    if text in line and 'import os' not in line and not line.startswith(('bash', '/bin/bash')):
        if 'supervise ' not in line: found.append(int(process.name))
for pid in sorted(found)[:how_many or None]:
    os.kill(pid, number)
    print(pid, flush=True)
"""


def kill(
    container: Container, words: str, *, how_many: int = 0, number: int = signal.SIGKILL
) -> list[int]:
    """Send a signal to the processes whose command line holds `words`; returns their ids inside.

    `how_many` 0 is all. At least one has to be there.
    """
    argv = ["/entrypoint.sh", "python3", "-c", KILL, str(int(number)), str(how_many), words]
    asked = container.exec_run(argv)
    assert isinstance(asked.output, bytes)
    killed = [int(line) for line in asked.output.decode().split() if line.isdigit()]
    assert killed, asked
    # 137: what was killed took the container, and so this script, with it.
    assert asked.exit_code in (0, 137), asked
    return killed


@contextmanager
def open_transaction(db: Container, sql: str, *, seconds: float = 120) -> Iterator[None]:
    """A session that has done `sql` and neither commits nor ends, for at most `seconds`."""
    script = f"BEGIN; {sql}; \\echo begun\nSELECT pg_sleep({seconds}); ROLLBACK;"
    argv = ["psql", "--no-psqlrc", "--quiet", "--username=alarm", "--dbname=alarm_db"]
    argv += ["--set=ON_ERROR_STOP=1"]
    shell = ["bash", "-c", f'exec "$@" <<"END"\n{script}\nEND', "psql", *argv]
    begun = threading.Event()

    def run() -> None:
        for chunk in db.exec_run(shell, stream=True, environment={"PGAPPNAME": "fault"}).output:
            if b"begun" in chunk:
                begun.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(15), "the transaction did not begin"
    yield
