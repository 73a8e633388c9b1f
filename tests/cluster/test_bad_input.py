"""Too much is asked, the registry is away, most managers are away: two lines, and all is kept."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.conftest import Tell
from tests.cluster.load.scenario import Scenarios, assert_kept, assert_none_missing, judge
from tests.cluster.nodes import Node, Nodes
from tests.engines.nested import CommandFailed
from tests.support.panel import Panel

SAID = "/cache/person/said"
REGISTRY_PORT = 5000
AWAY = f"OUTPUT --protocol tcp --dport {REGISTRY_PORT} --jump REJECT --reject-with tcp-reset"
NO_QUORUM = "Most managers of the swarm are away"
WITHOUT_QUORUM = (("cluster.scale", "app=2"), ("cluster.upgrade",), ("cluster.drain", "node2"))
NOTICED_WITHIN = 60
"""Seconds until a manager knows that most others are away."""
BOOT_SECONDS = 180


def refused(nodes: Nodes, *words: str) -> list[str]:
    """The two lines with which `inv` ends."""
    with pytest.raises(CommandFailed) as failed:
        nodes.inv(*words)
    assert "Traceback" not in str(failed.value)
    what, remedy = str(failed.value).splitlines()[-2:]
    assert what.startswith("✗ "), str(failed.value)
    assert remedy.startswith("  → "), str(failed.value)
    return [what, remedy]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("cluster.scale", "app=100"), "is not a service and a number"),
        (("cluster.scale", "db=3"), "cannot have several replicas"),
        (("cluster.scale", "app=99"), "which is enough for 8 replicas"),
        (("cluster", "--ha"), "are in one node's db; three nodes"),
        (("cluster.drain", "node9"), "There is no node node9"),
        (("cluster.drain", "node1"), "has the files of"),
    ],
)
def test_what_cannot_be_done_is_refused(
    nodes: Nodes, panels: list[Panel], words: tuple[str, ...], what: str
) -> None:
    before = nodes_.replicas(nodes.wait_until_whole())
    assert what in refused(nodes, *words)[0]
    assert nodes_.replicas(nodes.wait_until_whole()) == before
    assert panels[0].state() == "disarmed"


def test_a_registry_that_goes_away_in_the_middle(
    nodes: Nodes, scenarios: Scenarios, tell: Tell
) -> None:
    before = nodes.wait_until_whole()["replicas"]
    nodes.first.nested.run("echo '# Not to be had from the registry.' >> backend/manage.py")
    command = f".venv/bin/inv cluster.upgrade > {SAID} 2>&1"
    name = "`inv cluster.upgrade`, whose registry goes away"
    with scenarios.during(name, arms=False) as during, ThreadPoolExecutor(1) as beside:
        upgrade = beside.submit(nodes.first.nested.run, command)
        wait_until("the app to be pushed", lambda: _is_pushed(nodes), seconds=300, every=0.1)
        nodes.first.root(f"iptables --wait --insert {AWAY}")
        try:
            assert isinstance(upgrade.exception(), CommandFailed)
        finally:
            nodes.first.root(f"iptables --wait --delete {AWAY}")
        during.load.wait_until_served(time.monotonic(), 30)
    said = nodes.first.nested.run(f"cat {SAID}")
    what, remedy = said.splitlines()[-2:]
    tell(what)
    assert re.fullmatch(
        r"✗ Rolled back: the registry at \S+ does not answer; what runs goes on.*", what
    ), said
    assert remedy.startswith("  → ")
    assert "Traceback" not in said
    missed = judge(during, failed=(during.row.failed[1], 0))
    assert_none_missing(during.row)
    assert not missed, during.row.failures
    after = nodes.wait_until_whole()["replicas"]
    assert [_place(row) for row in after] == [_place(row) for row in before]
    # With the registry back, the same command does it.
    nodes.inv("cluster.upgrade")
    nodes.wait_until_whole()


def _is_pushed(nodes: Nodes) -> bool:
    with suppress(CommandFailed):
        return bool(nodes.first.nested.run(f"grep 'Putting .*app.* into the registry' {SAID}"))
    return False


def _place(row: dict[str, object]) -> tuple[object, ...]:
    return row["service"], row["node"], row["version"]


def test_without_most_managers_what_runs_goes_on_and_the_status_says_so(
    nodes: Nodes, scenarios: Scenarios, tell: Tell
) -> None:
    lost = nodes.all[1:]
    with scenarios.during("two of three nodes are lost, and come back", *lost) as during:
        for node in lost:
            node.kill()
        try:
            wait_until("no quorum", lambda: _has_no_quorum(nodes), seconds=NOTICED_WITHIN, every=1)
            for words in WITHOUT_QUORUM:
                assert NO_QUORUM in refused(nodes, *words)[0]
            status = nodes.status()
            assert nodes.leaders_session(), "no worker leads"
        finally:
            again = time.monotonic()
            with ThreadPoolExecutor() as beside:
                list(beside.map(Node.start, lost))
        during.load.wait_until_served(again, BOOT_SECONDS)
    tell(f"all clients are served {time.monotonic() - again:.0f} s after the start of both")
    assert NO_QUORUM in status["problems"][0]
    assert {row["service"] for row in status["replicas"]} >= {"app", "db", "traefik"}
    judge(during, failed_of_others=(during.row.failed[1], 0))
    assert_kept(during.row)


def _has_no_quorum(nodes: Nodes) -> bool:
    return any(NO_QUORUM in problem for problem in nodes.status()["problems"])
