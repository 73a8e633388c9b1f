"""Another version, and back, while many clients are served."""

from __future__ import annotations

import time

import pytest

from tests.cluster.conftest import Tell
from tests.cluster.load.scenario import Scenario, Scenarios, assert_kept, judge
from tests.cluster.nodes import Nodes

AFTER = 60
"""Seconds until all are served again."""


def _judge(scenario: Scenario) -> None:
    missed = judge(scenario, failed=(scenario.row.failed[1], 0))
    assert_kept(scenario.row)
    assert not missed, scenario.row.failures


@pytest.mark.parametrize("verb", ["upgrade", "rollback"])
def test_a_version_is_replaced_without_a_failed_request(
    nodes: Nodes, scenarios: Scenarios, tell: Tell, verb: str
) -> None:
    if verb == "upgrade":
        nodes.first.nested.run("echo '# Another version.' >> backend/manage.py")
    # So that the build does not take the processors from what is measured.
    nodes.inv("cluster.build")
    with scenarios.during(f"`inv cluster.{verb}`") as during:
        began = time.monotonic()
        nodes.inv(f"cluster.{verb}")
        tell(f"{time.monotonic() - began:.0f} s")
        during.load.wait_until_served(time.monotonic(), AFTER)
    _judge(during)
