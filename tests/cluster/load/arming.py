"""The alarm is armed and disarmed all the time, and the history says whether that was right."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from stack.core.polling import wait_until
from tests.support.panel import PIN, Panel

MODE = "home"
EXIT_DELAY = 6
"""Seconds; a fault can begin in the middle of one."""

PAUSE = 0.4
"""Seconds between two questions for the state, and for which the alarm stays disarmed."""

PATIENCE = 5.0
"""Seconds for one answer."""

HISTORY = """SELECT extract(epoch FROM at) || ' ' || from_state || ' ' || to_state
FROM alarm_event WHERE kind = 'transition' AND id > {newest} ORDER BY sequence"""
NEWEST = "SELECT coalesce(max(id), 0) FROM alarm_event"

Sql = Callable[[str], list[str]]
"""Asks the database; returns words."""


@dataclass(frozen=True)
class Judged:
    """The history against what was acknowledged."""

    transitions: int
    """In the history."""
    lost: int
    doubled: int
    latest: float
    """The most seconds by which an exit delay ended late."""

    def told(self) -> str:
        return f"{self.transitions}, {self.lost} lost, {self.doubled} doubled"


class Arming(threading.Thread):
    """Arms, waits for the end of the exit delay, and disarms: again and again, through one node."""

    def __init__(self, panel: Panel, sql: Sql) -> None:
        super().__init__(daemon=True, name="arming")
        self.panel, self.sql = panel, sql
        self.crash: BaseException | None = None
        self.armed = self.disarmed = 0
        """Acknowledged requests."""
        self.unknown = 0
        """Requests whose answer did not come: each may have been carried out."""
        self.arming_since: float | None = None
        """Since when an exit delay runs, in monotonic seconds."""
        self._stop_wanted = threading.Event()
        self._newest = 0

    def prepare(self) -> None:
        """Set the exit delay, and note where the history ends."""
        self.panel.disarm()
        answer = self.panel.ask("PATCH", "/api/settings/", {"exit_delay": {MODE: EXIT_DELAY}})
        assert answer.status_code == 200, answer.text
        self.panel.seconds = PATIENCE
        self._newest = int(self.sql(NEWEST)[0])

    def wait_until_in_delay(self, after: float = 1.0) -> None:
        """Wait for an exit delay that runs for `after` seconds and not much longer."""

        def is_in_it() -> bool:
            since = self.arming_since
            return since is not None and after <= time.monotonic() - since <= after + 1

        wait_until("an exit delay", is_in_it, seconds=120, every=0.05)

    def run(self) -> None:
        try:
            while not self._stop_wanted.is_set():
                self._cycle()
        except BaseException as error:  # a test must not pass because this has ended
            self.crash = error

    def stop(self) -> None:
        """Let the last cycle end."""
        self._stop_wanted.set()
        self.join(180)
        assert not self.is_alive(), "the alarm could not be disarmed"
        if self.crash:
            raise self.crash

    def _cycle(self) -> None:
        if self._ask("/api/alarm/arm/", {"mode": MODE, "force": True}):
            self.armed += 1
        if self._state() == "disarmed":
            return  # it was not carried out
        self.arming_since = time.monotonic()
        over = "the exit delay's end"
        wait_until(over, lambda: self._state() != "arming", seconds=180, every=PAUSE)
        self.arming_since = None
        while self._state() != "disarmed":
            if self._ask("/api/alarm/disarm/", {"pin": PIN}):
                self.disarmed += 1
        self._stop_wanted.wait(PAUSE)

    def _ask(self, path: str, body: dict[str, object]) -> bool:
        """Send a request once; whether it was acknowledged."""
        try:
            answer = self.panel.post(path, body)
        except requests.RequestException:
            self.unknown += 1
            return False
        if answer.status_code >= 500:
            self.unknown += 1
        return answer.status_code == 200

    def _state(self) -> str:
        """The alarm's state, asked until there is an answer."""

        def answered() -> str:
            answer = self.panel.get("/api/alarm/state/")
            answer.raise_for_status()
            return str(answer.json()["state"])

        errors = (requests.RequestException,)
        return wait_until("the state", answered, seconds=180, every=PAUSE, ignoring=errors)

    def judged(self) -> Judged:
        """What the history has, after the end."""
        words = self.sql(HISTORY.format(newest=self._newest))
        rows = list(zip(map(float, words[::3]), words[1::3], words[2::3], strict=True))
        return judge(rows, acknowledged=self.armed + self.disarmed, unknown=self.unknown)


def judge(rows: list[tuple[float, str, str]], *, acknowledged: int, unknown: int) -> Judged:
    """Compare transitions (moment, from, to) with acknowledged requests, each of which made one.

    The others are the timer's: one at the end of each exit delay. A transition that does not begin
    where the one before has ended was made twice, or one is missing. An `unknown` request may have
    been carried out, also late: a disarming then ends an exit delay.
    """
    by_timer = [n for n, (_, old, new) in enumerate(rows) if old == "arming" and new != "disarmed"]
    breaks = sum(later[1] != earlier[2] for earlier, later in itertools.pairwise(rows))
    delays = sum(new == "arming" for _, _, new in rows)
    by_request = len(rows) - len(by_timer)
    latest = max((rows[n][0] - rows[n - 1][0] - EXIT_DELAY for n in by_timer if n), default=0.0)
    return Judged(
        transitions=len(rows),
        lost=max(0, acknowledged - by_request) + max(0, delays - len(by_timer) - unknown),
        doubled=max(0, by_request - acknowledged - unknown) + breaks,
        latest=latest,
    )
