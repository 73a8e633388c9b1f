"""Send signals to processes in a container, found by their command lines."""

from __future__ import annotations

import signal

from docker.models.containers import Container

# Written in Python because the image has no `pkill`.
KILL = """
import os, pathlib, sys
number, how_many, text = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
found = []
for process in pathlib.Path('/proc').glob('[0-9]*'):
    try: line = (process / 'cmdline').read_bytes().replace(b'\\0', b' ').decode().strip()
    except OSError: continue
    # Shells that only start something, and this script, have the same words in their lines.
    if text in line and 'import os' not in line and not line.startswith(('bash', '/bin/bash')):
        found.append(int(process.name))
for pid in sorted(found)[:how_many or None]:
    print(pid, flush=True)  # first, because the signal may stop the container
    os.kill(pid, number)
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
    # 137: the signal stopped the container, and with it this script.
    assert asked.exit_code in (0, 137), asked
    return killed
