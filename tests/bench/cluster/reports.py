"""Sensors that report to one replica, one report after the other."""

from __future__ import annotations

import http.client
import itertools
import json
from dataclasses import dataclass

from tests.support.panel import Panel

SENSORS = 24
"""Each may report 30 times in 10 s (REPORTS_IN_WINDOW in backend/alarm/sensor_reports.py)."""


@dataclass
class Sensors:
    """Doors, with their tokens, and whether each is open."""

    tokens: dict[int, str]
    is_open: dict[int, bool]

    @classmethod
    def make(cls, panel: Panel) -> Sensors:
        """Doors that have reported once: closed."""
        made = cls({}, {})
        for number in range(SENSORS):
            answer = panel.post("/api/sensors/", {"name": f"Door {number}", "kind": "door"})
            assert answer.status_code == 201, answer.text
            made.tokens[answer.json()["id"]] = answer.json()["token"]
        made.is_open = dict.fromkeys(made.tokens, False)
        made.report(panel, SENSORS)
        return made

    def report(self, panel: Panel, count: int, *, moves: bool = False) -> int:
        """Report through a replica, and wait for each answer; the last change's number.

        A sensor says that it is as it was, which is one change, or with `moves` the opposite.
        """
        sequence = 0
        connection = http.client.HTTPConnection(panel.address.host, panel.address.port, timeout=30)
        for sensor, token in itertools.islice(itertools.cycle(self.tokens.items()), count):
            self.is_open[sensor] ^= moves
            body = json.dumps({"active": self.is_open[sensor]})
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", f"/api/sensors/{sensor}/events/", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 202, text
            sequence = int(json.loads(text)["sequence"])
        connection.close()
        return sequence
