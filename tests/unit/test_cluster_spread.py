"""How replicas are spread over the nodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stack.cluster import converge, service, spread
from stack.core.console import Failure


@pytest.mark.parametrize(
    ("placed", "number", "more"),
    [
        ((3,), 3, 0),
        ((2, 1, 0), 3, 1),  # two nodes have joined, and app=3
        ((3, 0, 0), 3, 2),
        ((2, 0, 0), 2, 1),
        ((2, 2, 0), 4, 1),
        ((2, 1, 1), 4, 0),
        ((1, 1, 1), 3, 0),
        ((0, 1, 2), 3, 1),
        ((5, 5, 0), 10, 3),
        ((), 2, 0),
    ],
)
def test_replicas_that_are_too_many_where_they_are(
    placed: tuple[int, ...], number: int, more: int
) -> None:
    assert spread.surplus(placed, number) == more


def replica(node: str, state: str = "running", wanted: str = "running") -> Any:
    return SimpleNamespace(node=node, state=state, wanted=wanted)


class Swarm:
    """A cluster with these replicas, on nodes of which the last one is drained."""

    def __init__(self, *replicas: Any) -> None:
        self.found = replicas

    def replicas(self, name: str) -> tuple[Any, ...]:
        return self.found

    def nodes(self) -> list[Any]:
        return [SimpleNamespace(id=name, takes_replicas=name != "n4") for name in NAMES]


NAMES = ("n1", "n2", "n3", "n4")
PLACED = (
    *(replica("n1"), replica("n1"), replica("n2")),
    *(replica("n3", wanted="shutdown"), replica("n3", state="preparing")),
)


def test_only_replicas_that_stay_are_counted_and_nodes_that_take_some() -> None:
    assert spread.counts(Swarm(*PLACED)) == [2, 1, 0]  # type: ignore[arg-type]  # a stand-in


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of replicas that Swarm is asked for."""
    numbers: list[int] = []
    monkeypatch.setattr(service, "set_number", lambda cluster, number: numbers.append(number))
    monkeypatch.setattr(converge, "wait", lambda cluster, **options: None)
    return numbers


def test_as_many_are_started_elsewhere_as_are_stopped(asked: list[int]) -> None:
    spread.spread(Swarm(*PLACED), 3)  # type: ignore[arg-type]  # a stand-in
    assert asked == [4, 3]


def test_nothing_is_asked_where_they_are_spread(asked: list[int]) -> None:
    spread.spread(Swarm(*map(replica, NAMES[:3])), 3)  # type: ignore[arg-type]  # a stand-in
    assert asked == []


def test_without_room_they_stay_where_they_are(
    asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(cluster: object, **options: object) -> None:
        if asked[-1] == 4:
            raise Failure("No node has memory left for a replica of app.", "…")

    monkeypatch.setattr(converge, "wait", wait)
    spread.spread(Swarm(*PLACED), 3)  # type: ignore[arg-type]  # a stand-in
    assert asked == [4, 3]
