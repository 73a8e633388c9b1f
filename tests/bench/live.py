"""WebSockets: how many are held at what cost, and how soon all of them know of a change."""

from __future__ import annotations

import re
import shlex
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from stack.waiting import wait_until
from tests.bench import beside, starting
from tests.bench.front import PRODUCT
from tests.bench.held import Held, sockets
from tests.bench.memory import used
from tests.bench.row import Row, above, at_most, below
from tests.bench.stand import Stand
from tests.bench.wrk import Load
from tests.smoke.panel import Panel

SOCKETS = "ws://127.0.0.1:80/ws/alarm/"
MANY = 10_000
SIZES = (100, 500, 2_000, 5_000)
JUDGED = 2_000
"""The size whose p99 has a budget."""

IN_MEMORY = 9121
SETTINGS = """\
from config.settings import *
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
"""

CALM = Load(PRODUCT + "/api/alarm/state/", (), 4, 1, 50)
CALM_SECONDS = 10
"""Some 600 answers: of fewer, the slowest hundredth is chance."""


def held(stand: Stand) -> list[Row]:
    """Idle sockets in one container; what the API is like meanwhile."""
    calm = replace(CALM, headers=(stand.cookie,))
    starting.restart(stand)  # memory that was taken for other sockets would be taken again
    before_bytes = used(stand.app)
    before = [stand.load(calm, CALM_SECONDS) for _ in range(stand.rounds)]
    with sockets(stand, SOCKETS, MANY) as (_held, opened):
        during_bytes = used(stand.app)
        during = [stand.load(calm, CALM_SECONDS) for _ in range(stand.rounds)]
        still = _held.ask("count")["held"]
    wait_until("the sockets' end", lambda: _open_files(stand) < 1000, seconds=60, every=1)
    # Before and after them: in the minutes between, the machine may have become another.
    after = [stand.load(calm, CALM_SECONDS) for _ in range(stand.rounds)]
    each = (during_bytes - before_bytes) / max(1, opened["held"]) / 1024
    limit = ", ".join(f"{most:,} by {what}" for what, most in _limits(stand, each).items())
    note = f"opened in {opened['seconds']:.0f} s {''.join(opened['failed'])}"
    p99 = [1000 * result.p99 for result in during]
    calm_p99 = [500 * (one.p99 + other.p99) for one, other in zip(before, after, strict=True)]
    words = "before and after there were sockets, their mean"
    return [
        Row("WebSockets held", "", [still], limit, [], above(MANY, ""), note),
        Row("memory of each", "KiB", [each]),
        Row("API p99 with them", "ms", p99, words, calm_p99, at_most(1.5)),
    ]


def _open_files(stand: Stand) -> int:
    return int(beside.shell(stand.app, "ls /proc/[0-9]*/fd 2>/dev/null | wc -l"))


@contextmanager
def _in_memory(stand: Stand) -> Iterator[Panel]:
    """One process of the same app whose broadcast never leaves it: Channels' in-memory layer."""
    beside.shell(
        stand.app, f"mkdir -p {beside.FOLDER}; cat > {beside.FOLDER}/alone.py", SETTINGS.encode()
    )
    serve = f"daphne --bind 0.0.0.0 --port {IN_MEMORY} --access-log /dev/null $ASGI_APPLICATION"
    variables = f"PYTHONPATH={beside.FOLDER} DJANGO_SETTINGS_MODULE=alone"
    command = f"env {variables} bash -c {shlex.quote('exec ' + serve)}"
    networks = stand.app.attrs["NetworkSettings"]["Networks"].values()
    address = next(iter(networks))["IPAddress"]
    with beside.program(stand.app, command, IN_MEMORY):
        panel = Panel(f"http://{address}:{IN_MEMORY}", seconds=60)
        panel.http.cookies.set("sessionid", stand.panel.http.cookies["sessionid"])
        yield panel


def _limits(stand: Stand, kib_each: float) -> dict[str, int]:
    """How many sockets Nginx's settings, open files and memory allow, the fewest first."""
    conf = beside.shell(stand.app, "cat /etc/nginx/nginx.conf")
    workers = int(_setting(conf, "worker_processes"))
    files = int(beside.shell(stand.app, "ulimit -Hn"))
    memory = int(stand.app.attrs["HostConfig"]["Memory"])
    found = {
        "limit_conn": int(_setting(conf, "limit_conn sockets")),
        # A socket is two connections, and two open files, of a worker.
        "worker_connections": workers * int(_setting(conf, "worker_connections")) // 2,
        "open files": workers * files // 2,
        "memory": round(memory / 1024 / max(kib_each, 0.1)),
    }
    return dict(sorted(found.items(), key=lambda each: each[1]))


def _setting(conf: str, name: str) -> str:
    found = re.search(rf"^\s*{name} (\d+);", conf, re.MULTILINE)
    assert found, f"nginx.conf has no {name}"
    return found[1]


def fan_out(stand: Stand) -> list[Row]:
    """From the POST of a change to the frame of each socket, through all processes."""
    rows = []
    panel = stand.panel
    for size in SIZES:
        with sockets(stand, SOCKETS, size) as (held, opened):
            assert opened["held"] == size, opened
            taken = [_spread(panel, held, size) for _ in range(stand.rounds)]
        name = f"a change, from the POST to 99 % of the sockets: {size:,}"
        rows.append(Row(name, "ms", taken, note=f"opened in {opened['seconds']:.0f} s"))
    url = f"ws://127.0.0.1:{IN_MEMORY}/ws/alarm/"
    with _in_memory(stand) as alone, sockets(stand, url, JUDGED) as (held, opened):
        assert opened["held"] == JUDGED, opened
        limits = [_spread(alone, held, JUDGED) for _ in range(stand.rounds)]
    judged = next(row for row in rows if row.name.endswith(f": {JUDGED:,}"))
    judged.limit, judged.limits = "one process, in memory", limits
    judged.budget = below(500, "ms")
    return rows


def _spread(panel: Panel, held: Held, size: int) -> float:
    """The 99th percentile, in ms, of a change's way from the request to `size` sockets."""
    started = time.monotonic()
    answer = panel.arm("home")
    assert answer.status_code == 200, answer.text
    arrived = held.ask(f"wait {answer.json()['sequence']}")
    assert len(arrived["at"]) == size, f"{arrived['held']} of {size} sockets are left"
    panel.disarm()
    held.ask(f"wait {panel.get('/api/alarm/state/').json()['sequence']}")
    ways = [1000 * (at - started) for at in arrived["at"]]
    return float(statistics.quantiles(ways, n=100)[98])
