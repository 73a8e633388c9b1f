"""One row for each scenario: a Markdown table at the end of the run, and in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from stack.config.modes import ROOT
from tests.cluster.load.arming import Judged
from tests.cluster.load.load import Load, Outage
from tests.faults.clients import Client

FILE = ROOT / ".engines" / "cluster-load.md"

COLUMNS = (
    *("scenario", "requests (a second)", "failed", "longest wait of a client"),
    *("sockets lost", "back after"),
    *("acknowledged, missing", "alarm transitions", "timer late by", "leads", "goal"),
)

NOTE = """\
Seconds. The longest wait is from a request until a good answer, over all its attempts. Where a node
is affected, a cell has two parts: its own clients / those of the other nodes; "roaming" are clients
that know the addresses of all nodes. "Back after" is from a socket's last message to its next
snapshot."""


@dataclass
class Row:
    """What one scenario did to the clients."""

    scenario: str
    requests: int = 0
    rate: float = 0.0
    failed: tuple[int, int] = (0, 0)
    """Of the clients of the affected nodes, and of the others."""
    failures: Counter[str] = field(default_factory=Counter)
    """What the other nodes' clients got."""
    wait: tuple[float, float] = (0.0, 0.0)
    roaming: float = 0.0
    lost: tuple[int, int] = (0, 0)
    back: tuple[float, float] = (0.0, 0.0)
    reasons: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    missing: int = 0
    judged: Judged | None = None
    leads: str = ""
    goal: str = ""
    is_split: bool = False
    """Whether a node is affected more than others."""

    @property
    def late(self) -> float:
        """The most seconds by which an exit delay ended late."""
        return self.judged.latest if self.judged else 0.0

    def cells(self) -> list[str]:
        waits = self._pair(*(f"{seconds:.1f}" for seconds in self.wait))
        return [
            self.scenario,
            f"{self.requests} ({self.rate:.0f})",
            self._pair(*map(str, self.failed)) + _listed(self.failures),
            waits + (f"; roaming {self.roaming:.1f}" if self.is_split else ""),
            self._pair(*map(str, self.lost)) + _listed(self.reasons),
            self._pair(*(f"{seconds:.1f}" for seconds in self.back)),
            f"{self.acknowledged}, {self.missing}",
            self.judged.told() if self.judged else "",
            f"{self.late:.1f}",
            self.leads,
            self.goal,
        ]

    def _pair(self, own: str, others: str) -> str:
        return f"{own} / {others}" if self.is_split else others


def _listed(counted: Counter[str]) -> str:
    words = ", ".join(f"{n} × {what}" for what, n in counted.most_common(4))
    return f" ({words})" if words else ""


def measured(row: Row, load: Load, found: set[str], hit: Collection[int]) -> None:
    """Fill the row of a load that has ended.

    `found` are the reports that the database has, `hit` the numbers of the affected nodes.
    """
    own = [client for n, some in enumerate(load.clients) if n in hit for client in some]
    others = [client for n, some in enumerate(load.clients) if n not in hit for client in some]
    lost = [one for one in load.outages if one.home in hit]
    lost_elsewhere = [one for one in load.outages if one.home not in hit]
    row.is_split = bool(hit)
    row.requests = load.answers()
    row.rate = row.requests / (load.ended_at - load.began_at)
    row.failed = (_failed(own), _failed(others))
    row.failures = Counter(a.what for c in others for a in c.observed.failures())
    row.wait = (_wait(own), _wait(others))
    row.roaming = _wait(load.roaming)
    row.lost = (len(lost), len(lost_elsewhere))
    row.reasons = Counter(one.what for one in load.outages)
    row.back = (_longest(lost), _longest(lost_elsewhere))
    row.acknowledged = len(load.acknowledged())
    row.missing = len(load.acknowledged() - found)
    row.judged = load.judged


def _longest(outages: Iterable[Outage]) -> float:
    return max((one.seconds for one in outages), default=0.0)


def _failed(clients: list[Client]) -> int:
    return sum(len(client.observed.failures()) for client in clients)


def _wait(clients: list[Client]) -> float:
    return max((client.observed.longest_wait() for client in clients), default=0.0)


class Table:
    """The rows of one session of tests."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def markdown(self) -> str:
        lines = [list(COLUMNS), ["---"] * len(COLUMNS), *(row.cells() for row in self.rows)]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def write(self, path: Path = FILE) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{NOTE}\n\n{self.markdown()}\n", encoding="utf-8")
