"""All nodes lose their power at once, and boot, while many clients ask."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.cluster.conftest import Tell
from tests.cluster.load.scenario import Scenarios, assert_kept, judge
from tests.cluster.nodes import Node, Nodes

SERVED_WITHIN = 240
"""Seconds; the engines start beside each other on two cores."""


def test_everything_is_restarted_at_once(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    with scenarios.during("all nodes are restarted at once") as during:
        during.load.arming.wait_until_in_delay(2)
        began = time.monotonic()
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Node.kill, nodes.all))
            list(at_once.map(Node.start, nodes.all))
        tell(f"the engines answer after {time.monotonic() - began:.0f} s")
        during.load.wait_until_served(time.monotonic(), SERVED_WITHIN)
        tell(f"all are served after {time.monotonic() - began:.0f} s")
    judge(during)
    assert_kept(during.row)
    nodes.wait_until_whole()
