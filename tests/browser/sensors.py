"""Sensors for the tests of the alarm, which report with their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.panel import Panel


@dataclass
class Sensor:
    """A sensor as a device on the network is one."""

    panel: Panel
    name: str
    id: int
    token: str

    def report(self, active: bool, **more: bool) -> None:
        """Report, and with it `battery_low` or `tamper`."""
        answer = self.panel.anonymous().http.post(
            f"{self.panel.url}/api/sensors/{self.id}/events/",
            json={"active": active, **more},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )
        assert answer.status_code == 202, answer.text


@contextmanager
def added_sensor(panel: Panel, name: str, **fields: Any) -> Iterator[Sensor]:
    """A quiet sensor, which is removed afterwards; `fields` are those of the API."""
    made = panel.post("/api/sensors/", {"name": name, **fields}).json()
    sensor = Sensor(panel, made["name"], made["id"], made["token"])
    sensor.report(False)
    yield sensor
    panel.disarm()
    panel.ask("DELETE", f"/api/sensors/{sensor.id}/")


@contextmanager
def added_door(panel: Panel, name: str, **fields: Any) -> Iterator[Sensor]:
    """A closed door with an entry delay."""
    body = {"kind": "door", "modes": ["away"], "type": "entry_exit", **fields}
    with added_sensor(panel, name, **body) as sensor:
        yield sensor
