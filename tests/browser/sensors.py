"""A door's contact for the tests of the alarm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.panel import Panel


@dataclass
class Sensor:
    """A door's contact, which reports with its token."""

    panel: Panel
    name: str
    id: int
    token: str

    def report(self, active: bool) -> None:
        answer = self.panel.anonymous().http.post(
            f"{self.panel.url}/api/sensors/{self.id}/events/",
            json={"active": active},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )
        assert answer.status_code == 202, answer.text


@contextmanager
def added_door(panel: Panel, name: str) -> Iterator[Sensor]:
    """A closed door with an entry delay, which is removed afterwards."""
    body = {"name": name, "kind": "door", "modes": ["away"], "type": "entry_exit"}
    made = panel.post("/api/sensors/", body).json()
    sensor = Sensor(panel, made["name"], made["id"], made["token"])
    sensor.report(False)
    yield sensor
    panel.disarm()
    panel.ask("DELETE", f"/api/sensors/{sensor.id}/")
