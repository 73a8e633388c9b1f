"""The API through Nginx and all Daphnes, compared with Daphnes that are asked directly."""

from __future__ import annotations

import statistics

from tests.bench import controls, wrk
from tests.bench.reverse_proxy import PRODUCT, rates
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_least, at_most_more
from tests.bench.testbed import Testbed
from tests.bench.wrk import Load

PATHS = {"live": "/api/health/live/", "state": "/api/alarm/state/"}
DIRECT = (9111, 9112)
OLD_PORT = 9113
OLD_PROXY = (
    f"location / {{ proxy_pass http://127.0.0.1:{DIRECT[0]}; proxy_set_header Host $host; }}"
)
"""The first draft's configuration: HTTP/1.0, a connection for each request, one Daphne."""

CALM_CONNECTIONS = 4
CALM_SECONDS = 6
"""At least some 500 answers: with fewer, the 99th percentile is chance."""


def throughput(testbed: Testbed) -> list[Row]:
    """Requests at full load, of a path without a database query and of one with."""
    rows = []
    with (
        controls.daphnes(testbed.app, *DIRECT),
        controls.nginx(testbed.app, OLD_PORT, OLD_PROXY),
    ):
        for name, path in PATHS.items():
            rows += _throughput_of(testbed, name, path)
    return rows


def _throughput_of(testbed: Testbed, name: str, path: str) -> list[Row]:
    headers = (testbed.cookie,)
    direct = [Load(f"http://127.0.0.1:{port}{path}", headers, 16, 1) for port in DIRECT]
    taken = interleaved(
        testbed.rounds,
        product=lambda: testbed.load(Load(PRODUCT + path, headers)).rate,
        direct=lambda: sum(rates(wrk.together(testbed.pid, direct))),
        old=lambda: testbed.load(Load(f"http://127.0.0.1:{OLD_PORT}{path}", headers)).rate,
    )
    against = {"direct": ("two Daphnes, direct, summed", 0.8), "old": ("one, HTTP/1.0", 1.5)}
    return [
        Row(f"GET {path}", "requests/s", taken["product"], words, taken[side], at_least(ratio))
        for side, (words, ratio) in against.items()
    ]


def latency(testbed: Testbed) -> list[Row]:
    """Median and p99 at a quarter of the full load."""
    rows = []
    with controls.daphnes(testbed.app, *DIRECT):
        for path in PATHS.values():
            rows += _latency_of(testbed, path)
    return rows


def _latency_of(testbed: Testbed, path: str) -> list[Row]:
    headers = (testbed.cookie,)
    full = testbed.load(Load(PRODUCT + path, headers)).rate
    every = CALM_CONNECTIONS / (full / 4)  # seconds, from one request of a connection to its next

    def calm(url: str, connections: int, answer: float) -> Load:
        return Load(url, headers, connections, 1, round(1000 * (every - answer)))

    answer = testbed.load(calm(PRODUCT + path, CALM_CONNECTIONS, 0)).p50
    product = calm(PRODUCT + path, CALM_CONNECTIONS, answer)
    half = CALM_CONNECTIONS // 2
    direct = [calm(f"http://127.0.0.1:{port}{path}", half, answer) for port in DIRECT]
    taken = interleaved(
        testbed.rounds,
        product=lambda: [testbed.load(product, CALM_SECONDS)],
        direct=lambda: wrk.together(testbed.pid, direct, CALM_SECONDS),
    )
    share = statistics.median(found[0].rate for found in taken["product"]) / full
    assert 0.15 < share < 0.35, f"{path} was asked for at {share:.0%} of what there can be"

    def ms(side: str, what: str) -> list[float]:
        return [sum(getattr(r, what) for r in found) / len(found) * 1000 for found in taken[side]]

    words = "two Daphnes, direct"
    name = f"GET {path} at a quarter of that"
    note = f"at {share:.0%}"
    budget = at_most_more(1, "ms")
    return [
        Row(
            f"{name}, median", "ms", ms("product", "p50"), words, ms("direct", "p50"), budget, note
        ),
        Row(f"{name}, p99", "ms", ms("product", "p99"), words, ms("direct", "p99")),
    ]
