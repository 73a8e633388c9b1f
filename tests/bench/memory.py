"""What the app container takes while nobody does anything."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from docker.models.containers import Container

from stack.core.polling import wait_until
from tests.bench import beside
from tests.bench.row import Row, at_most
from tests.bench.stand import Stand

MB = 1e6
BARE = (
    "daphne --bind 127.0.0.1 --port 9151 $ASGI_APPLICATION",
    "daphne --bind 127.0.0.1 --port 9152 $ASGI_APPLICATION",
    "python manage.py run_worker",
    "supervisord --nodaemon --configuration {folder}/bare-supervisord.conf",
    "nginx -c {folder}/9153.conf -g 'daemon off;'",
)
"""The container's programs as their own commands start them, without what is around them here:
run-daphne, shells, `sed` and listeners."""

SUPERVISORD = "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={folder}/bare.pid\n"


def used(container: Container) -> int:
    """Bytes in use, as `docker stats` counts them: without what the cache could give up."""
    told = container.stats(stream=False)
    assert isinstance(told, dict)
    stats = told["memory_stats"]
    of = stats["stats"]
    return int(stats["usage"] - of.get("total_inactive_file", of.get("inactive_file", 0)))


def idle(stand: Stand) -> list[Row]:
    """Memory of the container's processes, beside the same programs started bare.

    What they share with files is left out: of a file that several containers read, it is counted
    to the one which was first.
    """
    product = processes(stand.app)
    figure = _settled(stand, set())
    counted = used(stand.app) / MB
    beside.write_product_conf(stand.app, 9153, "/app/frontend/dist")
    supervisord = SUPERVISORD.format(folder=beside.FOLDER).encode()
    beside.shell(stand.app, f"cat > {beside.FOLDER}/bare-supervisord.conf", supervisord)
    for command in BARE:
        started = shlex.quote("exec " + command.format(folder=beside.FOLDER))
        beside.shell(stand.app, f"setsid bash -c {started} >{beside.FOLDER}/bare.log 2>&1 &")
    limit = _settled(stand, product)
    bare = processes(stand.app) - product
    beside.shell(stand.app, f"kill {' '.join(_ids(bare))}")
    words = f"its programs, started bare ({len(bare)} processes)"
    note = f"{len(product)} processes"
    return [
        Row("idle memory", "MB", [figure], words, [limit], at_most(1.1), note),
        Row("idle memory, as docker stats counts", "MB", [counted]),
    ]


def _settled(stand: Stand, others: set[int]) -> float:
    """MB of the container's processes without `others`, when that no longer changes."""
    before = now = 0.0

    def is_settled() -> bool:
        nonlocal before, now
        before, now = now, sum(map(own_bytes, processes(stand.app) - others)) / MB
        return now > 0 and abs(now - before) < 0.1

    wait_until("the programs' start", is_settled, seconds=90, every=5)
    return now


def processes(container: Container) -> set[int]:
    """The container's processes, by their number outside of it."""
    told = container.top(ps_args="-eo pid")
    return {int(line[0]) for line in told["Processes"]}


def own_bytes(process: int) -> int:
    """Memory that the process does not share with a file; what forks share is divided by them."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss_Anon:\s+(\d+) kB", rollup, re.M)
    return int(found[1]) * 1024 if found else 0


def _ids(outside: set[int]) -> list[str]:
    """The numbers that processes have inside of their container."""
    files = [Path(f"/proc/{process}/status") for process in outside]
    statuses = [file.read_text(encoding="utf-8") for file in files if file.exists()]
    return [text.split("NSpid:")[1].splitlines()[0].split()[-1] for text in statuses]
