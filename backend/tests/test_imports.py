"""The import of discovered sensors, without a broker."""

import json

import pytest

from alarm.models import Sensor
from integrations.models import DiscoveredSensor
from integrations.mqtt import imports
from integrations.mqtt.candidates import parse
from tests.actions import make_sensor
from tests.test_candidates import DOOR, TOPIC, TOPICS

pytestmark = pytest.mark.django_db(transaction=True)
IMPORT = "integrations/mqtt/discovered/import/"


def discover(topic: str = TOPIC, **changes) -> DiscoveredSensor:
    [(key, data)] = parse(TOPICS, topic, json.dumps(DOOR | changes).encode()).items()
    return DiscoveredSensor.objects.create(key=key, data=data)


def test_a_name_that_is_taken_at_the_same_moment_is_refused(login, admin, monkeypatch):
    row = discover()
    monkeypatch.setattr(imports, "_free", lambda name: make_sensor(name).name)
    answer = login(admin).ask("POST", IMPORT, {"sensors": [{"id": row.pk}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_import")
    assert answer.json()["detail"] == "Another sensor is called Front door already."
    assert not Sensor.objects.exists()


def test_a_sensor_whose_announcement_names_nothing_has_its_class_as_name(login, admin):
    row = discover("homeassistant/binary_sensor//config", device={}, name="")
    answer = login(admin).ask("POST", IMPORT, {"sensors": [{"id": row.pk}]})
    assert [sensor["name"] for sensor in answer.json()] == ["door"]
