"""How costs grow with what the database and the page hold."""

from __future__ import annotations

import subprocess

from tests.bench import beside, wrk
from tests.bench.front import PRODUCT
from tests.bench.rounds import interleaved
from tests.bench.row import Row
from tests.bench.stand import Stand
from tests.bench.timed import LIMIT
from tests.bench.wrk import Load

EVENTS = (10**3, 10**5, 10**6)
FILES = (10, 1_000, 10_000)
MANY_FILES = 9161

INSERT = """
INSERT INTO alarm_event (at, kind, from_state, to_state, cause, person_name, sensor_id, sensor_name,
                         source, detail)
SELECT now() - interval '{days} days' - (number || ' seconds')::interval,
       '{kind}', '', '', 'sensor', '', number % 20, 'Sensor', 'bench', ''
FROM generate_series(1, {count}) AS number;
ANALYZE alarm_event;
"""

PAGE = 50
STATE = "/api/alarm/state/"

PAGES = {
    "newest page of events": "/api/events/",
    "newest page of a rare kind": "/api/events/?kind=lockout",
    "newest page of a sensor": "/api/events/?sensor=7",
}


def events(stand: Stand) -> list[Row]:
    """Pages of the history, and a change that adds to it, with more and more of it there."""
    rows = []
    # A full page of a rare kind, the oldest: a search from the newest comes to it last.
    _sql(stand, INSERT.format(days=30, kind="lockout", count=PAGE))
    for size in EVENTS:
        there = int(_sql(stand, "SELECT count(*) FROM alarm_event WHERE source = 'bench'"))
        _sql(stand, INSERT.format(days=0, kind="sensor", count=size - there))
        for name, path in PAGES.items():
            rows.append(_asked(stand, name, path, size))
        rows.append(_asked(stand, "a page far back", _far_back(stand), size))
        rows.append(_changed(stand, size))
    return rows


def _asked(stand: Stand, name: str, path: str, size: int) -> Row:
    """Beside the alarm's state, which reads no event: how quick the machine is just now."""
    entries = stand.panel.get(path).json()["results"]
    assert len(entries) == PAGE, f"{path} has {len(entries)}, which is no full page"

    def median(of: str) -> float:
        return 1000 * wrk.run(stand.pid, Load(PRODUCT + of, (stand.cookie,), 1, 1), 1).p50

    taken = interleaved(stand.rounds, page=lambda: median(path), state=lambda: median(STATE))
    words = "the alarm's state, which reads none"
    return Row(f"{name}, by events: {size:,}", "ms", taken["page"], words, taken["state"])


def _far_back(stand: Stand) -> str:
    at = _sql(
        stand,
        "SELECT to_char(min(at) + '2 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM alarm_event",
    )
    return f"/api/events/?until={at}"


def _changed(stand: Stand, size: int) -> Row:
    def change() -> float:
        answer = stand.panel.arm("home")
        answer.raise_for_status()
        stand.panel.disarm()
        return 1000 * answer.elapsed.total_seconds()

    def state() -> float:
        return 1000 * stand.panel.get(STATE).elapsed.total_seconds()

    taken = interleaved(stand.rounds, change=change, state=state)
    name = f"a change of state, by events: {size:,}"
    return Row(name, "ms", taken["change"], "the alarm's state", taken["state"])


def _sql(stand: Stand, statement: str) -> str:
    psql = ["psql", "--username=alarm", "--dbname=alarm_db", "--quiet", "--tuples-only"]
    argv = ["docker", "exec", "--interactive", str(stand.db.id), *psql, "--no-align"]
    done = subprocess.run(
        argv, input=statement, capture_output=True, text=True, check=True, timeout=LIMIT
    )
    return done.stdout.strip()


def assets(stand: Stand) -> list[Row]:
    """One file of few and of many, by the product's own configuration."""
    folder = f"{beside.FOLDER}/many"
    path = beside.write_product_conf(stand.app, MANY_FILES, folder)
    beside.shell(stand.app, f"mkdir -p {folder}/assets")
    rows = []
    command = f"nginx -c {path} -g 'daemon off;'"
    for size in FILES:
        write = (
            f"cd {folder}/assets; for n in $(seq 0 {size - 1}); do echo {'x' * 900} > $n.js; done"
        )
        beside.shell(stand.app, write)
        load = Load(f"http://127.0.0.1:{MANY_FILES}/assets/", (), 8, 1, files=size)
        with beside.program(stand.app, command, MANY_FILES):
            taken = [1000 * wrk.run(stand.pid, load, 1).p50 for _ in range(stand.rounds)]
        rows.append(Row(f"an asset, by assets: {size:,}", "ms", taken))
    return rows
