"""WebSockets: the cost of many, and the time until all have a change."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace

from stack.core.polling import wait_until
from tests.bench import controls, starting
from tests.bench.held_sockets import HeldSockets, sockets
from tests.bench.memory import used
from tests.bench.reverse_proxy import PRODUCT
from tests.bench.rounds import interleaved
from tests.bench.row import Row, above, at_most, below
from tests.bench.testbed import Testbed
from tests.bench.wrk import Load

PROXY = 80
MANY = 10_000
SIZES = (100, 500, 2_000, 5_000)
JUDGED = 2_000
"""The size whose p99 has a budget."""

IN_MEMORY = 9121
SETTINGS = """\
from config.settings import *
CHANNEL_LAYERS = {"default": {"BACKEND": "in_memory.Layer"}}
"""
LAYER = """\
import asyncio, json
from django.db import transaction
from broadcast.postgres import PostgresChannelLayer

class Layer(PostgresChannelLayer):
    async def group_add(self, group, channel):
        self._loop = asyncio.get_running_loop()
        self.groups.setdefault(group, set()).add(channel)

    def publish(self, group, message):
        payload = json.dumps({"group": group, "message": message})
        transaction.on_commit(lambda: self._loop.call_soon_threadsafe(self._deliver, payload))
"""
"""The product's layer, but messages stay within the process."""

OPEN_SESSIONS = """\
import datetime as dt
from people import sessions
from django.db import transaction
from people.models import Person
admin = Person.objects.get()
with transaction.atomic():
    keys = [sessions.open_for(admin, dt.timedelta(hours=1)) for _ in range({count})]
print(*keys)
"""

CALM = Load(PRODUCT + "/api/alarm/state/", (), 4, 1, 50)
CALM_SECONDS = 10
"""Some 600 answers: with fewer, the 99th percentile is chance."""


def held(testbed: Testbed) -> list[Row]:
    """Idle sockets in one container, and the API's latency meanwhile."""
    calm = replace(CALM, headers=(testbed.cookie,))
    starting.restart(testbed)  # else the sockets reuse memory of earlier ones
    testbed.load(calm, CALM_SECONDS)
    before_bytes = used(testbed.app)
    before = [testbed.load(calm, CALM_SECONDS) for _ in range(testbed.rounds)]
    with sockets(testbed, PROXY, MANY, _sessions(testbed)) as (many, opened):
        during_bytes = used(testbed.app)
        during = [testbed.load(calm, CALM_SECONDS) for _ in range(testbed.rounds)]
        still = many.ask("count")["held"]
    wait_until("the sockets' end", lambda: _open_files(testbed) < 1000, seconds=60, every=1)
    # Before and after, because the machine's speed may change within minutes.
    after = [testbed.load(calm, CALM_SECONDS) for _ in range(testbed.rounds)]
    each = (during_bytes - before_bytes) / max(1, opened["held"]) / 1024
    limit = ", ".join(f"{most:,} by {what}" for what, most in _limits(testbed, each).items())
    note = f"opened in {opened['seconds']:.0f} s {''.join(opened['failed'])}"
    p99 = [1000 * result.p99 for result in during]
    calm_p99 = [500 * (one.p99 + other.p99) for one, other in zip(before, after, strict=True)]
    slowest = [1000 * result.slowest for result in during]
    calm_slowest = [500 * (a.slowest + b.slowest) for a, b in zip(before, after, strict=True)]
    words = "before and after there were sockets, their mean"
    return [
        Row("WebSockets held", "", [still], limit, [], above(MANY, ""), note),
        Row("memory of each", "KiB", [each]),
        Row("API p99 with them", "ms", p99, words, calm_p99, at_most(2)),
        Row("API's slowest answer with them", "ms", slowest, words, calm_slowest),
    ]


def _open_files(testbed: Testbed) -> int:
    return int(controls.shell(testbed.app, "ls /proc/[0-9]*/fd 2>/dev/null | wc -l"))


def _sessions(testbed: Testbed) -> list[str]:
    """A session of the same user for each socket, as each browser has its own."""
    script = OPEN_SESSIONS.format(count=MANY).encode()
    return controls.shell(testbed.app, "python manage.py shell", script).splitlines()[-1].split()


def _limits(testbed: Testbed, kib_each: float) -> dict[str, int]:
    """The number of sockets that Nginx, open files and memory allow, the lowest first."""
    conf = controls.shell(testbed.app, "cat /etc/nginx/nginx.conf")
    workers = int(_setting(conf, "worker_processes"))
    files = int(controls.shell(testbed.app, "ulimit -Hn"))
    memory = int(testbed.app.attrs["HostConfig"]["Memory"])
    found = {
        "limit_conn": int(_setting(conf, "limit_conn sockets")),
        # A socket takes two connections and two open files of a worker.
        "worker_connections": workers * int(_setting(conf, "worker_connections")) // 2,
        "open files": workers * files // 2,
        "memory": round(memory / 1024 / max(kib_each, 0.1)),
    }
    return dict(sorted(found.items(), key=lambda each: each[1]))


def _setting(conf: str, name: str) -> str:
    found = re.search(rf"^\s*{name} (\d+);", conf, re.MULTILINE)
    assert found, f"nginx.conf has no {name}"
    return found[1]


def fan_out(testbed: Testbed) -> list[Row]:
    """From the POST of a change to each socket's frame: all processes, and one in memory."""
    folder = controls.FOLDER
    for name, text in (("alone", SETTINGS), ("in_memory", LAYER)):
        write = f"mkdir -p {folder}; cat > {folder}/{name}.py"
        controls.shell(testbed.app, write, text.encode())
    variables = f"PYTHONPATH={folder} DJANGO_SETTINGS_MODULE=alone"
    with controls.daphne(testbed.app, IN_MEMORY, variables):
        return [_fan_out(testbed, size) for size in SIZES]


def _fan_out(testbed: Testbed, size: int) -> Row:
    with (
        sockets(testbed, PROXY, size) as (product, opened),
        sockets(testbed, IN_MEMORY, size) as (alone, opened_alone),
    ):
        assert opened["held"] == opened_alone["held"] == size, (opened, opened_alone)
        taken = interleaved(
            testbed.rounds,
            product=lambda: _spread(product, size),
            alone=lambda: _spread(alone, size),
        )
    name = f"a change, from the POST to 99 % of the sockets: {size:,}"
    words = "one process, in memory"
    budget = below(500, "ms") if size == JUDGED else None
    note = f"opened in {opened['seconds']:.0f} s"
    return Row(name, "ms", taken["product"], words, taken["alone"], budget, note)


def _spread(held: HeldSockets, size: int) -> float:
    """The 99th percentile, in ms, of a change's way from the request to `size` sockets."""
    # These sockets missed the other side's changes, and read them with the first of their own.
    for _ in range(2):
        found = held.ask("change")
        assert len(found["seconds"]) == size, f"{found['held']} of {size} sockets are left"
    return 1000 * float(statistics.quantiles(found["seconds"], n=100)[98])
