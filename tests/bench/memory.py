"""Memory of an idle app container."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from docker.models.containers import Container

from stack.core.polling import wait_until
from tests.bench import controls
from tests.bench.row import Row, at_most
from tests.bench.testbed import Testbed

MB = 1e6
BARE = (
    "daphne --bind 127.0.0.1 --port 9151 $ASGI_APPLICATION",
    "daphne --bind 127.0.0.1 --port 9152 $ASGI_APPLICATION",
    "python manage.py run_worker",
    "supervisord --nodaemon --configuration {folder}/bare-supervisord.conf",
    "nginx -c {folder}/9153.conf -g 'daemon off;'",
)
"""The container's processes, started without run-daphne, shells, `sed` and listeners."""

SUPERVISORD = "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={folder}/bare.pid\n"


def used(container: Container) -> int:
    """Bytes in use, as `docker stats` counts them: without the cache that can be reclaimed."""
    answer = container.stats(stream=False)
    assert isinstance(answer, dict)
    stats = answer["memory_stats"]
    of = stats["stats"]
    return int(stats["usage"] - of.get("total_inactive_file", of.get("inactive_file", 0)))


def idle(testbed: Testbed) -> list[Row]:
    """Memory of the container's processes, compared with the same processes started bare.

    Memory shared with files is left out: the kernel counts it for the first container that reads
    the file.
    """
    product = processes(testbed.app)
    figure = _settled(testbed, set())
    counted = used(testbed.app) / MB
    controls.write_product_conf(testbed.app, 9153, "/app/frontend/dist")
    supervisord = SUPERVISORD.format(folder=controls.FOLDER).encode()
    controls.shell(testbed.app, f"cat > {controls.FOLDER}/bare-supervisord.conf", supervisord)
    for command in BARE:
        started = shlex.quote("exec " + command.format(folder=controls.FOLDER))
        controls.shell(testbed.app, f"setsid bash -c {started} >{controls.FOLDER}/bare.log 2>&1 &")
    limit = _settled(testbed, product)
    bare = processes(testbed.app) - product
    controls.shell(testbed.app, f"kill {' '.join(_ids(bare))}")
    words = f"its processes, started bare ({len(bare)} processes)"
    note = f"{len(product)} processes"
    return [
        Row("idle memory", "MB", [figure], words, [limit], at_most(1.1), note),
        Row("idle memory, as docker stats counts", "MB", [counted]),
    ]


def _settled(testbed: Testbed, others: set[int]) -> float:
    """MB of the container's processes without `others`, once it no longer changes."""
    before = now = 0.0

    def is_settled() -> bool:
        nonlocal before, now
        before, now = now, sum(map(own_bytes, processes(testbed.app) - others)) / MB
        return now > 0 and abs(now - before) < 0.1

    wait_until("the programs' start", is_settled, seconds=90, every=5)
    return now


def processes(container: Container) -> set[int]:
    """The ids of the container's processes outside of it."""
    rows = container.top(ps_args="-eo pid")
    return {int(line[0]) for line in rows["Processes"]}


def own_bytes(process: int) -> int:
    """Memory that the process shares with no file; forks share the rest in equal parts."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss_Anon:\s+(\d+) kB", rollup, re.M)
    return int(found[1]) * 1024 if found else 0


def _ids(outside: set[int]) -> list[str]:
    """The ids of processes inside their container."""
    files = [Path(f"/proc/{process}/status") for process in outside]
    statuses = [file.read_text(encoding="utf-8") for file in files if file.exists()]
    return [text.split("NSpid:")[1].splitlines()[0].split()[-1] for text in statuses]
