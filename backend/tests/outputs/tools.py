"""Helpers of the tests of outputs."""

from alarm.models import Event, Sensor
from outputs import management
from outputs.models import Output
from tests.actions import ANNA, armed, hear, make_sensor
from tests.conftest import until
from tests.outputs.relay import Relay


def make_siren(relay: Relay, name: str = "Siren", **fields) -> Output:
    """Make a webhook that switches this relay, for alarms of every kind."""
    return management.create(ANNA, **{"name": name, "kind": "webhook", **relay.urls(), **fields})


def has_reported(output: Output, reported: str, error: str = "") -> None:
    """Wait until an output has reported this, and has this fault."""

    def reached() -> bool:
        now = Output.objects.get(pk=output.pk)
        return (now.reported, now.error) == (reported, error)

    until(reached, what=f"{reported} {error}")


def details(kind: str) -> list[str]:
    """Return the details of all events of a kind, oldest first."""
    found = Event.objects.filter(kind=kind).order_by("pk")
    return list(found.values_list("detail", flat=True))


def set_off(kind: str = "window") -> Sensor:
    """Arm, and open a sensor that sounds the siren at once; return the sensor."""
    sensor = make_sensor("Sensor", kind)
    armed()
    hear(sensor)
    return sensor
