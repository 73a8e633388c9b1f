"""The load by itself: what this machine carries."""

from __future__ import annotations

import time

from stack.core.polling import wait_until
from tests.cluster.load.scenario import Scenarios, assert_kept, judge

SECONDS = 30
LEAST_RATE = 0.9
"""Of the wanted one: clients that wait for their answers send fewer."""


def test_nothing_is_lost_without_a_fault(scenarios: Scenarios) -> None:
    with scenarios.during("nothing") as calm:
        until = time.monotonic() + SECONDS
        wait_until("the time", lambda: time.monotonic() > until, seconds=SECONDS + 1)
    row = calm.row
    missed = judge(calm, failed=(row.failed[1], 0), sockets_lost=(row.lost[1], 0))
    assert_kept(row)
    assert not missed, (row.failures, row.reasons)
    assert row.rate >= LEAST_RATE * scenarios.size.requests
