"""The facts of a cluster's database: members, etcd, and the nodes that they belong to."""

from __future__ import annotations

from typing import Any

import pytest

from stack.cluster import ha
from stack.cluster.ha import Node
from stack.core.console import Failure

Etcd = dict[str, bool | None]
ETCD: Etcd = {"etcd1": True, "etcd2": True, "etcd3": True}
PRIMARY = {"state": "running", "role": "primary", "xlog": {"location": 67_109_720}, "timeline": 3}
STANDBY = {
    "state": "running",
    "role": "replica",
    "xlog": {"received_location": 67_109_000, "replayed_location": 67_000_000},
    "timeline": 3,
    "quorum_standby": True,
}


def database(first: Any, second: Any, third: Any, etcd: Etcd = ETCD) -> ha.Database:
    answers = dict(zip(ha.MEMBERS, (first, second, third), strict=True))
    return ha.parsed({"members": answers, "etcd": etcd})


def test_a_healthy_database_has_no_problem() -> None:
    found = database(STANDBY, PRIMARY, STANDBY)
    assert ha.problems(found) == []
    assert [member.role for member in found.members] == ["replica", "primary", "replica"]
    assert [found.lag(member) for member in found.members] == [720, 0, 720]
    assert {member.timeline for member in found.members} == {3}


def test_a_lost_primary_is_told_first() -> None:
    waiting = {**STANDBY, "quorum_standby": None}
    lost = database(None, waiting, waiting)
    assert ha.problems(lost) == [
        "The database has no primary: nothing can be written.",
        "postgres1 does not answer.",
    ]
    assert [lost.lag(member) for member in lost.members] == [None, None, None]


def test_two_primaries_are_told() -> None:
    first, *_ = ha.problems(database(PRIMARY, PRIMARY, STANDBY))
    assert first.startswith("postgres1 and postgres2 call themselves the primary")


def test_a_lost_quorum_is_told_also_while_the_primary_goes_on() -> None:
    alone: Etcd = {"etcd1": None, "etcd2": False, "etcd3": None}
    found = database({**PRIMARY, "failsafe_mode_is_active": True}, STANDBY, STANDBY, alone)
    assert found.primaries[0].is_on_its_own
    assert ha.problems(found) == [
        "etcd has no quorum: no other member can become the primary.",
        "etcd1 does not answer.",
        "etcd3 does not answer.",
    ]


def test_one_etcd_less_keeps_the_quorum() -> None:
    found = database(PRIMARY, STANDBY, STANDBY, {**ETCD, "etcd2": None})
    assert found.has_quorum
    assert ha.problems(found) == ["etcd2 does not answer."]


def test_who_is_behind_and_who_has_not_started_is_told() -> None:
    behind = {**STANDBY, "xlog": {"received_location": 17_109_720}}
    found = database(PRIMARY, behind, {**STANDBY, "state": "starting"})
    assert ha.problems(found) == ["postgres2 is behind by 47 MiB.", "postgres3 is starting."]


def test_a_primary_without_a_standby_is_told() -> None:
    *_, last = ha.problems(database(PRIMARY, None, None))
    assert last == "No standby has the newest commits: without the primary, nothing is written."


def test_the_primary_is_replaced_last() -> None:
    order = ha.update_order(database(PRIMARY, STANDBY, None))
    assert order == ["etcd1", "etcd2", "etcd3", "postgres2", "postgres3", "postgres1"]


def node(number: int, label: str = "", *, is_ready: bool = True) -> Node:
    return Node(f"id{number}", f"node{number}", {ha.LABEL: label} if label else {}, is_ready)


def test_three_nodes_get_the_three_numbers() -> None:
    assert ha.labels([node(1), node(2), node(3), node(4)]) == {"id1": "1", "id2": "2", "id3": "3"}


def test_a_node_keeps_its_number_also_while_it_is_away() -> None:
    nodes = [node(1), node(2, "1", is_ready=False), node(3), node(4, "3")]
    assert ha.labels(nodes) == {"id1": "2"}
    assert ha.labels([node(1, "2"), node(2, "1"), node(3, "3")]) == {}


def test_two_nodes_are_too_few() -> None:
    with pytest.raises(Failure, match="needs 3 nodes that are ready; there are 2"):
        ha.labels([node(1), node(2), node(3, is_ready=False)])


def test_a_number_that_two_nodes_have_is_refused() -> None:
    with pytest.raises(Failure, match="Two nodes have the data of number 2: node1, node3"):
        ha.labels([node(1, "2"), node(2), node(3, "2")])
