"""Another version, and back, while many clients are served."""

from __future__ import annotations

import time

from tests.cluster.conftest import Tell
from tests.cluster.load.scenario import (
    Scenario,
    Scenarios,
    assert_kept,
    assert_none_missing,
    judge,
)
from tests.cluster.nodes import Nodes

AFTER = 60
"""Seconds until all are served again."""


def _replace(during: Scenario, nodes: Nodes, verb: str) -> str:
    """Let the verb replace all replicas; what it says, and how long it took."""
    began = time.monotonic()
    said = nodes.inv(verb).strip().splitlines()
    took = time.monotonic() - began
    during.load.wait_until_served(time.monotonic(), AFTER)
    (result,) = (line for line in said if "cluster runs" in line)
    return f"{took:.0f} s: {result}"


def test_an_upgrade_fails_no_request(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    nodes.first.nested.run("echo '# Another version.' >> backend/manage.py")
    # So that the build does not take the processors from what is measured.
    nodes.inv("cluster.build")
    # The smoke checks of the upgrade arm the alarm, so no other client can.
    with scenarios.during("`inv cluster.upgrade`", arms=False) as during:
        tell(_replace(during, nodes, "cluster.upgrade"))
    missed = judge(during, failed=(during.row.failed[1], 0))
    assert_none_missing(during.row)
    assert not missed, during.row.failures


def test_a_rollback_fails_no_request(nodes: Nodes, scenarios: Scenarios, tell: Tell) -> None:
    # In between, the number of replicas is changed, which Swarm would take back.
    nodes.inv("cluster.scale", "app=4")
    nodes.inv("cluster.scale", "app=3")
    with scenarios.during("`inv cluster.rollback`") as during:
        tell(_replace(during, nodes, "cluster.rollback"))
    missed = judge(during, failed=(during.row.failed[1], 0))
    assert_kept(during.row)
    assert not missed, during.row.failures
    # The version that was left is not taken for the one that serves.
    assert "cluster runs" in nodes.inv("cluster.upgrade")
    nodes.wait_until_whole()
