"""Asks a member in its container, so also while it is cut off, whether it accepts writes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stack.database.server import DATABASE
from tests.cluster.ha_stack import HaStack

# A session for each question, as a server that steps down ends its sessions. The kernel's clock is
# the same in all containers. A commit that no standby confirms does not end.
LOOP = f"""
ask() {{ timeout 1 psql -XqAt --username=postgres --dbname={DATABASE} --command="$1" 2>/dev/null; }}
while read -r -t 0.1 line || [ $? -gt 128 ]; do
    recovery=$(ask 'SELECT pg_is_in_recovery()')
    read -r now _ </proc/uptime
    wrote=f
    if [ "$recovery" = f ] && ask 'INSERT INTO probed VALUES (1)' >/dev/null; then wrote=t; fi
    echo "$now ${{recovery:-none}} $wrote"
done
"""


@dataclass
class Seen:
    """What a member said of itself, with the seconds since the machine's start."""

    primary: list[float] = field(default_factory=list)
    """When it called itself no standby."""
    wrote: list[float] = field(default_factory=list)
    """When it acknowledged a row."""
    other: list[float] = field(default_factory=list)
    """When it was a standby or did not answer."""


@contextmanager
def probing(stack: HaStack, members: tuple[str, ...]) -> Iterator[dict[str, Seen]]:
    """Ask the members all the time; the answers are complete after the block."""
    primary = stack.primary()
    stack.ask(primary, "CREATE TABLE IF NOT EXISTS probed (what int)")
    processes = {
        member: subprocess.Popen(
            ["docker", "exec", "--interactive", f"{stack.name}-{member}-1", "bash", "-c", LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for member in members
    }
    seen = {member: Seen() for member in members}
    try:
        yield seen
    finally:
        for member, process in processes.items():
            output, _ = process.communicate(timeout=30)
            for line in output.splitlines():
                at, recovery, wrote = line.split()
                kind = seen[member].primary if recovery == "f" else seen[member].other
                kind.append(float(at))
                if wrote == "t":
                    seen[member].wrote.append(float(at))
