"""From one machine to a cluster of three nodes."""

from __future__ import annotations

import time

import pytest

from stack.compose.address import Address
from tests.cluster import nodes as nodes_
from tests.cluster.conftest import Joined, Tell
from tests.cluster.nodes import NAMES, Nodes
from tests.faults.load import Sensors
from tests.support.panel import Panel


def test_one_machine_becomes_a_cluster_that_serves(
    nodes: Nodes, begun: tuple[str, float], tell: Tell
) -> None:
    said, seconds = begun
    tell(f"{seconds:.0f} s")
    assert "✓ All as asked: app 2/2" in said
    assert Panel(Address.from_url(nodes.first.url)).page().status_code == 200


def test_an_old_line_is_refused_in_two_lines(refused: list[str]) -> None:
    assert [line[:4] for line in refused[-2:]] == ["✗ Th", "  → "]
    assert refused[-2] == "✗ This machine did not join; the reason is above."
    assert "inv cluster.join" in refused[-1]


def test_two_machines_join_by_one_line_each(joined: Joined, tell: Tell) -> None:
    tell(f"{joined.seconds:.0f} s until both nodes serve")
    assert joined.roles == [("node1", "leader"), ("node2", "manager"), ("node3", "worker")]


def test_three_replicas_are_one_on_each_node(spread: dict[str, int]) -> None:
    assert spread == dict.fromkeys(NAMES, 1)


@pytest.mark.parametrize("number", range(3))
def test_each_node_answers_at_its_port(panels: list[Panel], number: int) -> None:
    panel = panels[number]
    assert "<html" in panel.page().text
    assert panel.state() == "disarmed"
    assert panel.socket().wait_for("snapshot")["alarm"]["state"] == "disarmed"


def test_what_one_node_acknowledges_another_one_shows(
    panels: list[Panel], sensors: Sensors, tell: Tell
) -> None:
    socket = panels[2].socket()
    socket.wait_for("snapshot")
    number, token = sensors[0]
    anonymous = panels[0].anonymous()
    began = time.monotonic()
    answer = anonymous.http.post(
        f"{anonymous.url}/api/sensors/{number}/events/",
        json={"active": True, "event_id": "seen-elsewhere"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 202, answer.text
    socket.first(lambda message: message["type"] == "change", "change")
    tell(f"another node's WebSocket had it {time.monotonic() - began:.2f} s after it was sent")
    (there,) = [s for s in panels[1].get("/api/sensors/").json() if s["id"] == number]
    assert there["active"] is True


def test_the_status_names_nodes_replicas_and_the_leader(
    nodes: Nodes, spread: dict[str, int]
) -> None:
    status = nodes.wait_until_whole()
    assert [node["name"] for node in status["nodes"]] == list(NAMES)
    assert [node["address"] for node in status["nodes"]] == [n.address for n in nodes.all]
    assert status["services"]["app"] == "3/3"
    assert {row["node"] for row in status["replicas"] if row["service"] == "app"} == {*NAMES}
    assert nodes_.leader(status) in NAMES
    assert sum(row["leads"] for row in status["replicas"]) == 1
