"""The judges of tests/cluster/load: what they call lost, doubled, late and waited for."""

from __future__ import annotations

import pytest

from tests.cluster.load.arming import EXIT_DELAY, judge
from tests.cluster.load.table import COLUMNS, Row, Table
from tests.faults.observations import Answer, Observations

CYCLE = [
    (100.0, "disarmed", "arming"),
    (100.2 + EXIT_DELAY, "arming", "armed_home"),
    (110.0, "armed_home", "disarmed"),
]


def test_a_history_as_acknowledged_is_right() -> None:
    judged = judge(CYCLE, acknowledged=2, unknown=0)
    assert (judged.transitions, judged.lost, judged.doubled) == (3, 0, 0)
    assert judged.latest == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("rows", "acknowledged", "unknown", "lost", "doubled"),
    [
        pytest.param(CYCLE, 3, 0, 1, 0, id="an acknowledged one is missing"),
        pytest.param(CYCLE, 1, 0, 0, 1, id="one that was not asked for"),
        pytest.param(CYCLE, 1, 1, 0, 0, id="one whose answer was lost"),
        pytest.param([CYCLE[0], CYCLE[2]], 2, 0, 1, 1, id="a delay without its end"),
        pytest.param([*CYCLE[:2], *CYCLE[1:]], 2, 0, 0, 1, id="a delay that ended twice"),
        pytest.param(
            [CYCLE[0], (103.0, "arming", "disarmed")], 1, 1, 0, 0, id="a late disarming in a delay"
        ),
    ],
)
def test_what_is_lost_or_doubled(
    rows: list[tuple[float, str, str]], acknowledged: int, unknown: int, lost: int, doubled: int
) -> None:
    judged = judge(rows, acknowledged=acknowledged, unknown=unknown)
    assert (judged.lost, judged.doubled) == (lost, doubled)


def test_a_wait_counts_from_the_first_attempt_to_the_good_answer() -> None:
    seen = Observations(
        [
            Answer("200", True, at=10.0, seconds=0.5),
            Answer("timeout", False, at=15.0, seconds=3.0),
            Answer("200", True, at=17.0, seconds=1.0),
            Answer("200", True, at=20.0, seconds=2.0),
        ]
    )
    assert seen.longest_wait() == pytest.approx(5.0)
    seen.answers.append(Answer("timeout", False, at=40.0, seconds=15.0))
    assert seen.longest_wait() == pytest.approx(15.0)


def test_the_table_is_markdown() -> None:
    table = Table()
    table.rows.append(Row("a node is lost", failed=(3, 1), wait=(9.0, 2.5), is_split=True))
    lines = table.markdown().splitlines()
    assert {line.count("|") for line in lines} == {len(COLUMNS) + 1}
    assert "| 3 / 1 | 9.0 / 2.5; roaming 0.0 |" in lines[2]
