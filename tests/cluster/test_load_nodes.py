"""A node is drained, lost, cut off, or has a full disk, while many clients are served."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.conftest import Tell
from tests.cluster.leading import (
    let_another_lead,
    moment,
    wait_for_another_leader,
    wait_until_elsewhere,
)
from tests.cluster.load.scenario import Scenarios, assert_kept, judge
from tests.cluster.nodes import NAMES, Nodes

LEADS_WITHIN = 10
"""Seconds until another worker leads, also on a slow machine."""

LOST_GOAL = 5
"""Seconds for which a lost node may be noticed by its clients."""

CUT_SECONDS = 30
FULL_SECONDS = 30
BOOT_SECONDS = 180
"""Seconds in which a node that was lost has booted and serves, with the load beside it."""


def test_a_drained_node(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    node = nodes.all[2]
    # Its Traefik stops as well: its own clients are not served until it is used again.
    with scenarios.during("a node is drained, and used again", node) as during:
        began = time.monotonic()
        nodes.inv("cluster.drain", node.name)
        tell(f"empty after {time.monotonic() - began:.0f} s")
        drained = nodes_.replicas(nodes.wait_until_whole())
        nodes.inv("cluster.drain", node.name, "--undo")
        nodes.inv("cluster.scale", "app=3")
        during.load.wait_until_served(time.monotonic(), BOOT_SECONDS)
    row = during.row
    judge(during, failed_of_others=(row.failed[1], 0))
    assert_kept(row)
    assert not row.failed[1], row.failures
    assert node.name not in drained
    assert sum(drained.values()) == len(NAMES)


def test_a_lost_node_with_the_leader_on_it(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    lost = let_another_lead(nodes)
    session = nodes.leaders_session()
    with scenarios.during("a node is lost, the leader on it, and comes back", lost) as during:
        during.load.arming.wait_until_in_delay(2)
        began = time.monotonic()
        lost.kill()
        wait_for_another_leader(nodes, session)
        led = time.monotonic() - began
        during.row.leads = f"another after {led:.1f}"
        wait_until_elsewhere(nodes, lost)
        tell(f"three replicas run on the two others after {time.monotonic() - began:.0f} s")
        again = time.monotonic()
        lost.start()
        during.load.wait_until_served(again, BOOT_SECONDS)
        tell(f"all its clients are served {time.monotonic() - again:.0f} s after its start")
    row = during.row
    judge(
        during,
        wait_of_those_who_go_elsewhere=(row.roaming, LOST_GOAL),
        wait_of_others=(row.wait[1], LOST_GOAL),
        failed_of_others=(row.failed[1], 0),
        sockets_of_others=(row.back[1], LOST_GOAL),
        timer=(row.late, LOST_GOAL),
    )
    assert_kept(row)
    assert led <= LEADS_WITHIN


def test_a_node_that_is_cut_off(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    cut = let_another_lead(nodes)
    session = nodes.leaders_session()
    with scenarios.during(
        f"a node is cut off for {CUT_SECONDS} s, the leader on it", cut
    ) as during:
        during.load.arming.wait_until_in_delay(2)
        began, cut_at = time.monotonic(), datetime.now(UTC)
        with cut.cut_off():
            wait_for_another_leader(nodes, session)
            given_up = moment(cut, "The worker waits for the database", since=cut_at)
            over = began + CUT_SECONDS
            wait_until("the cut's end", lambda: time.monotonic() > over, seconds=CUT_SECONDS)
        again = time.monotonic()
        during.load.wait_until_served(again, BOOT_SECONDS)
        tell(f"all its clients are served {time.monotonic() - again:.0f} s after the cut's end")
        leads = nodes.named(nodes_.leader(nodes.wait_until_whole()))
    taken = moment(leads, "This worker leads.", since=cut_at)
    row = during.row
    ended, begun = ((one - cut_at).total_seconds() for one in (given_up, taken))
    row.leads = f"given up after {ended:.1f}, taken after {begun:.1f}"
    judge(
        during,
        wait_of_others=(row.wait[1], LOST_GOAL),
        failed_of_others=(row.failed[1], 0),
        both_lead=(max(0.0, ended - begun), 0),
        timer=(row.late, LOST_GOAL),
    )
    assert_kept(row)
    assert leads is not cut
    assert ended <= begun <= LEADS_WITHIN


def test_a_node_with_a_full_disk(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    full = nodes.all[2]
    with scenarios.during(f"a node's disk is full for {FULL_SECONDS} s", full) as during:
        with full.full_disk():
            over = time.monotonic() + FULL_SECONDS
            wait_until("the time", lambda: time.monotonic() > over, seconds=FULL_SECONDS + 1)
        during.load.wait_until_served(time.monotonic(), BOOT_SECONDS)
    row = during.row
    judge(during, failed_of_others=(row.failed[1], 0), wait_of_others=(row.wait[1], LOST_GOAL))
    assert_kept(row)
    assert not row.failed[1], row.failures
