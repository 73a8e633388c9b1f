"""How costs grow with the rows of the database and the files of the page."""

from __future__ import annotations

import subprocess

from tests.bench import controls, wrk
from tests.bench.reverse_proxy import PRODUCT
from tests.bench.rounds import interleaved
from tests.bench.row import Row
from tests.bench.testbed import Testbed
from tests.bench.timing import LIMIT
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


def events(testbed: Testbed) -> list[Row]:
    """Pages of the history and a change that adds to it, at growing sizes of the history."""
    rows = []
    # A full page of a rare kind at the oldest end: a search from the newest finds it last.
    _sql(testbed, INSERT.format(days=30, kind="lockout", count=PAGE))
    for size in EVENTS:
        there = int(_sql(testbed, "SELECT count(*) FROM alarm_event WHERE source = 'bench'"))
        _sql(testbed, INSERT.format(days=0, kind="sensor", count=size - there))
        for name, path in PAGES.items():
            rows.append(_asked(testbed, name, path, size))
        rows.append(_asked(testbed, "a page far back", _far_back(testbed), size))
        rows.append(_changed(testbed, size))
    return rows


def _asked(testbed: Testbed, name: str, path: str, size: int) -> Row:
    """Compared with the alarm's state, which reads no event: the machine's current speed."""
    entries = testbed.panel.get(path).json()["results"]
    assert len(entries) == PAGE, f"{path} has {len(entries)}, which is no full page"

    def median(of: str) -> float:
        return 1000 * wrk.run(testbed.pid, Load(PRODUCT + of, (testbed.cookie,), 1, 1), 1).p50

    taken = interleaved(testbed.rounds, page=lambda: median(path), state=lambda: median(STATE))
    words = "the alarm's state, which reads none"
    return Row(f"{name}, by events: {size:,}", "ms", taken["page"], words, taken["state"])


def _far_back(testbed: Testbed) -> str:
    at = _sql(
        testbed,
        "SELECT to_char(min(at) + '2 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM alarm_event",
    )
    return f"/api/events/?until={at}"


def _changed(testbed: Testbed, size: int) -> Row:
    def change() -> float:
        answer = testbed.panel.arm("home")
        answer.raise_for_status()
        testbed.panel.disarm()
        return 1000 * answer.elapsed.total_seconds()

    def state() -> float:
        return 1000 * testbed.panel.get(STATE).elapsed.total_seconds()

    taken = interleaved(testbed.rounds, change=change, state=state)
    name = f"a change of state, by events: {size:,}"
    return Row(name, "ms", taken["change"], "the alarm's state", taken["state"])


def _sql(testbed: Testbed, statement: str) -> str:
    psql = ["psql", "--username=alarm", "--dbname=alarm_db", "--quiet", "--tuples-only"]
    argv = ["docker", "exec", "--interactive", str(testbed.db.id), *psql, "--no-align"]
    done = subprocess.run(
        argv, input=statement, capture_output=True, text=True, check=True, timeout=LIMIT
    )
    return done.stdout.strip()


def assets(testbed: Testbed) -> list[Row]:
    """A file among few and among many, with the product's configuration."""
    folder = f"{controls.FOLDER}/many"
    path = controls.write_product_conf(testbed.app, MANY_FILES, folder)
    controls.shell(testbed.app, f"mkdir -p {folder}/assets")
    rows = []
    command = f"nginx -c {path} -g 'daemon off;'"
    for size in FILES:
        write = (
            f"cd {folder}/assets; for n in $(seq 0 {size - 1}); do echo {'x' * 900} > $n.js; done"
        )
        controls.shell(testbed.app, write)
        load = Load(f"http://127.0.0.1:{MANY_FILES}/assets/", (), 8, 1, files=size)
        with controls.program(testbed.app, command, MANY_FILES):
            taken = [1000 * wrk.run(testbed.pid, load, 1).p50 for _ in range(testbed.rounds)]
        rows.append(Row(f"an asset, by assets: {size:,}", "ms", taken))
    return rows
