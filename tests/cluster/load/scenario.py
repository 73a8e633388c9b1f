"""The load around one fault, and its row in the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cluster.load.load import Load, Size, under_load
from tests.cluster.load.table import Row, Table, measured
from tests.cluster.nodes import Node, Nodes
from tests.faults.load import Sensors
from tests.support.panel import Panel


@dataclass
class Scenario:
    """One fault: the load while it lasts, and what it did to the clients afterwards."""

    load: Load
    row: Row


@dataclass(frozen=True)
class Scenarios:
    """Makes the load for the cluster, and keeps the rows."""

    nodes: Nodes
    panels: list[Panel]
    sensors: Sensors
    table: Table
    size: Size

    @contextmanager
    def during(self, name: str, *affected: Node, arms: bool = True) -> Iterator[Scenario]:
        """The block causes the fault, and waits for its end. `affected` are the nodes it hits.

        The alarm is armed through a node that is not among them, where there is one; unless the
        block does that itself (`arms`).
        """
        hit = [self.nodes.all.index(node) for node in affected]
        armed_by = next((n for n in range(len(self.panels)) if n not in hit), 0)
        row = Row(name, goal="not reached")
        self.table.rows.append(row)
        made: Scenario | None = None
        try:
            clients = (self.size, self.panels, self.sensors)
            with under_load(*clients, self.nodes.sql, armed_by, arms=arms) as load:
                made = Scenario(load, row)
                yield made
        finally:
            if made:
                measured(row, made.load, self.nodes.reports(), hit)
            self.table.write()


def judge(scenario: Scenario, **figures: tuple[float, float]) -> list[str]:
    """Write into the row whether each figure (seconds or a number, and the goal) is met.

    Returns what is missed.
    """
    missed = [
        f"{name.replace('_', ' ')} {found:.3g}, not {goal:g}"
        for name, (found, goal) in figures.items()
        if found > goal
    ]
    met = "met" if figures else "none"
    scenario.row.goal = f"missed: {'; '.join(missed)}" if missed else met
    return missed


def assert_none_missing(row: Row) -> None:
    """Nothing that was acknowledged is missing."""
    assert row.acknowledged
    assert not row.missing


def assert_kept(row: Row) -> None:
    """Nothing that was acknowledged is missing, and the alarm did each step once."""
    assert_none_missing(row)
    assert row.judged
    assert row.judged.transitions
    assert not row.judged.lost, row.judged
    assert not row.judged.doubled, row.judged
